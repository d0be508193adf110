/** What a browser test needs: a world, a browser, a visit. */
import { after, before } from "node:test";
import { openBrowser } from "./browser.mjs";

export * from "./visit.mjs";

// Another backend that exports `startWorld` can stand in for the built Worker while the pages are worked on.
export const { startWorld } = await import(process.env.BROWSER_TEST_WORLD || "./world.mjs");

/**
 * Gives a file of tests one browser and one Worker, and ends both after them, also where one of them did not start.
 * @param {object} [options] as of `startWorld`
 * @returns {{browser: import("puppeteer-core").Browser, world: any}} filled in before the first test
 */
export function scene(options) {
  const here = {};
  before(async () => {
    here.world = await startWorld(options);
    here.browser = await openBrowser();
  });
  after(async () => {
    await here.browser?.close();
    await here.world?.stop();
  });
  return here;
}
