import assert from "node:assert/strict";
import { test } from "node:test";
import { stubGlobal } from "./support/browser.mjs";

stubGlobal("document", { documentElement: { lang: "en" } });
const { hasStyle, STYLES, withoutStyle, withStyle } = await import("../../assets/gui/styles.js");
const { texts } = await import("../../assets/shared/texts/texts.js");

test("there are a dozen styles, each in every language", () => {
  assert.equal(new Set(STYLES).size, 12);
  for (const table of Object.values(texts)) for (const style of STYLES) assert.ok(table[`style-${style}`], style);
});

test("a style is the end of the prompt, and comes off again", () => {
  for (const [prompt, phrase, expected] of [
    ["a cat", "watercolor", "a cat, watercolor"],
    ["a cat, ", "watercolor", "a cat, watercolor"],
    ["橘猫", "水彩", "橘猫，水彩"],
    ["", "watercolor", "watercolor"],
  ]) {
    const styled = withStyle(prompt, phrase);
    assert.equal(styled, expected);
    assert.ok(hasStyle(styled, "watercolor"));
    assert.equal(withoutStyle(styled, "watercolor"), prompt.replace(/, $/, ""));
  }
});

test("a style is known in the other language, and is no part of a longer word", () => {
  assert.ok(hasStyle("a cat, 水彩", "watercolor"));
  assert.equal(withoutStyle("雨巷，水彩，夜", "watercolor"), "雨巷，夜");
  assert.ok(!hasStyle("a watercolorist", "watercolor"));
  assert.ok(!hasStyle("cat", "photo"));
});
