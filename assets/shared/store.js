/** What this browser keeps. Where storage is blocked or full, things last as long as the page. */

const memory = new Map();

/** @param {string} key @returns {any} the value last kept, or null */
export function recall(key) {
  if (memory.has(key)) return memory.get(key);
  try {
    return JSON.parse(localStorage.getItem(`flux.${key}`));
  } catch {
    return null;
  }
}

/** @param {string} key @param {any} value null forgets it @returns {boolean} whether it will survive a reload */
export function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(`flux.${key}`);
    else localStorage.setItem(`flux.${key}`, JSON.stringify(value));
    memory.delete(key);
    return true;
  } catch {
    memory.set(key, value);
    return false;
  }
}

/** Calls back when another tab changes `key`. @param {string} key @param {() => void} changed */
export function onOtherTab(key, changed) {
  addEventListener("storage", (event) => {
    if (event.key === `flux.${key}` || event.key === null) changed();
  });
}
