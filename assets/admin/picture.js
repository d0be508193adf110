/** A stored picture, as `/v1/images` tells of it. */

/**
 * @typedef {object} Picture
 * @property {string} id
 * @property {string} url to hand on
 * @property {string} path of its permalink, at the host this page is from
 * @property {string} prompt that was drawn; empty where it is not known
 * @property {string} model
 * @property {string} size
 * @property {number | null} bytes
 * @property {number | null} time in unix seconds
 */

/** @param {any} json @returns {Picture | null} null where it names no picture */
export function readPicture(json) {
  const id = text(json?.id);
  if (!/^[\w-]{8,100}$/.test(id)) return null;
  const { url, path } = addresses(text(json.url), id);
  return {
    ...{ id, url, path },
    prompt: text(json.prompt),
    model: text(json.model),
    size: text(json.size),
    bytes: numberOrNull(json.bytes),
    time: numberOrNull(json.time),
  };
}

/**
 * The newest first; where the time is not known, at the end.
 * @param {Iterable<Picture>} pictures
 */
export const byTime = (pictures) => Array.from(pictures).sort((a, b) => (b.time ?? 0) - (a.time ?? 0));

/**
 * Those that have all of the words in prompt, model or id; an address that holds an id finds that one.
 * @param {Picture[]} pictures
 * @param {string} words
 */
export function search(pictures, words) {
  const [, id] = /\/i\/([\w-]{43})/.exec(words) ?? /[?&]id=([\w-]{43})/.exec(words) ?? [];
  if (id) return pictures.filter((picture) => picture.id === id);
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  if (!wanted.length) return pictures;
  return pictures.filter((picture) => {
    const all = fold(`${picture.prompt} ${picture.model} ${picture.id}`);
    return wanted.every((word) => all.includes(word));
  });
}

/** The service may know itself by another host than the one this page is from. @param {string} url @param {string} id */
function addresses(url, id) {
  const path = `/i/${id}`;
  const [, stored] = new RegExp(`^https?://[^/?#]+(${path}(?:\\.\\w{1,5})?)$`).exec(url) ?? [];
  return stored ? { url, path: stored } : { url: location.origin + path, path };
}

/** @param {string} text */
const fold = (text) => text.normalize("NFKC").toLowerCase();

/** @param {any} value */
const text = (value) => (typeof value === "string" ? value : "");

/** @param {any} value */
const numberOrNull = (value) => (typeof value === "number" && Number.isFinite(value) ? value : null);
