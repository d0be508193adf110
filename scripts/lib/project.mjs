/** Where things are, and which versions the project is built with. */

import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

import { Problem } from "./problem.mjs";

/** The checkout: the folder that holds Cargo.toml and package.json. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/** A path inside the checkout. */
export const inProject = (...parts) => join(root, ...parts);

/** What Rust compiles the Worker to. */
export const WASM_TARGET = "wasm32-unknown-unknown";

/** The oldest Node that wrangler and these scripts run on. */
export const MIN_NODE = 20;

/** The text of a file of the checkout, or `undefined` where there is none. */
export function readText(...parts) {
  const path = inProject(...parts);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/**
 * The version of a crate that Cargo.lock names.
 *
 * Both tools of the build follow a crate: `worker-build` is released together with `worker`, and
 * `wasm-bindgen`'s command must be of the very version of the library. So an update of
 * Cargo.lock updates the tools, and no version is written down twice.
 */
export function lockedVersion(crate) {
  const lock = readText("Cargo.lock");
  if (lock === undefined) {
    throw new Problem("Cargo.lock is missing. It belongs to the repository: `git checkout Cargo.lock`.");
  }
  const versions = [...lock.matchAll(/^name = "(.+)"\r?\nversion = "(.+)"/gm)]
    .filter(([, name]) => name === crate)
    .map(([, , version]) => version);
  if (versions.length !== 1) {
    throw new Problem(`Cargo.lock names ${versions.length} versions of ${crate}; the build needs exactly one.`);
  }
  return versions[0];
}

/** The oldest Rust that Cargo.toml accepts, as `[major, minor]`. */
export function minimumRust() {
  const found = /^rust-version\s*=\s*"(\d+)\.(\d+)/m.exec(readText("Cargo.toml") ?? "");
  return found ? [Number(found[1]), Number(found[2])] : [1, 85];
}

/**
 * Where the build tools are kept: outside the checkout, so that the minutes it takes to compile
 * them are spent once for each version, and not once for each clone.
 */
export function cacheDir() {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  const caches =
    xdg && isAbsolute(xdg) ? xdg
    : process.platform === "win32" && local ? local
    : process.platform === "darwin" ? join(homedir(), "Library", "Caches")
    : join(homedir(), ".cache");
  return join(caches, "free-flux-api");
}
