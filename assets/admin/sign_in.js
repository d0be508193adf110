/** The question for the owner's token. */
import { byId, inputById } from "../shared/dom.js";
import { clearText, setText } from "../shared/language.js";
import { isToken, keepToken } from "./owner_token.js";

/** @param {() => Promise<void>} enter called with a token kept */
export function startSignIn(enter) {
  byId("sign-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = inputById("token");
    const token = field.value.trim();
    if (!isToken(token)) return askForToken(token ? "token-odd" : "token-missing");
    keepToken(token, inputById("remember").checked);
    setBusy(true);
    await enter();
    setBusy(false);
  });
}

/** Asks, and says why again. @param {string} [reason] the sentence */
export function askForToken(reason) {
  const field = inputById("token");
  byId("sign-in").hidden = false;
  if (reason) setText(byId("sign-in-problem"), reason);
  else clearText(byId("sign-in-problem"));
  field.setAttribute("aria-invalid", String(Boolean(reason)));
  field.focus();
}

export function hideSignIn() {
  byId("sign-in").hidden = true;
  clearText(byId("sign-in-problem"));
  inputById("token").value = "";
}

/** @param {boolean} isBusy */
function setBusy(isBusy) {
  byId("sign-in").setAttribute("aria-busy", String(isBusy));
  /** @type {HTMLButtonElement} */ (byId("sign-in-button")).disabled = isBusy;
}
