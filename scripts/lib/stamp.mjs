/**
 * Tells whether a build is still that of the present sources.
 *
 * The stamp beside the built Worker names every file that went into it, by a hash of its text: time
 * stamps change with a `git checkout` or a restored cache, and texts do not.
 */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";

import { capture } from "./process.mjs";
import { inProject, root, WASM_TARGET } from "./project.mjs";

const STAMP = inProject("build", ".stamp.json");

/** What goes into a build whether or not cargo names it. A folder stands for all that is in it. */
const SOURCES = ["src", "Cargo.toml", "Cargo.lock", "build.rs", "rust-toolchain.toml", ".cargo/config.toml", "scripts/build.mjs", "scripts/lib/tools.mjs"];

/** Settings from outside that change what is built. */
const VARIABLES = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTUP_TOOLCHAIN", "NO_MINIFY", "COREDUMP", "CUSTOM_SHIM", "RUN_TO_COMPLETION"];

/**
 * What a build made now would be made of.
 *
 * @param {Record<string, string>} versions of the tools
 * @param {string[]} [embedded] files outside of `src` that the last build read
 */
export async function inputs(versions, embedded = []) {
  const rustc = await capture("rustc", ["--version"]);
  const variables = VARIABLES.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  const names = new Set([...SOURCES.flatMap(filesIn), ...embedded]);
  return {
    tools: { rustc: rustc.stdout.trim(), ...versions },
    variables: Object.fromEntries(variables),
    files: Object.fromEntries([...names].sort().map((name) => [name, hash(name)])),
  };
}

/**
 * The stamp's list of inputs, or `undefined` where there is no complete build.
 *
 * @param {string[]} outputs the files that make a complete build
 */
export function lastInputs(outputs) {
  if (!existsSync(STAMP)) return undefined;
  try {
    const stamp = JSON.parse(readFileSync(STAMP, "utf8"));
    return outputs.every((name) => stamp.outputs[name] === hash(name)) ? stamp.inputs : undefined;
  } catch {
    return undefined; // Half written, or of an older form: build anew.
  }
}

/** Notes what the build that is there now was made of. */
export function writeStamp(madeOf, outputs) {
  const stamp = { inputs: madeOf, outputs: Object.fromEntries(outputs.map((name) => [name, hash(name)])) };
  writeFileSync(STAMP, `${JSON.stringify(stamp, null, 1)}\n`);
}

/**
 * The files of the checkout outside of `src` that the compiler read (`include_str!`), as cargo noted
 * them in its `.d` file.
 */
export async function embeddedFiles() {
  const metadata = await capture("cargo", ["metadata", "--no-deps", "--format-version", "1"]);
  if (metadata.code !== 0) return [];
  const { target_directory: target } = JSON.parse(metadata.stdout);
  const noted = join(target, WASM_TARGET, "release", "free_flux_api.d");
  if (!existsSync(noted)) return [];
  const [, list = ""] = readFileSync(noted, "utf8").split(/: (.*)/s);
  return list
    .split(/(?<!\\)\s+/)
    .map((name) => relative(root, name.replaceAll("\\ ", " ")).split(sep).join("/"))
    .filter((name) => name !== "" && !name.startsWith("..") && !isAbsolute(name) && !name.startsWith("src/"));
}

function filesIn(name) {
  const path = inProject(name);
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [name];
  return readdirSync(path).flatMap((entry) => filesIn(`${name}/${entry}`));
}

function hash(name) {
  const path = inProject(name);
  return existsSync(path) ? createHash("sha256").update(readFileSync(path)).digest("base64url") : "missing";
}
