/** What a reader meets on the form page: each a way in which the page once failed somebody. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CHROMIUM_ONLY,
  isFirefox,
  facts,
  formValues,
  generate,
  press,
  ready,
  setValue,
  startTestApp,
  storedValue,
  textOf,
  useTestApp,
  valueOf,
  visit,
  waitForCard,
  waitForPicture,
  addressOf,
} from "./support/index.mjs";

/** @import { Page } from "puppeteer-core" */

const suite = useTestApp();

const open = (query = "", options = {}) => visit(suite.browser, `${suite.app.url}/gui/${query}`, options);

/** @param {Page} page @param {string} selector */
const bottomOf = (page, selector) => page.$eval(selector, (element) => element.getBoundingClientRect().bottom);

test("the picture's address is its permalink, and it saves under its name", async () => {
  const at = await open();
  await generate(at.page, "a real address");
  await waitForPicture(at.page);
  const { src, href, download } = await at.page.$eval("#jobs .job", (card) => ({
    src: card.querySelector("img")?.src,
    href: /** @type {HTMLAnchorElement} */ (card.querySelector("a[download]")).href,
    download: /** @type {HTMLAnchorElement} */ (card.querySelector("a[download]")).download,
  }));
  assert.match(src ?? "", new RegExp(`^${suite.app.url}/i/[\\w-]{43}\\.png$`));
  assert.equal(href, src);
  assert.match(download, /^a-real-address-1024x1024-\d+\.png$/);
  await at.close();
});

test("a reload shows the picture and its seed, and locks nothing", async () => {
  const at = await open();
  await generate(at.page, "after a reload");
  await waitForPicture(at.page);
  const { Seed } = await facts(at.page);
  await at.page.waitForFunction(() => new URLSearchParams(location.search).has("id"));
  await at.page.reload();
  await ready(at.page);
  await waitForPicture(at.page);
  assert.equal(await valueOf(at.page, "#seed"), Seed);
  assert.equal(await at.page.$eval("#seed-lock", (lock) => lock.getAttribute("aria-pressed")), "false");
  await press(at.page, "#generate");
  await at.page.waitForFunction(() => document.querySelectorAll('.job[data-state="done"]').length === 2);
  assert.notEqual((await facts(at.page)).Seed, Seed);
  await press(at.page, "#jobs .enlarge");
  await at.page.waitForSelector("#lightbox[open]");
  assert.equal(await textOf(at.page, "#lightbox-count"), "1 / 2", "the history's are the same two");
  await at.close();
});

test("a half-written prompt is set aside when something takes its place, and brought back", async () => {
  const at = await open();
  await generate(at.page, "already drawn");
  await waitForPicture(at.page);
  await setValue(at.page, "#prompt", "");
  await at.page.type("#prompt", "half a thou");
  await press(at.page, "#gallery .show");
  assert.equal(await valueOf(at.page, "#prompt"), "already drawn");
  assert.match(await textOf(at.page, "#toast"), /set aside/);
  await press(at.page, '#toast [data-act="draft-back"]');
  assert.equal(await valueOf(at.page, "#prompt"), "half a thou");
  await at.page.goto(`${suite.app.url}/gui/`);
  await ready(at.page);
  assert.equal(await valueOf(at.page, "#prompt"), "half a thou", "it outlives the page");
  await at.close();
});

test("Generate pressed before the page is ready is held until it is", async () => {
  const at = await open();
  const { page } = at;
  await page.setRequestInterception(true);
  /** @type {(value?: unknown) => void} */
  let release = () => {};
  const released = new Promise((resolve) => (release = resolve));
  page.on("request", async (request) => {
    if (/\/static\/gui-.*\.js$/.test(request.url())) await released;
    request.continue().catch(() => {});
  });
  await page.setCacheEnabled(false);
  await page.goto(`${suite.app.url}/gui/`, { waitUntil: "domcontentloaded", timeout: 1500 }).catch(() => {});
  await page.waitForSelector("#generate");
  await page.type("#prompt", "too early");
  await page.click("#generate");
  assert.equal(new URL(await addressOf(page)).pathname, "/gui/", "the page is still there");
  release();
  await ready(page);
  await waitForPicture(page);
  assert.equal(await textOf(page, "#jobs .asked"), "too early");
  await at.close();
});

