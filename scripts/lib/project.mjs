/** Where things are, and which versions the project is built with. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout: the folder that holds Cargo.toml and package.json. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/** A path inside the checkout. @param {string[]} parts */
export const inProject = (...parts) => join(root, ...parts);

/** What Rust compiles the Worker to. */
export const WASM_TARGET = "wasm32-unknown-unknown";

/** The oldest Node that wrangler and these scripts run on. */
export const MIN_NODE = 20;

/** The text of a file of the checkout, or `undefined` where there is none. @param {string[]} parts */
export function readText(...parts) {
  const path = inProject(...parts);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/**
 * The files of a folder of the checkout and of all below it, by their paths in the checkout, but those that the system or
 * an editor hid there.
 *
 * @param {string} folder such as "assets"
 */
export function filesBelow(folder) {
  const entries = readdirSync(inProject(folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith("."));
  return files.map(({ parentPath, name }) => relative(root, join(parentPath, name)).replaceAll(sep, "/"));
}

/** The oldest Rust that Cargo.toml accepts, as `[major, minor]`. */
export function minimumRust() {
  const found = /^rust-version\s*=\s*"(\d+)\.(\d+)/m.exec(readText("Cargo.toml") ?? "");
  return found ? [Number(found[1]), Number(found[2])] : [1, 85];
}

/** Where the tools of `npm run audit` and `npm run fuzz:api` are kept, once for every checkout. */
export function cacheDir() {
  const { XDG_CACHE_HOME: xdg } = process.env;
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), ".cache"), "free-flux-api");
}
