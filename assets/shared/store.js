/** The storage of this browser. Where storage is blocked or full, things last as long as the page. */

const memory = new Map();

/** @param {string} key @returns {any} the value last saved, or null */
export function load(key) {
  if (memory.has(key)) return memory.get(key);
  try {
    return JSON.parse(localStorage.getItem(`flux.${key}`) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} key @param {unknown} value null removes it @returns {boolean} true if it will survive a reload */
export function save(key, value) {
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
