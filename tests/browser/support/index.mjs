/** What a browser test needs: a world, a browser, a visit. */
import { after, afterEach, before } from "node:test";
import { openBrowser } from "./browser.mjs";
import { startWorld } from "./world.mjs";

export * from "./visit.mjs";
export { startWorld };

/**
 * Gives a file of tests one browser and one Worker, and ends both after them, also where one of them did not start.
 * @param {Parameters<typeof startWorld>[0]} [options]
 * @returns {{browser: import("puppeteer-core").Browser, world: Awaited<ReturnType<typeof startWorld>>}} filled in before
 *   the first test
 */
export function scene(options) {
  const here = {};
  before(async () => {
    here.world = await startWorld(options);
    here.browser = await openBrowser();
  });
  afterEach(() => here.world?.vendors.release());
  after(async () => {
    await here.browser?.close();
    await here.world?.stop();
  });
  return here;
}