for (const [width, height] of [
  [390, 844],
  [1366, 650],
  [1280, 800],
]) {
  test(`the picture and its actions are seen without scrolling at ${width}x${height}`, async () => {
    const at = await open("", { width, height, touch: width < 600 });
    await generate(at.page, "in one view");
    await waitForPicture(at.page);
    await at.page.evaluate(() => scrollTo(0, 0));
    assert.ok((await bottomOf(at.page, "#jobs .frame")) <= height, "the picture");
    assert.ok((await bottomOf(at.page, "#jobs .bar")) <= height, "its actions");
    if (width > 900) assert.ok((await bottomOf(at.page, ".switch")) <= height, "the switch");
    const tops = await at.page.$$eval(".tile", (all) => all.map((tile) => tile.getBoundingClientRect().top));
    assert.equal(new Set(tops).size, 1, "the ratios are in one row");
    const size = await at.page.$eval("#prompt", (field) => parseFloat(getComputedStyle(field).fontSize));
    assert.ok(size >= 16, "no phone zooms into the field");
    await at.close();
  });
}

test("a prompt without a space wraps, and one from right to left is laid out so", async () => {
  const at = await open("", { width: 390, height: 844 });
  await setValue(at.page, "#prompt", "x".repeat(2000));
  await press(at.page, "#generate");
  await waitForPicture(at.page);
  assert.equal(await at.page.evaluate(() => document.documentElement.scrollWidth), 390);
  await generate(at.page, "قطة نائمة على النافذة");
  await waitForPicture(at.page);
  const direction = (/** @type {string} */ selector) =>
    at.page.$eval(selector, (element) => getComputedStyle(element).direction);
  assert.deepEqual([await direction("#prompt"), await direction("#jobs .asked")], ["rtl", "rtl"]);
  await at.close();
});

test("where only signed links are open, a reader is asked for a token, and with it the picture is drawn", async () => {
  for (const vars of [
    { URL_SIGNING_KEY: "a-signing-key-of-some-length", ACCESS_TOKENS: "open-sesame-123" },
    { ALLOWED_REFERERS: "elsewhere.example", ACCESS_TOKENS: "open-sesame-123" },
  ]) {
    const closed = await startTestApp({ vars });
    try {
      const at = await visit(suite.browser, `${closed.url}/gui/`, { allow: /status of 40[13]/ });
      await generate(at.page, "with a key of my own");
      await at.page.waitForSelector("#token-dialog[open]");
      await at.page.type("#token", "open-sesame-123");
      await at.page.keyboard.press("Enter");
      await waitForPicture(at.page);
      await at.close();
    } finally {
      await closed.stop();
    }
  }
});

test("where nothing is stored, the link draws the picture again with its seed", async () => {
  const bare = await startTestApp({ kv: false });
  try {
    const at = await visit(suite.browser, `${bare.url}/gui/`);
    await generate(at.page, "not kept");
    await waitForPicture(at.page);
    const { Seed } = await facts(at.page);
    const link = await at.page.$eval("#jobs .live-link code", (code) => code.textContent);
    assert.match(link, new RegExp(`seed=${Seed}$`));
    await at.close();
  } finally {
    await bare.stop();
  }
});

test("without a language model the switch says so; without anything to draw with the page does", async () => {
  const at = await open();
  await at.page.setRequestInterception(true);
  at.page.on("request", (request) =>
    new URL(request.url()).pathname === "/health"
      ? request.respond({
          contentType: "application/json",
          body: JSON.stringify({ status: "ok", draws: false, rewrites: false, why: "Set IMAGE_API_KEYS." }),
        })
      : request.continue(),
  );
  await at.page.reload();
  await at.page.waitForSelector("#not-drawing:not([hidden])");
  assert.match(await textOf(at.page, "#not-drawing"), /nothing to draw with.*IMAGE_API_KEYS/);
  assert.match(await textOf(at.page, "#optimization-help"), /No language model/);
  assert.equal(await at.page.$eval("input#optimization", (box) => box.disabled), true);
  await at.close();
});

test("a prompt is improved before it is drawn, which can be undone, and drawn as it stands", async () => {
  const at = await open();
  await at.page.setRequestInterception(true);
  at.page.on("request", (request) =>
    new URL(request.url()).pathname === "/v1/prompt"
      ? request.respond({
          contentType: "application/json",
          body: JSON.stringify({
            prompt: "a cat, in soft light",
            status: "optimized",
          }),
        })
      : request.continue(),
  );
  await press(at.page, "#optimization");
  await at.page.type("#prompt", "a cat");
  await press(at.page, "#improve");
  await at.page.waitForFunction(() =>
    /** @type {HTMLTextAreaElement} */ (document.querySelector("#prompt")).value.endsWith("soft light"),
  );
  assert.equal(await at.page.$eval("input#optimization", (box) => box.checked), false);
  await press(at.page, '#toast [data-act="undo"]');
  assert.equal(await valueOf(at.page, "#prompt"), "a cat");
  assert.equal((await formValues(at.page)).optimization, "1");
  await at.close();
});

