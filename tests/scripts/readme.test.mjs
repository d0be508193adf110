/** The documents that people read: what they link to and tell to type is there, and both READMEs say the same. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { SECRETS } from "../../scripts/lib/secrets.mjs";
import { anchors, codeBlocks, headings, links, spans, tables } from "./support/markdown.mjs";
import { project } from "./support/script.mjs";

const READMES = /** @type {const} */ (["README.md", "README.zh-CN.md"]);
const DOCUMENTS = [...READMES, "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];
DOCUMENTS.push(
  "scripts/release/README.md",
  ...readdirSync(join(project, "docs"), { encoding: "utf8" }).flatMap(inDocs),
);

/** Pages of this repository on GitHub, wherever it is. */
const ON_GITHUB = ["../../tree/deploy"];

/** What follows `npm run … --` and is handed on to another program. */
const HANDED_ON = { start: ["--port"] };

/** @param {string} name */
function inDocs(name) {
  return name.endsWith(".md") ? [`docs/${name}`] : [];
}

const read = (/** @type {string} */ path) => readFileSync(join(project, path), "utf8");

/** What a document tells to type: lines of shell, and spans of code that begin as such. @param {string} text */
function commands(text) {
  const lines = codeBlocks(text).flatMap(({ language, code }) => (language === "sh" ? code.split("\n") : []));
  return [...lines, ...spans(text)]
    .map((line) => line.trim())
    .filter((line) => /^(npm|npx wrangler|\.ci\/) ?/.test(line));
}

const typed = DOCUMENTS.flatMap((path) => commands(read(path)).map((command) => ({ path, command })));

for (const path of DOCUMENTS) {
  test(`${path}: every link leads to a file or a heading that is there`, () => {
    for (const link of links(read(path))) {
      if (ON_GITHUB.includes(link) || link.includes("{{")) continue;
      const [file, anchor] = link.split("#");
      const target = file ? join(dirname(path), file) : path;
      assert.ok(existsSync(join(project, target)), `${link}: there is no ${target}`);
      if (anchor) assert.ok(anchors(read(target)).includes(decodeURIComponent(anchor)), `${link}: no such heading`);
    }
  });
}

test("every npm command that is told is there, with its options", () => {
  const { scripts } = JSON.parse(read("package.json"));
  const told = typed.filter(({ command }) => command.startsWith("npm "));
  assert.ok(told.length > 20, `${told.length} commands are told`);
  for (const { path, command } of told) {
    const [, name, rest] = /^npm (?:run )?([\w:]+)(?: -- (.*))?/.exec(command) ?? [];
    if (["install", "version"].includes(name)) continue;
    assert.ok(scripts[name], `${path}: ${command}`);
    const source = read(scripts[name].replace("node ", ""));
    const options = (rest ?? "").split(" ").flatMap((word) => /^--[\w-]+/.exec(word) ?? []);
    for (const option of options) {
      if (/** @type {Record<string, string[]>} */ (HANDED_ON)[name]?.includes(option)) continue;
      assert.match(source, new RegExp(`${option}\\b|["' ]${option.slice(2)}["']?:`), `${path}: ${command}`);
    }
    if (name !== "test" || !rest) continue;
    for (const suite of rest.split(" ")) assert.match(source, new RegExp(`^  ${suite}: `, "m"), `${path}: ${command}`);
  }
});

test("every wrangler command that is told is one of wrangler's, and sets a secret that there is", async () => {
  const told = typed.filter(({ command }) => command.startsWith("npx wrangler "));
  const known = new Set();
  for (const { path, command } of told) {
    const [, words] = /^npx wrangler((?: [a-z]+)+)/.exec(command) ?? [];
    assert.ok(words, `${path}: ${command}`);
    known.add(words.trim());
    const [, secret] = /secret put ([A-Z]\w*)/.exec(command) ?? [];
    if (secret && secret !== "NAME") assert.ok(SECRETS.includes(secret), `${path}: ${command}`);
  }
  assert.ok(known.size >= 3, [...known].join(", "));
  await Promise.all([...known].map(isWrangler));
});

/** @param {string} words such as "secret put" */
async function isWrangler(words) {
  const args = [join(project, "node_modules/wrangler/bin/wrangler.js"), ...words.split(" "), "--help"];
  const env = { ...process.env, NO_COLOR: "1", WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "ignore"] });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  await new Promise((resolve) => child.on("close", resolve));
  assert.match(output, new RegExp(`^wrangler ${words}\\b`, "m"), `wrangler ${words}`);
}

test("the first screen has what it does, the button, an address to try and a row of pictures, in both languages", () => {
  for (const path of READMES) {
    const screen = read(path).split(/^## /m)[0].split("\n").slice(0, 22).join("\n");
    assert.match(screen, /^\*\*/m, path);
    assert.match(screen, /\[!\[.+\]\(https:\/\/deploy\.workers\.cloudflare\.com\/button\)\]\(/, path);
    assert.match(screen, /^https:\/\/your-worker\.workers\.dev\/\?prompt=/m, path);
    assert.match(screen, /!\[.+\]\(docs\/scenes\.webp\)/, path);
  }
});

test("both READMEs have the same headings, code blocks and pictures, one after the other", () => {
  const [english, chinese] = READMES.map(read);
  const level = (/** @type {{ level: number }} */ heading) => heading.level;
  assert.deepEqual(headings(chinese).map(level), headings(english).map(level));
  assert.deepEqual(codeBlocks(chinese), codeBlocks(english));
  const pictures = (/** @type {string} */ text) =>
    links(text)
      .filter((link) => link.endsWith(".webp"))
      .map((link) => link.replace(/-(en|zh-CN)\./, "."));
  assert.deepEqual(pictures(chinese), pictures(english));
});

test("both READMEs have the same tables: as many rows, and in each cell the same code and the same figures", () => {
  const [english, chinese] = READMES.map(read).map(tables);
  assert.equal(chinese.length, english.length);
  const facts = (/** @type {string} */ cell) => ({
    code: spans(cell).sort(),
    figures: (cell.replaceAll(/(\d),(?=\d{3})/g, "$1").match(/\d+/g) ?? []).sort(),
  });
  for (const [index, table] of english.entries()) {
    const about = table[1][0];
    assert.deepEqual(
      chinese[index].map((row) => row.map(facts)),
      table.map((row) => row.map(facts)),
      about,
    );
  }
});

test("what was needed for another build is named nowhere", () => {
  const paths = [
    ...READMES,
    "CONTRIBUTING.md",
    ...readdirSync(join(project, "scripts")).map((name) => `scripts/${name}`),
  ];
  paths.push(...readdirSync(join(project, ".github/workflows")).map((name) => `.github/workflows/${name}`));
  for (const path of paths.filter((name) => /\.\w+$/.test(name))) {
    assert.doesNotMatch(read(path), /worker-build|OpenSSL|libssl|pkg-config/, path);
  }
});
