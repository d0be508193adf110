import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { texts } from "../../assets/shared/texts/texts.js";
import { startTestApp } from "./support/index.mjs";

const assets = fileURLToPath(new URL("../../assets/", import.meta.url));
const served = fileURLToPath(new URL("../../build/assets/", import.meta.url));
/** @param {string} folder */
const filesOf = (folder) =>
  readdirSync(folder, { recursive: true })
    .map((name) => String(name).replaceAll("\\", "/"))
    .filter((name) => statSync(join(folder, name)).isFile());
const files = filesOf(assets);
const built = filesOf(served);
/** @param {string} name */
const read = (name) => readFileSync(join(assets, name), "utf8");
const pages = files.filter((name) => name.endsWith(".html"));

/** @type {Awaited<ReturnType<typeof startTestApp>>} */
let app;

before(async () => {
  app = await startTestApp();
});
after(() => app?.stop());

test("the form page is under 75 KB compressed in all, the pictures of its ideas included", () => {
  /** @param {string} name */
  const compressed = (name) => gzipSync(readFileSync(join(served, name)), { level: 9 }).length;
  const own = built.filter((name) => /^(gui\/|static\/(gui|boot)-|shared\/icon\.svg)/.test(name));
  const size = own.reduce((sum, name) => sum + compressed(name), 0);
  assert.ok(size < 75_000, `${size} bytes`);
});

test("a page is one script and one style sheet, named by what is in them, and nothing else before it can be used", () => {
  for (const name of pages) {
    const html = readFileSync(join(served, name), "utf8");
    const loaded = Array.from(
      html.matchAll(/<(?:script|link rel="stylesheet")[^>]* (?:src|href)="([^"]+)"/g),
      ([, path]) => path,
    );
    assert.equal(loaded.length, 3, name); // with the classic script that runs before the first paint
    for (const path of loaded) {
      assert.match(path, /^\/static\/\w+-[0-9a-f]{10}\.(js|css)$/);
      assert.ok(built.includes(path.slice(1)), path);
    }
  }
});

test("no file stands at the path of one of the Worker's routes", () => {
  assert.deepEqual(
    built.filter((name) => /^(index\.html|i\/|v1\/|prompt\/|health)/.test(name.replaceAll("\\", "/"))),
    [],
  );
});

test("the pages carry a policy that allows nothing inline and nothing foreign", async () => {
  for (const path of ["/", "/gui/", "/docs/"]) {
    const answer = await fetch(app.url + path);
    const policy = answer.headers.get("content-security-policy") || "";
    assert.match(policy, /default-src 'none'/, path);
    assert.match(policy, /base-uri 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.equal(answer.headers.get("referrer-policy"), "same-origin");
  }
});

test("the pages' files come with their types, and are looked after by caches", async () => {
  /** @type {Record<string, RegExp>} */
  const types = {
    ".js": /javascript/,
    ".css": /text\/css/,
    ".svg": /image\/svg/,
    ".ico": /image\//,
    ".txt": /text\/plain/,
  };
  for (const name of built.filter((file) => !file.endsWith(".html") && !file.startsWith("_"))) {
    const answer = await fetch(`${app.url}/${name}`);
    assert.equal(answer.status, 200, name);
    await answer.arrayBuffer();
    const type = types[/\.\w+$/.exec(name)?.[0] ?? ""];
    if (type) assert.match(answer.headers.get("content-type") ?? "", type, name);
    const caching = name.startsWith("static/") ? /^public, max-age=31536000, immutable$/ : /no-cache|max-age=/;
    assert.match(answer.headers.get("cache-control") ?? "", caching, name);
  }
  assert.equal((await fetch(`${app.url}/_headers`)).status, 404);
});

test("nothing inline is in the pages, and every file they name is there", () => {
  for (const name of pages) {
    const html = read(name);
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:/, name);
    for (const [, path] of html.matchAll(/(?:src|href)="(\/(?:shared|gui|docs)\/[^"]+\.\w+)"/g)) {
      assert.ok(files.includes(relative(assets, join(assets, path))), `${name} names ${path}`);
    }
  }
});

test("each sentence is there in every language, with the same places to fill in", () => {
  /** @param {string} text */
  const places = (text) => (text.match(/\{\w+\}/g) || []).sort().join();
  for (const [language, table] of Object.entries(texts)) {
    assert.deepEqual(Object.keys(table).sort(), Object.keys(texts.en).sort(), language);
    for (const [key, text] of Object.entries(table)) {
      assert.ok(text.trim(), `${language}: ${key}`);
      assert.equal(places(text), places(texts.en[key]), `${language}: ${key}`);
    }
  }
});

test("each sentence is used, and each one that is used is there", () => {
  const others = files.filter((name) => /\.(js|html)$/.test(name) && !name.includes("/texts/"));
  const scripts = others.map(read).join("\n");
  const keys = Object.keys(texts.en).filter((key) => !/^(error\.|advice\.|status-|step-|style-|idea-)/.test(key)); // put together from names
  assert.deepEqual(
    keys.filter((key) => !scripts.includes(`"${key}"`)),
    [],
  );
});

test("in the pages, what is said in one language is said in the other", () => {
  for (const name of pages) {
    const html = read(name).replace(/^[\s\S]*?<body>/, "");
    const languages = Array.from(html.matchAll(/ lang="([^"]+)"/g), ([, language]) => language);
    assert.deepEqual(
      languages,
      languages.map((_, n) => (n % 2 ? "en" : "zh-CN")),
      `${name} says things in pairs`,
    );
    const outside = html.replace(/<(\w+)[^>]* lang="zh-CN"[^>]*>[\s\S]*?<\/\1>/g, "").match(/\p{Script=Han}+/gu) || [];
    assert.deepEqual(
      outside.filter((words) => words !== "一位女孩"),
      [],
      name,
    );
  }
});

test("crawlers are kept from what makes pictures", async () => {
  const rules = await (await fetch(`${app.url}/robots.txt`)).text();
  for (const path of ["/?", "/prompt/", "/v1/"])
    assert.match(rules, new RegExp(`^Disallow: ${path.replace("?", "\\?")}$`, "m"));
});
