/**
 * Writes package.json's version wherever else it stands: npm runs this in `npm version 1.2.3`, between the change of
 * package.json and the commit with its tag.
 */

import { readFileSync, writeFileSync } from "node:fs";

import { main, Problem } from "./lib/problem.mjs";
import { mustRun } from "./lib/process.mjs";
import { inProject } from "./lib/project.mjs";

const IN_LOCK = /(?<=^name = "free-flux-api"\nversion = ")[^"]+/m;

/** Each file with the place of the version in it. @type {Record<string, RegExp>} */
const PLACES = {
  "Cargo.toml": /(?<=^version = ")[^"]+/m,
  "Cargo.lock": IN_LOCK,
  "fuzz/Cargo.lock": IN_LOCK,
  "assets/openapi.json": /(?<="version": ")\d+\.\d+\.\d+[^"]*/g,
  "CHANGELOG.md": /(?<=^## \[)Unreleased\](?=\n)/m,
};

await main(import.meta.url, async () => {
  const { version } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
  const today = new Date().toISOString().slice(0, 10);
  for (const [path, place] of Object.entries(PLACES)) {
    const text = readFileSync(inProject(path), "utf8");
    if (text.search(place) < 0) throw new Problem(`${path} has no place for the version.`);
    const written = path === "CHANGELOG.md" ? `Unreleased]\n\n## [${version}] - ${today}` : version;
    writeFileSync(inProject(path), text.replace(place, written));
  }
  await mustRun("git could not take up the version (see above).", "git", ["add", ...Object.keys(PLACES)]);
});
