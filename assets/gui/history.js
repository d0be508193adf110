/** The pictures this browser asked for: links and parameters, no bytes; the newest first. */
import { PARAMETERS, query } from "../shared/links.js";
import { load, onOtherTab, save } from "../shared/store.js";

const KEY = "history.v1";

/** How many are kept, pinned ones aside, which are kept until they are deleted. */
export const MAX_ENTRIES = 200;

/** How many pinned ones are read: more is no history of this page. */
const MAX_PINNED = 1000;

/** What of a file or a store is believed, in characters. */
const MAX_TEXT = 4000;

/**
 * @typedef {object} Entry
 * @property {Record<string, string>} parameters what was asked for
 * @property {string | null} permalink the path it is stored at, if it is
 * @property {string | null} seed the seed it was drawn with
 * @property {number} at when, in milliseconds
 * @property {boolean} [pinned]
 */

/** @param {Entry} entry */
export const keyOf = (entry) => entry.permalink || query(entry.parameters);

/** @returns {Entry[]} */
export const entries = () => checked(load(KEY));

/**
 * The entries among what a store or a file holds, each as this page would have written it.
 * @param {unknown} list
 * @returns {Entry[]}
 */
export function checked(list) {
  if (!Array.isArray(list)) return [];
  const seen = new Set();
  /** @type {Entry[]} */
  const found = [];
  for (const one of list) {
    const entry = checkedEntry(one);
    if (!entry || seen.has(keyOf(entry))) continue;
    seen.add(keyOf(entry));
    found.push(entry);
  }
  return found;
}

/** @param {any} one @returns {Entry | null} */
function checkedEntry(one) {
  if (!one || typeof one !== "object" || !one.parameters || typeof one.parameters !== "object") return null;
  /** @type {Record<string, string>} */
  const parameters = {};
  for (const name of PARAMETERS) {
    const value = one.parameters[name];
    if (typeof value === "string" && value && value.length <= MAX_TEXT) parameters[name] = value;
  }
  if (!parameters.prompt?.trim()) return null;
  // A path of this service and nothing else: a file may come from anyone.
  const isPath = typeof one.permalink === "string" && /^\/i\/[\w-]{8,100}(\.\w{1,5})?$/.test(one.permalink);
  return {
    parameters,
    permalink: isPath ? one.permalink : null,
    seed: typeof one.seed === "string" && /^\d{1,10}$/.test(one.seed) ? one.seed : null,
    at: Number.isFinite(one.at) ? Number(one.at) : 0,
    ...(one.pinned === true ? { pinned: true } : {}),
  };
}

/** Puts an entry first, in place of an older one of the same picture. @param {Entry} entry */
export function addEntry(entry) {
  const list = entries();
  const pinned = list.some((other) => other.pinned && keyOf(other) === keyOf(entry));
  write([pinned ? { ...entry, pinned } : entry, ...list.filter((other) => keyOf(other) !== keyOf(entry))]);
}

/** @param {string[]} keys */
export const removeEntries = (keys) => write(entries().filter((entry) => !keys.includes(keyOf(entry))));

/** @param {string} key */
export const togglePinned = (key) =>
  write(
    entries().map(({ pinned, ...entry }) => {
      return keyOf(entry) === key
        ? { ...entry, ...(pinned ? {} : { pinned: true }) }
        : { ...entry, ...(pinned && { pinned }) };
    }),
  );

/** Brings back what was deleted. @param {Entry[]} list as it was before; what came since stands before it */
export function restore(list) {
  const keys = new Set(list.map(keyOf));
  write([...entries().filter((entry) => !keys.has(keyOf(entry))), ...list]);
}

/**
 * Adds the entries of a file. @param {unknown} file as parsed
 * @returns {number | null} how many were new; null where the file holds no history
 */
export function importEntries(file) {
  const list = checked(Array.isArray(file) ? file : /** @type {any} */ (file)?.pictures);
  if (!list.length) return null;
  const before = new Set(entries().map(keyOf));
  write(merged(entries(), list));
  return list.filter((entry) => !before.has(keyOf(entry))).length;
}

/** The history as a file's text. */
export const exportText = () =>
  JSON.stringify({ format: "free-flux-history", version: 1, pictures: entries() }, null, 1);

/**
 * Those whose prompt has all of the words.
 * @param {Entry[]} list
 * @param {string} words
 */
export function search(list, words) {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  return list.filter(({ parameters, seed }) => {
    const text = fold(`${parameters.prompt} ${seed ?? ""} ${parameters.model ?? ""}`);
    return wanted.every((word) => text.includes(word));
  });
}

/** @param {string} text */
const fold = (text) => text.normalize("NFKC").toLowerCase();

/** Both lists, the newest first. @param {Entry[]} list @param {Entry[]} more */
function merged(list, more) {
  const keys = new Set(list.map(keyOf));
  return [...list, ...more.filter((entry) => !keys.has(keyOf(entry)))].sort((a, b) => b.at - a.at);
}

/** @param {() => void} changed called after each change, in another tab too */
export function onHistory(changed) {
  addEventListener("historychanged", changed);
  onOtherTab(KEY, changed);
}

/** @param {Entry[]} list */
function write(list) {
  let others = 0;
  let pinned = 0;
  const kept = list.filter((entry) => {
    if (entry.pinned) return (pinned += 1) <= MAX_PINNED;
    return (others += 1) <= MAX_ENTRIES;
  });
  save(KEY, kept);
  dispatchEvent(new Event("historychanged"));
}
