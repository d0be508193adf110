/** The licences of what is compiled into the Worker: whoever passes the Worker on passes them on, too. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { Problem } from "./problem.mjs";
import { capture } from "./process.mjs";
import { WASM_TARGET } from "./project.mjs";

const IS_LICENCE = /^(licen[cs]e|copying|notice|unlicense)/i;

/**
 * What is read of the output of `cargo metadata`.
 *
 * @typedef {{ id: string, name: string, version: string, license: string, manifest_path: string, targets: Target[] }} Package
 * @typedef {{ kind: string[] }} Target
 * @typedef {{ id: string, deps: { pkg: string, dep_kinds: { kind: string | null }[] }[] }} Node
 */

/**
 * Every crate that the Worker is made of with the text of its licences, each text once.
 *
 * @returns {Promise<string>}
 */
export async function thirdPartyLicences() {
  const args = ["metadata", "--locked", "--format-version", "1", "--filter-platform", WASM_TARGET];
  const { code, stdout, stderr } = await capture("cargo", args);
  if (code !== 0) throw new Problem(`cargo could not tell what the Worker is made of:\n${stderr.trim()}`);

  /** @type {Map<string, string[]>} */
  const texts = new Map();
  const list = [];
  for (const { name, version, license, manifest_path: manifest } of linked(JSON.parse(stdout))) {
    list.push(`${name} ${version}: ${license}`);
    for (const text of licenceTexts(dirname(manifest))) {
      texts.set(text, [...(texts.get(text) ?? []), `${name} ${version}`]);
    }
  }
  const chapters = [...texts].map(([text, names]) => `${"-".repeat(80)}\n${names.join(", ")}\n\n${text}\n`);
  return `The Worker is made of free-flux-api (see LICENSE) and of these crates:\n\n${list.join("\n")}\n\n${chapters.join("\n")}`;
}

/**
 * The packages that end up in the Worker: what only the tests or the compiler's macros use does not.
 *
 * @param {{ packages: Package[], resolve: { root: string, nodes: Node[] } }} metadata
 */
function linked({ packages, resolve }) {
  const byId = Object.fromEntries(packages.map((one) => [one.id, one]));
  const nodes = Object.fromEntries(resolve.nodes.map((node) => [node.id, node]));
  const isMacro = (/** @type {string} */ id) => byId[id].targets.some(({ kind }) => kind.includes("proc-macro"));
  const found = new Set([resolve.root]);
  for (const id of found) {
    for (const { pkg, dep_kinds: kinds } of nodes[id].deps) {
      if (kinds.some(({ kind }) => kind === null) && !isMacro(pkg)) found.add(pkg);
    }
  }
  found.delete(resolve.root);
  return [...found].map((id) => byId[id]).sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** @param {string} folder of a package */
function licenceTexts(folder) {
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && IS_LICENCE.test(entry.name),
  );
  return files.map(({ name }) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim()).sort();
}
