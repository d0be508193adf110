import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { en as ownerEn } from "../../assets/admin/texts/en.js";
import { zh as ownerZh } from "../../assets/admin/texts/zh.js";
import { en } from "../../assets/shared/texts/en.js";
import { zh } from "../../assets/shared/texts/zh.js";

/** What is filled into a sentence. @param {string} sentence */
const values = (sentence) => Array.from(sentence.matchAll(/\{(\w+)\}/g), ([, name]) => name).sort();

for (const [whose, english, chinese] of /** @type {[string, typeof en, typeof zh][]} */ ([
  ["all pages", en, zh],
  ["the owner's page", ownerEn, ownerZh],
])) {
  test(`both languages have every sentence of ${whose}, with the same filled in`, () => {
    assert.deepEqual(Object.keys(chinese).sort(), Object.keys(english).sort());
    for (const [key, sentence] of Object.entries(english))
      assert.deepEqual(values(chinese[key]), values(sentence), key);
  });
}

test("no sentence of the owner's page takes the place of one of all pages", () => {
  assert.deepEqual(
    Object.keys(ownerEn).filter((key) => key in en),
    [],
  );
});

test("each error code that the API documents has a sentence", () => {
  const api = JSON.parse(readFileSync(new URL("../../assets/openapi.json", import.meta.url), "utf8"));
  /** @type {string[]} */
  const codes = api.components.schemas.Error.properties.error.properties.code.enum;
  assert.ok(codes.length > 20);
  assert.deepEqual(
    codes.filter((code) => !(`error.${code}` in en)),
    [],
  );
});
