import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { strings } from "../../assets/shared/strings.js";
import { startTestApp } from "./support/index.mjs";

const assets = fileURLToPath(new URL("../../assets/", import.meta.url));
const files = readdirSync(assets, { recursive: true })
  .map(String)
  .filter((name) => statSync(join(assets, name)).isFile());
/** @param {string} name */
const read = (name) => readFileSync(join(assets, name), "utf8");
const pages = files.filter((name) => name.endsWith(".html"));

/** @type {Awaited<ReturnType<typeof startTestApp>>} */
let app;

before(async () => {
  app = await startTestApp();
});
after(() => app?.stop());

test("all files of the pages together are under 60 KB compressed", () => {
  // openapi.json is for programs: no page loads it.
  /** @param {string} name */
  const compressed = (name) => gzipSync(readFileSync(join(assets, name)), { level: 9 }).length;
  const size = files.filter((name) => name !== "openapi.json").reduce((sum, name) => sum + compressed(name), 0);
  assert.ok(size < 60_000, `${size} bytes`);
});

test("no file stands at the path of one of the Worker's routes", () => {
  assert.deepEqual(
    files.filter((name) => /^(index\.html|i\/|v1\/|prompt\/|health)/.test(name.replaceAll("\\", "/"))),
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
  for (const name of files.filter((file) => !file.endsWith(".html") && !file.startsWith("_"))) {
    const answer = await fetch(`${app.url}/${name.replaceAll("\\", "/")}`);
    assert.equal(answer.status, 200, name);
    await answer.arrayBuffer();
    const type = types[/\.\w+$/.exec(name)[0]];
    if (type) assert.match(answer.headers.get("content-type"), type, name);
    assert.match(answer.headers.get("cache-control"), /no-cache|max-age=/, name);
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

test("each sentence is there in both languages, with the same places to fill in", () => {
  /** @param {string} text */
  const places = (text) => (text.match(/\{\w+\}/g) || []).sort().join();
  for (const [key, pair] of Object.entries(strings)) {
    assert.equal(pair.length, 2, key);
    assert.ok(
      pair.every((text) => text.trim()),
      key,
    );
    assert.equal(places(pair[0]), places(pair[1]), key);
  }
});

test("each sentence is used, and each one that is used is there", () => {
  const others = files.filter((name) => /\.(js|html)$/.test(name) && !name.endsWith("strings.js"));
  const scripts = others.map(read).join("\n");
  const keys = Object.keys(strings).filter((key) => !/^(error\.|advice\.|status-)/.test(key)); // put together from codes
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
