/** The owner's page: for everyone, in light and dark, on every screen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { press, useTestApp } from "./support/index.mjs";
import { enterAdmin, FRIEND, makeImage, openAdmin, OWNER, signIn, TOKENS, waitForTiles } from "./support/owner.mjs";

/** @import { Page } from "puppeteer-core" */

const suite = useTestApp({ vars: { ACCESS_TOKENS: TOKENS }, instrumented: true });

/** Fills the deployment with something to see, once. */
let isFilled = false;
async function fill() {
  if (isFilled) return;
  isFilled = true;
  await makeImage(suite.app, { prompt: `${"Donaudampfschifffahrtsgesellschaft".repeat(4)} 1`, size: "768x512" });
  for (const prompt of ["a friend's first", "a friend's second"]) await makeImage(suite.app, { prompt }, FRIEND);
  suite.app.vendors.onImage = () => suite.app.vendors.errorReply(401, "Invalid token");
  await (
    await fetch(`${suite.app.url}/?prompt=fails`, { headers: { Authorization: `Bearer ${FRIEND}` } })
  ).arrayBuffer();
  suite.app.vendors.release();
}

/** Scrolls to the pictures, all of which are in the document then. @param {Page} page */
async function showTiles(page) {
  await page.waitForSelector("#stats:not([hidden])");
  await page.waitForSelector(".tile");
  await page.$eval("#pictures", (section) => section.scrollIntoView());
  await waitForTiles(page, 3);
}

/** Presses a button of the first picture. @param {Page} page @param {string} act */
const first = (page, act) => press(page, `.tile [data-act="${act}-one"]`);

for (const scheme of /** @type {const} */ (["light", "dark"])) {
  test(`axe finds nothing wrong with the owner's page in any of its states (${scheme})`, async () => {
    await fill();
    const at = await openAdmin(suite, { scheme, allow: /status of (4|503)/ });
    const { page } = at;
    await page.waitForSelector("#sign-in:not([hidden])");
    await assertAccessible(page, "the question");
    await signIn(page, "token-of-nobody");
    await page.waitForFunction(() => document.querySelector("#sign-in-problem")?.textContent !== "");
    await assertAccessible(page, "refused");
    await page.$eval("input#token", (field) => (field.value = ""));
    await suite.app.instruments.reads("fail");
    await signIn(page, OWNER);
    await page.waitForSelector("#pictures-problem .problem-box");
    await page.waitForSelector("#stats:not([hidden])");
    await assertAccessible(page, "with a store that cannot be read");
    await suite.app.instruments.reads("work");
    await press(page, "#pictures-problem button");
    await page.$eval("details", (details) => (details.open = true));
    await showTiles(page);
    await assertAccessible(page, "with all there is");
    await first(page, "delete");
    await page.waitForSelector(".over .countdown");
    await assertAccessible(page, "with a deletion that waits");
    await press(page, ".over button");
    suite.app.vendors.onImage = () => suite.app.vendors.errorReply(400, { code: 20015, message: "no", data: null });
    await first(page, "refresh");
    await page.waitForSelector(".over.failed");
    await assertAccessible(page, "with a picture that cannot be drawn anew");
    await at.close();
  });
}

test("nothing scrolls sideways on the owner's page from 320 pixels to a wide screen", async () => {
  await fill();
  for (const language of /** @type {const} */ (["en", "zh-CN"])) {
    const at = await enterAdmin(suite, { language, width: 320, height: 640 });
    await at.page.waitForSelector("#stats:not([hidden])");
    await at.page.$eval("details", (details) => (details.open = true));
    await showTiles(at.page);
    for (const width of [320, 360, 414, 600, 768, 900, 1280, 1920]) {
      await at.page.setViewport({ width, height: 800 });
      const { wide, out } = await at.page.evaluate(() => ({
        wide: document.documentElement.scrollWidth,
        out: Array.from(document.querySelectorAll("main *, header *"))
          .filter((element) => element.getClientRects().length && !element.closest(".visually-hidden, .scroll, svg"))
          .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
          .map((element) => element.id || element.className || element.tagName),
      }));
      assert.equal(wide, width, `${language} at ${width}`);
      assert.deepEqual(out, [], `${language} at ${width}`);
    }
    await at.close();
  }
});

test("tiles are of one height, whatever is written on them and done to them", async () => {
  await fill();
  for (const width of [360, 1280]) {
    const at = await enterAdmin(suite, { width, allow: /status of 404/ });
    await showTiles(at.page);
    const heights = () =>
      at.page.$$eval(".tile", (all) =>
        Array.from(new Set(all.map((tile) => Math.round(tile.getBoundingClientRect().height)))),
      );
    const before = await heights();
    assert.equal(before.length, 1);
    await first(at.page, "delete");
    await at.page.waitForSelector(".over");
    assert.deepEqual(await heights(), before);
    await press(at.page, ".over button");
    await at.close();
  }
});
