/** What it takes until the form page can be used: requests, bytes, and the time on a line with a long way to go. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CHROMIUM_ONLY, ready, useTestApp } from "./support/index.mjs";

/** @import { Page } from "puppeteer-core" */

const suite = useTestApp();

/** What a page may ask for until it can be used, its own HTML included. */
const MOST_REQUESTS = 8;

/** What all of it may weigh, the pictures of the opening included, as it is sent, in bytes. */
const MOST_BYTES = 75_000;

/** What a busy machine may take in place of the 1.5 and 1.0 s that a free one is held to, in milliseconds. */
const PATIENCE = { cold: 4_000, warm: 3_000 };

/** A page of a visitor who has loaded nothing yet; it writes down when it could be used. */
async function newcomer() {
  const context = await suite.browser.createBrowserContext();
  const page = await context.newPage();
  await page.evaluateOnNewDocument(() => {
    new MutationObserver((_, observer) => {
      if (!document.documentElement?.hasAttribute("data-ready")) return;
      Object.assign(window, { readyAt: performance.now() });
      observer.disconnect();
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
  return page;
}

/** When that was, as `performance.now()` counts. @param {Page} page @returns {Promise<number>} */
const readyAt = (page) => page.evaluate(() => /** @type {any} */ (window).readyAt);

/** A picture that the page opens on, but for the one of its HTML. @param {string} url */
const isIdea = (url) => url.includes("/gui/ideas/") && !url.endsWith("/example.svg");

test("the form page can be used after eight requests at most, and all of it weighs under 75 KB", async () => {
  const page = await newcomer();
  await page.goto(`${suite.app.url}/gui/`);
  await ready(page);
  await page.waitForNetworkIdle();
  const loads = await page.evaluate(() =>
    [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map((entry) => {
      const { name, initiatorType, encodedBodySize } = /** @type {PerformanceResourceTiming} */ (entry);
      return { name, initiatorType, encodedBodySize };
    }),
  );
  // What the page's script asks for itself, and the ideas that it draws, come once it can be used.
  const before = loads.filter(({ name, initiatorType }) => initiatorType !== "fetch" && !isIdea(name));
  assert.ok(before.length > 2 && before.length <= MOST_REQUESTS, JSON.stringify(before));
  const bytes = loads.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  assert.ok(bytes > 10_000 && bytes < MOST_BYTES, `${bytes} bytes: ${JSON.stringify(loads)}`);
  await page.browserContext().close();
});

test("with 400 ms for each request it can be used soon, and sooner once it is known", CHROMIUM_ONLY, async () => {
  const page = await newcomer();
  await page.emulateNetworkConditions({ latency: 400, download: 10e6 / 8, upload: 10e6 / 8 });
  for (const [state, most] of Object.entries(PATIENCE)) {
    await page.goto(`${suite.app.url}/gui/`);
    await ready(page);
    const milliseconds = await readyAt(page);
    assert.ok(milliseconds > 400, `${state}: the line is slow, and it took ${milliseconds} ms`);
    assert.ok(milliseconds < most, `${state}: ${milliseconds} ms`);
  }
  await page.browserContext().close();
});
