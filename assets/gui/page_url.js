/**
 * The form's state in the page's own URL, to share and to reload: `/gui/?prompt=…&size=…`, and `&id=…` once there is a
 * stored picture of it.
 */
import { encode, PARAMETERS, query } from "../shared/links.js";

/** Longer states go behind `#`, which no server sees. */
const MAX_QUERY = 6000;

let timer = 0;

/** @returns {{parameters: Record<string, string>, id: string | null}} */
export function readPageUrl() {
  const given = new URLSearchParams(location.search.length > 1 ? location.search : location.hash.slice(1));
  const pairs = PARAMETERS.map((name) => [name, given.get(name)]).filter(([, value]) => value);
  const id = given.get("id") ?? "";
  return { parameters: Object.fromEntries(pairs), id: /^[\w-]{8,100}$/.test(id) ? id : null };
}

/** @param {Record<string, string>} parameters @param {string | null} [id] of their picture */
export function writePageUrl(parameters, id = null) {
  clearTimeout(timer); // an earlier edit must not undo this
  const state = parameters.prompt ? query(parameters) + (id ? `&id=${encode(id)}` : "") : "";
  const mark = state && (state.length > MAX_QUERY ? "#" : "?");
  const url = location.pathname + mark + state;
  if (url !== location.pathname + location.search + location.hash) history.replaceState(null, "", url);
}

/**
 * The same, when the typing pauses: browsers ration how often a page may do this.
 * @param {() => Record<string, string>} read
 */
export function writePageUrlSoon(read) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const edited = read();
    const { seed, ...others } = readPageUrl().parameters;
    // Nothing edited after all: the picture in the URL, whose seed the page drew, is still the one of these parameters.
    if (query(edited) !== query(edited.seed ? { ...others, seed } : others)) writePageUrl(edited);
  }, 400);
}
