/** The pictures this browser asked for: links and parameters, no bytes; the newest first. */
import { query } from "../shared/links.js";
import { load, onOtherTab, save } from "../shared/store.js";

const KEY = "history.v1";
const MAX_ENTRIES = 50;

/**
 * @typedef {object} Entry
 * @property {Record<string, string>} parameters what was asked for
 * @property {string | null} permalink the path it is stored at, if it is
 * @property {string | null} seed the seed it was drawn with
 * @property {number} at when, in milliseconds
 */

/** @param {Entry} entry */
export const keyOf = (entry) => entry.permalink || query(entry.parameters);

/** @returns {Entry[]} */
export function entries() {
  const saved = load(KEY);
  return Array.isArray(saved) ? saved.filter((entry) => entry?.parameters?.prompt) : [];
}

/** Puts an entry first, in place of an older one of the same picture. @param {Entry} entry */
export function addEntry(entry) {
  write([entry, ...entries().filter((other) => keyOf(other) !== keyOf(entry))].slice(0, MAX_ENTRIES));
}

/** @param {string} key */
export const removeEntry = (key) => write(entries().filter((entry) => keyOf(entry) !== key));

export const clearHistory = () => write([]);

/** @param {() => void} changed called after each change, in another tab too */
export function onHistory(changed) {
  addEventListener("historychanged", changed);
  onOtherTab(KEY, changed);
}

/** @param {Entry[]} list */
function write(list) {
  save(KEY, list);
  dispatchEvent(new Event("historychanged"));
}
