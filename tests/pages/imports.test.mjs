import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const assets = fileURLToPath(new URL("../../assets/", import.meta.url));
const modules = readdirSync(assets, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith(".js"));

/** @param {string} name of a module */
function importsOf(name) {
  const source = readFileSync(join(assets, name), "utf8");
  return Array.from(source.matchAll(/^(?:import|export) .*?from "(\.[^"]+)";$/gms), ([, path]) =>
    join(dirname(name), path),
  );
}

test("every import is of a module that is there", () => {
  assert.ok(modules.length > 10);
  for (const name of modules) for (const path of importsOf(name)) assert.ok(modules.includes(path), `${name}: ${path}`);
});

test("no module imports itself round about", () => {
  /** @param {string} name @param {string[]} way */
  const follow = (name, way) => {
    assert.ok(!way.includes(name), [...way, name].join(" → "));
    for (const path of importsOf(name)) follow(path, [...way, name]);
  };
  for (const name of modules) follow(name, []);
});

test("what is shared imports nothing of one page", () => {
  for (const name of modules.filter((path) => path.startsWith("shared"))) {
    for (const path of importsOf(name)) assert.ok(path.startsWith("shared"), `${name}: ${path}`);
  }
});
