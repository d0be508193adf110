/** The URL of an image, and the ways to hand it on. Nothing here needs escaping in Markdown, HTML or a shell. */

/** The parameters of an image request, in the order they are written. */
export const PARAMETERS = ["prompt", "size", "optimization", "seed", "model", "negative_prompt", "steps", "guidance"];

/** Cloudflare takes URLs of about 16 KB; the redirect adds an id. */
export const MAX_URL = 15_000;

/**
 * Percent-encodes everything but letters, digits, `-` and `.`: brackets, quotes, `*`, `_` and `~` mean things elsewhere.
 * @param {string} text
 */
export function encode(text) {
  return encodeURIComponent(text).replace(/[!'()*_~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * @param {Record<string, string>} parameters empty ones are left out
 * @returns {string} `prompt=…&size=…`
 */
export function query(parameters) {
  return PARAMETERS.filter((name) => parameters[name])
    .map((name) => `${name}=${encode(parameters[name])}`)
    .join("&");
}

/** @param {Record<string, string>} parameters @returns {string} the absolute URL that draws this */
export const requestUrl = (parameters) => `${location.origin}/?${query(parameters)}`;

/**
 * The parts of a link, to be told apart by a reader. The values are as they were typed, or as they are encoded.
 * @param {string} url of a request
 * @param {boolean} [encoded]
 * @returns {{kind: "origin" | "mark" | "name" | "value", text: string}[]}
 */
export function linkParts(url, encoded = false) {
  const { origin, pathname, search } = new URL(url);
  /** @type {ReturnType<typeof linkParts>} */
  const parts = [{ kind: "origin", text: origin + pathname }];
  for (const [index, pair] of search.slice(1).split("&").filter(Boolean).entries()) {
    const [name, value = ""] = pair.split(/=(.*)/s);
    parts.push({ kind: "mark", text: index ? "&" : "?" }, { kind: "name", text: name }, { kind: "mark", text: "=" });
    parts.push({ kind: "value", text: encoded ? value : readable(value) });
  }
  return parts;
}

/** @param {string} value percent-encoded */
function readable(value) {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return value;
  }
}

/** A prompt as an alternative text: one line, not too long. @param {string} prompt */
export function altText(prompt) {
  const line = Array.from(prompt.replace(/\s+/g, " ").trim());
  return line.length > 120 ? `${line.slice(0, 119).join("")}…` : line.join("");
}

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** @param {string} text */
const escapeHtml = (text) => text.replace(/[&<>"']/g, (c) => ENTITIES[c]);

/** @param {string} url @param {string} prompt */
export const asMarkdown = (url, prompt) => `![${altText(prompt).replace(/[\\`*_{}[\]<>()#!|&~$]/g, "\\$&")}](${url})`;

/** @param {string} url @param {string} prompt */
export const asHtml = (url, prompt) => `<img src="${escapeHtml(url)}" alt="${escapeHtml(altText(prompt))}">`;

/**
 * @param {string} url
 * @param {string} file name of the file to write
 * @param {boolean} withToken the URL makes an image, and that takes a token here
 */
export const asCurl = (url, file, withToken = false) =>
  `curl -L ${withToken ? '-H "Authorization: Bearer $ACCESS_TOKEN" ' : ""}-o "${file}" "${url}"`;

/** @type {Record<string, string>} */
const EXTENSIONS = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/webp": "webp",
  "image/svg+xml": "svg",
  "image/gif": "gif",
  "image/avif": "avif",
};

/**
 * A file name from what the picture is of: letters and digits of any script.
 * @param {{prompt: string, size?: string | null, seed?: string | null, type?: string}} image
 */
export function fileName({ prompt, size, seed, type }) {
  const words = Array.from(prompt.normalize("NFC").replace(/[^\p{L}\p{M}\p{N}]+/gu, "-"));
  const name =
    words
      .slice(0, 40)
      .join("")
      .replace(/^-+|-+$/g, "") || "flux";
  const extension = EXTENSIONS[(type || "").split(";")[0].trim().toLowerCase()] || "img";
  return `${[name, size, seed].filter(Boolean).join("-")}.${extension}`;
}
