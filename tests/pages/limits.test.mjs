import assert from "node:assert/strict";
import { test } from "node:test";
import { isGuidance, isSteps, MAX_SEED, parseSeed, promptLength, randomSeed } from "../../assets/shared/limits.js";

test("a prompt is counted in code points, trimmed and composed", () => {
  assert.equal(promptLength("  cat \n"), 3);
  assert.equal(promptLength("😀😀"), 2);
  assert.equal(promptLength("e\u0301"), 1);
  assert.equal(promptLength(" "), 0);
});

test("a seed is a whole number of up to ten digits, without leading zeros, or empty", () => {
  assert.equal(parseSeed(" 42 "), "42");
  assert.equal(parseSeed("0007"), "7");
  assert.equal(parseSeed("9999999999"), "9999999999");
  assert.equal(parseSeed(" "), "");
  for (const text of ["10000000000", "-2", "1.5", "1e3", "seed"]) assert.equal(parseSeed(text), null, text);
});

test("a seed that is left to chance is drawn", () => {
  for (const text of ["-1", "random", " RANDOM "]) assert.match(parseSeed(text) ?? "", /^\d{1,10}$/, text);
});

test("drawn seeds are within the limit, and differ", () => {
  const seeds = Array.from({ length: 1_000 }, randomSeed);
  for (const seed of seeds) assert.ok(Number.isInteger(Number(seed)) && Number(seed) <= MAX_SEED, seed);
  assert.ok(new Set(seeds).size > 990);
});

test("steps and guidance have their limits", () => {
  for (const text of ["1", "100"]) assert.ok(isSteps(text), text);
  for (const text of ["0", "101", "many", "1e999"]) assert.ok(!isSteps(text), text);
  for (const text of ["0", "7.5", "20"]) assert.ok(isGuidance(text), text);
  for (const text of ["-0.1", "20.1", "x"]) assert.ok(!isGuidance(text), text);
});
