import assert from "node:assert/strict";
import { test } from "node:test";
import { altText, asCurl, asHtml, asMarkdown, encode, fileName, query, requestUrl } from "../../assets/shared/links.js";
import { stubGlobal } from "./support/browser.mjs";

stubGlobal("location", new URL("https://flux.example/gui/"));

test("an encoded text holds nothing that Markdown, HTML or a shell acts on, and decodes to itself", () => {
  const text = "a (b) [c] *d* _e_ ~f~ 'g' \"h\" !i $j `k` \\l & <m> 雪";
  assert.match(encode(text), /^[A-Za-z0-9%.-]+$/);
  assert.equal(decodeURIComponent(encode(text)), text);
});

test("a query has its parameters in one order, and no empty ones", () => {
  assert.equal(query({ seed: "7", prompt: "a cat", size: "", unknown: "x" }), "prompt=a%20cat&seed=7");
  assert.equal(requestUrl({ prompt: "cat" }), "https://flux.example/?prompt=cat");
});

test("an alternative text is one line of at most 120 characters", () => {
  assert.equal(altText("  a\n\n cat "), "a cat");
  const long = altText("😀".repeat(121));
  assert.equal(Array.from(long).length, 120);
  assert.ok(long.endsWith("😀…"));
});

test("Markdown and HTML escape the prompt", () => {
  assert.equal(asMarkdown("https://x/", "a [b](c) *d*"), "![a \\[b\\]\\(c\\) \\*d\\*](https://x/)");
  assert.equal(asHtml("https://x/?a=1&b=2", `"<i>'`), `<img src="https://x/?a=1&amp;b=2" alt="&quot;&lt;i&gt;&#39;">`);
});

test("curl sends a token only where one is needed", () => {
  assert.equal(asCurl("https://x/", "cat.png"), 'curl -L -o "cat.png" "https://x/"');
  assert.match(asCurl("https://x/", "cat.png", true), /-H "Authorization: Bearer \$ACCESS_TOKEN"/);
});

test("a file name keeps letters and digits of any script, and tells the type", () => {
  assert.equal(
    fileName({ prompt: "雨夜 / neon: street!", size: "512x512", seed: "7", type: "image/jpeg; q=1" }),
    "雨夜-neon-street-512x512-7.jpg",
  );
  assert.equal(fileName({ prompt: "…", type: "image/unheard-of" }), "flux.img");
  assert.equal(fileName({ prompt: "a".repeat(60), size: null }), `${"a".repeat(40)}.img`);
});
