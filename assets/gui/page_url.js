/** The form's state in the page's own URL, to share and to reload: `/gui/?prompt=…&size=…`. */
import { PARAMETERS, query } from "../shared/links.js";

/** Longer states go behind `#`, which no server sees. */
const MAX_QUERY = 6000;

/** @returns {Record<string, string>} */
export function readPageUrl() {
  const given = new URLSearchParams(location.search.length > 1 ? location.search : location.hash.slice(1));
  const pairs = PARAMETERS.map((name) => [name, given.get(name)]).filter(([, value]) => value);
  return Object.fromEntries(pairs);
}

/** @param {Record<string, string>} parameters */
export function writePageUrl(parameters) {
  const state = parameters.prompt ? query(parameters) : "";
  const mark = state && (state.length > MAX_QUERY ? "#" : "?");
  const url = location.pathname + mark + state;
  if (url !== location.pathname + location.search + location.hash) history.replaceState(null, "", url);
}

let timer = 0;

/** The same, when the typing pauses: browsers ration how often a page may do this. @param {() => Record<string, string>} read */
export function writePageUrlSoon(read) {
  clearTimeout(timer);
  timer = setTimeout(() => writePageUrl(read()), 400);
}

/** Writes it now, and lets no delayed write undo that. @param {Record<string, string>} parameters */
export function writePageUrlNow(parameters) {
  clearTimeout(timer);
  writePageUrl(parameters);
}
