/** The owner's token: kept for this tab, or in this browser where that was asked for. */

/** Not the form page's name: a friend's token that is kept there is no owner's. */
const NAME = "flux.owner-token";

/** Stands in where storage is blocked: the token lasts as long as the page. @type {string | null} */
let held = null;

/** @returns {string | null} */
export function ownerToken() {
  return held ?? read(() => sessionStorage) ?? read(() => localStorage);
}

/** @param {string} token @param {boolean} isRemembered true: it outlives this tab */
export function keepToken(token, isRemembered) {
  forgetToken();
  try {
    (isRemembered ? localStorage : sessionStorage).setItem(NAME, token);
  } catch {
    held = token;
  }
}

export function forgetToken() {
  held = null;
  for (const storage of [() => sessionStorage, () => localStorage]) {
    try {
      storage().removeItem(NAME);
    } catch {
      // Blocked: then it holds nothing.
    }
  }
}

/** A header takes visible ASCII only. @param {string} text */
export const isToken = (text) => /^[\x21-\x7e]+$/.test(text);

/** @param {() => Storage} storage @returns {string | null} */
function read(storage) {
  try {
    const token = storage().getItem(NAME);
    return token && isToken(token) ? token : null;
  } catch {
    return null;
  }
}
