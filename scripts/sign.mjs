/**
 * Signs an image URL with the owner's URL_SIGNING_KEY: `npm run sign -- URL [--expires SECONDS]`.
 *
 * The key is taken from the environment, else from .dev.vars. The signature is the one that
 * src/access/signature.rs checks: a link that was signed may have its image made.
 */

import { createHmac, randomInt } from "node:crypto";

import { main, parseOptions, Problem } from "./lib/problem.mjs";
import { readText } from "./lib/project.mjs";
import { parseSettings } from "./lib/secrets.mjs";

const USAGE = "Usage: npm run sign -- URL [--expires SECONDS]";

/** The parameters that a signature covers: every one of an image but `sig` and `id`. */
const SIGNED = [
  ...["prompt", "size", "width", "height", "optimization", "enhance", "prompt_enhancement", "seed", "model"],
  ...["negative_prompt", "steps", "guidance", "refresh", "async", "exp"],
];

/** The prompt in a path, in one of its three spellings, still escaped. */
const PROMPT_PATH = /^\/+(?:prompt|image|p)\/(.*)$/su;

/**
 * The path as it is signed: a prompt with everything escaped but RFC 3986's unreserved characters.
 *
 * @param {string} pathname
 * @returns {string | undefined} nothing for a path that cannot be signed
 */
function signedPath(pathname) {
  if (/^\/+$/u.test(pathname)) return "/";
  const prompt = PROMPT_PATH.exec(pathname)?.[1];
  if (prompt === undefined) return undefined;
  let text;
  try {
    text = decodeURIComponent(prompt.replaceAll(/%(?![0-9a-f]{2})/giu, "%25"));
  } catch {
    return undefined; // no UTF-8, which the Worker refuses as well
  }
  const hex = (/** @type {string} */ char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
  return `/prompt/${encodeURIComponent(text).replaceAll(/[!'()*]/gu, hex)}`;
}

/**
 * The parameters as they are signed: the known ones, sorted by name. A name with `amp;` before it is that name, unless
 * the name itself is there too.
 *
 * @param {URLSearchParams} params
 * @returns {URLSearchParams}
 */
function signedQuery(params) {
  const pairs = [...params].flatMap(([name, value]) => {
    const bare = name.replace(/^(?:amp;)+/u, "");
    if (!SIGNED.includes(bare) || (bare !== name && params.has(bare))) return [];
    return [[bare, value]];
  });
  // Their names are ASCII: in UTF-8 their order is the same.
  return new URLSearchParams(pairs.sort(([one], [other]) => Number(one > other) - Number(one < other)));
}

/**
 * Signs a URL.
 *
 * @param {string} text an absolute image URL, at `/` or `/prompt/…`
 * @param {string} key the URL_SIGNING_KEY
 * @param {number} [expires] when the signature ends, in unix seconds
 * @returns {string}
 */
export function sign(text, key, expires) {
  const url = new URL(text);
  const path = signedPath(url.pathname);
  if (path === undefined) {
    throw new Problem("Only image URLs can be signed: those at / and at /prompt/…, in UTF-8.");
  }
  url.hash = "";
  url.searchParams.delete("sig");
  url.searchParams.delete("id");
  // A signature is for one image: a random seed is drawn here.
  if (["random", "-1"].includes((url.searchParams.get("seed") ?? "").trim().toLowerCase())) {
    url.searchParams.set("seed", String(randomInt(10_000_000_000)));
  }
  if (expires !== undefined) url.searchParams.set("exp", String(expires));

  const canonical = `GET\n${path}\n${signedQuery(url.searchParams)}`;
  url.searchParams.set("sig", createHmac("sha256", key).update(canonical).digest("base64url"));
  return url.href;
}

/** The key in the environment, else in .dev.vars. */
function signingKey() {
  if (process.env.URL_SIGNING_KEY) return process.env.URL_SIGNING_KEY.trim();
  const text = readText(".dev.vars");
  const key = text && parseSettings(text, ".dev.vars").URL_SIGNING_KEY;
  if (!key) throw new Problem("URL_SIGNING_KEY is not set: put it into the environment or into .dev.vars.");
  return key;
}

await main(import.meta.url, async () => {
  const { values, positionals } = parseOptions(USAGE, {
    options: { expires: { type: "string" } },
    allowPositionals: true,
  });
  const seconds = values.expires === undefined ? undefined : Number(values.expires);
  if (positionals.length !== 1 || !URL.canParse(positionals[0])) throw new Problem(USAGE);
  if (seconds !== undefined && !(Number.isInteger(seconds) && seconds > 0)) throw new Problem(USAGE);
  console.log(sign(positionals[0], signingKey(), seconds && Math.floor(Date.now() / 1000) + seconds));
});
