/** Signed URLs, made as the contract says and by nothing of the project's own. */
import { createHmac } from "node:crypto";

/** The signing key of the tests. */
export const SIGNING_KEY = "signing-key-of-the-tests";

/** What a signature covers, by the contract. */
const COVERED = `prompt size width height optimization enhance prompt_enhancement seed model negative_prompt steps
  guidance refresh async exp`.split(/\s+/u);

/** Escapes all but RFC 3986's unreserved characters. @param {string} text */
const escape = (text) =>
  encodeURIComponent(text).replaceAll(/[!'()*]/gu, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * The signature of a path with its query.
 *
 * @param {string} target
 * @param {string} [key]
 * @returns {string}
 */
export function signature(target, key = SIGNING_KEY) {
  const { pathname, searchParams } = new URL(target, "http://worker");
  const [, prompt] = /^\/+(?:prompt|image|p)\/(.*)$/u.exec(pathname) ?? [];
  const path = prompt === undefined ? pathname : `/prompt/${escape(decodeURIComponent(prompt))}`;
  const pairs = [...searchParams].filter(([name]) => COVERED.includes(name));
  pairs.sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  return createHmac("sha256", key)
    .update(`GET\n${path}\n${new URLSearchParams(pairs)}`)
    .digest("base64url");
}

/** The same path and query with its signature at the end. @param {string} target @param {string} [key] */
export function signed(target, key) {
  return `${target}${target.includes("?") ? "&" : "?"}sig=${signature(target, key)}`;
}

/** The unix time in so many seconds. @param {number} seconds */
export const inSeconds = (seconds) => Math.floor(Date.now() / 1_000) + seconds;
