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
  if (url.pathname !== "/" && !url.pathname.startsWith("/prompt/")) {
    throw new Problem("Only image URLs can be signed: those at / and at /prompt/….");
  }
  url.hash = "";
  url.searchParams.delete("sig");
  url.searchParams.delete("id");
  // A signature is for one image: a random seed is drawn here.
  if (["random", "-1"].includes((url.searchParams.get("seed") ?? "").trim().toLowerCase())) {
    url.searchParams.set("seed", String(randomInt(10_000_000_000)));
  }
  if (expires !== undefined) url.searchParams.set("exp", String(expires));

  const utf8 = (/** @type {string} */ name) => Buffer.from(name, "utf8");
  const pairs = [...url.searchParams].sort(([one], [other]) => Buffer.compare(utf8(one), utf8(other)));
  // Parsers of before 2023 leave a `^` in a path as it is.
  const path = url.pathname.replaceAll("^", "%5E");
  const canonical = `GET\n${path}\n${new URLSearchParams(pairs)}`;
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
