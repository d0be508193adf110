/** What axe, the checker of accessibility, finds wrong with a page. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** @import { Page } from "puppeteer-core" */

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Asserts that axe finds nothing, best practices included. @param {Page} page @param {string} state */
export async function assertAccessible(page, state) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  // A picture that is still fading in has no contrast of its own yet.
  await page.evaluate(() => {
    const passing = document.getAnimations().filter((one) => one.effect?.getTiming().iterations === 1);
    // One whose element goes away is broken off.
    return Promise.allSettled(passing.map((one) => one.finished));
  });
  const violations = await page.evaluate(async () => {
    const { axe } = /** @type {typeof window & {axe: import("axe-core")}} */ (window);
    const result = await axe.run(document, { resultTypes: ["violations"] });
    const told = (/** @type {import("axe-core").NodeResult} */ node) => `${node.target} ${node.any[0]?.message || ""}`;
    return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(told).join(" | ")}`);
  });
  assert.deepEqual(violations, [], state);
}
