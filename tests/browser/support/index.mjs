/** The built Worker and a browser for a file of tests. */
import { after, afterEach, before } from "node:test";
import { openBrowser } from "./browser.mjs";
import { startTestApp } from "./test_app.mjs";

export * from "./visit.mjs";
export { CHROMIUM_ONLY, isFirefox } from "./browser.mjs";
export { startTestApp };

/** @typedef {Awaited<ReturnType<typeof startTestApp>>} TestApp */

/**
 * Gives a file of tests one browser and one Worker, and ends both after them, also where one of them did not start.
 * @param {import("../../workerd/support/worker.mjs").Options} [options]
 * @returns {{browser: import("puppeteer-core").Browser, app: TestApp}} filled in before the first test
 */
export function useTestApp(options) {
  const suite = /** @type {ReturnType<typeof useTestApp>} */ ({});
  before(async () => {
    suite.app = await startTestApp(options);
    suite.browser = await openBrowser();
  });
  afterEach(() => suite.app?.vendors.release());
  after(async () => {
    await suite.browser?.close();
    await suite.app?.stop();
  });
  return suite;
}