test("a shared link with wrong settings says which, and nothing is drawn", async () => {
  const at = await open("?prompt=x&size=9x9&seed=-7&steps=0&guidance=99");
  assert.match(await textOf(at.page, "#toast"), /size, seed, steps, guidance/);
  assert.equal(await at.page.$(".job"), null);
  await at.close();
});

test("it opens on an example and ideas, which fill the form; a dice brings others, chips a style", async () => {
  const at = await open();
  const { page } = at;
  await page.waitForFunction(
    () => /** @type {HTMLImageElement} */ (document.querySelector("#example-picture")).naturalWidth > 0,
  );
  assert.equal((await page.$$("#ideas button")).length, 12);
  await press(page, "#ideas li:nth-child(2) button");
  assert.equal(await valueOf(page, "#prompt"), "A city above the clouds, cinematic");
  assert.equal(await page.$eval('[data-style="cinematic"]', (chip) => chip.getAttribute("aria-pressed")), "true");
  await press(page, '[data-style="watercolor"]');
  assert.equal(await valueOf(page, "#prompt"), "A city above the clouds, cinematic, watercolor");
  await press(page, '[data-style="cinematic"]');
  assert.equal(await valueOf(page, "#prompt"), "A city above the clouds, watercolor");
  const before = await valueOf(page, "#prompt");
  await press(page, "#idea-dice");
  assert.notEqual(await valueOf(page, "#prompt"), before);
  await press(page, "#generate");
  await waitForPicture(page);
  await at.close();
});

test("the lightbox turns with the arrows, closes with Esc, copies with C and compares", async () => {
  const at = await open();
  const { page } = at;
  for (const prompt of ["first to compare", "second to compare"]) {
    await generate(page, prompt);
    await waitForPicture(page);
  }
  await press(page, "#jobs .enlarge");
  await page.waitForSelector("#lightbox[open]");
  const shown = () => page.$$eval("#lightbox figcaption", (all) => all.map((caption) => caption.textContent));
  assert.deepEqual(await shown(), ["second to compare"]);
  await page.keyboard.press("ArrowRight");
  assert.deepEqual(await shown(), ["first to compare"]);
  await page.keyboard.press("c");
  await page.waitForFunction(() => document.querySelector("#lightbox-copy-label")?.textContent === "Copied");
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /\/i\/[\w-]{43}\.png$/);
  await press(page, "#lightbox-compare");
  assert.equal((await shown()).length, 2);
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector("#lightbox[open]"));
  await at.close();
});

test("the picture itself can be copied", async () => {
  const at = await open();
  await generate(at.page, "onto the clipboard");
  await waitForPicture(at.page);
  await at.page.bringToFront();
  await press(at.page, '.job [data-act="copy-image"]');
  await at.page.waitForFunction(() =>
    /Copied/.test(document.querySelector('.job [data-act="copy-image"]')?.textContent ?? ""),
  );
  const types = await at.page.evaluate(async () => (await navigator.clipboard.read()).flatMap((item) => item.types));
  // Without a screen Firefox has a clipboard for texts only.
  if (!isFirefox) assert.ok(types.includes("image/png"), types.join());
  await at.close();
});

test("print shows the picture and not the form", CHROMIUM_ONLY, async () => {
  const at = await open();
  await generate(at.page, "on paper");
  await waitForPicture(at.page);
  await at.page.emulateMediaType("print");
  const seen = (/** @type {string} */ selector) =>
    at.page.$eval(selector, (element) => element.getClientRects().length > 0);
  assert.deepEqual([await seen("#form"), await seen("#jobs img"), await seen("#jobs .asked")], [false, true, true]);
  await at.close();
});

test("storage that is forbidden loses nothing while the page is open", async () => {
  const at = await open();
  await at.page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await generate(at.page, "kept in memory");
  await waitForPicture(at.page);
  assert.equal((await at.page.$$("#gallery .entry")).length, 1);
  assert.equal(await storedValue(at.page, "history.v1"), null);
  await waitForCard(at.page, "done");
  await at.close();
});
