import assert from "node:assert/strict";
import { test } from "node:test";
import { isSide, parseSize, sizeText } from "../../assets/shared/sizes.js";

test("a size is read however its sign is written", () => {
  for (const text of ["768x512", "768X512", "768×512", "768*512", " 768 x 512 ", "0768x0512"]) {
    assert.deepEqual(parseSize(text), { width: 768, height: 512 }, text);
  }
});

test("what is not a size that the API takes is none", () => {
  for (const text of [
    "",
    null,
    undefined,
    "768",
    "x512",
    "768x",
    "768x512x3",
    "-768x512",
    "76.8x512",
    "63x512",
    "512x2049",
  ]) {
    assert.equal(parseSize(text), null, String(text));
  }
});

test("the limits of a side belong to it", () => {
  assert.ok(isSide(64) && isSide(2048));
  assert.ok(!isSide(63) && !isSide(2049) && !isSide(100.5) && !isSide(NaN));
});

test("a size that was read is written in one way", () => {
  assert.equal(sizeText(768, 512), "768x512");
});
