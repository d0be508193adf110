/** tools/bundle, the build's own program. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { project } from "./support/script.mjs";

/** The versions of a crate that a Cargo.lock names. @param {string} crate @param {string[]} lock its path, in parts */
function versions(crate, ...lock) {
  const text = readFileSync(join(project, ...lock), "utf8");
  return [...text.matchAll(new RegExp(`^name = "${crate}"\\r?\\nversion = "(.+)"`, "gm"))].map(
    ([, version]) => version,
  );
}

test("it is of the version of wasm-bindgen that the Worker is compiled with", () => {
  const [worker, ...others] = versions("wasm-bindgen", "Cargo.lock");
  assert.deepEqual(others, [], "the Worker has one version of wasm-bindgen");
  assert.deepEqual(versions("wasm-bindgen-cli-support", "tools", "bundle", "Cargo.lock"), [worker]);
  const manifest = readFileSync(join(project, "tools", "bundle", "Cargo.toml"), "utf8");
  assert.ok(
    manifest.includes(`\nwasm-bindgen-cli-support = "=${worker}"\n`),
    `after \`cargo update\`: write "=${worker}" into tools/bundle/Cargo.toml, and run \`cargo update\` there`,
  );
});
