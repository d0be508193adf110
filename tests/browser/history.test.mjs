import assert from "node:assert/strict";
import { test } from "node:test";
import {
  generate,
  waitForCard,
  storedValue,
  waitForPicture,
  press,
  ready,
  useTestApp,
  textOf,
  visit,
} from "./support/index.mjs";

/** @import { Page } from "puppeteer-core" */

const suite = useTestApp();

const open = (options = {}) => visit(suite.browser, `${suite.app.url}/gui/`, options);
/** @param {Page} page */
const captions = (page) => page.$$eval("#gallery .caption", (all) => all.map((caption) => caption.textContent));
/** @param {Page} page @param {number} count */
const thumbs = (page, count) =>
  page.waitForFunction(
    (n) => {
      const images = Array.from(document.querySelectorAll("#gallery img"));
      return (
        images.length === n && images.every((image) => image instanceof HTMLImageElement && image.naturalWidth > 0)
      );
    },
    {},
    count,
  );
/** @param {number} n */
const entry = (n, more = {}) => ({
  parameters: { prompt: `kept ${n}`, size: "512x512" },
  permalink: `/i/${String(n).padStart(43, "A")}.png`,
  seed: String(n),
  at: n,
  ...more,
});

test("the history survives a reload, newest first, with pictures", async () => {
  const at = await open();
  for (const prompt of ["one", "two", "three"]) {
    await generate(at.page, prompt);
    await waitForPicture(at.page);
  }
  await at.page.goto(`${suite.app.url}/gui/`);
  await ready(at.page);
  assert.deepEqual(await captions(at.page), ["three", "two", "one"]);
  await at.page.$eval("section#history", (section) => section.scrollIntoView());
  await thumbs(at.page, 3);
  await at.close();
});

test("an entry holds a link and parameters, no bytes", async () => {
  const at = await open();
  await generate(at.page, "light as a feather");
  await waitForPicture(at.page);
  const [only, ...others] = await storedValue(at.page, "history.v1");
  assert.equal(others.length, 0);
  assert.deepEqual(Object.keys(only).sort(), ["at", "parameters", "permalink", "seed"]);
  assert.match(only.permalink, /^\/i\/[\w-]{43}\.png$/);
  assert.ok(JSON.stringify(only).length < 400);
  await at.close();
});

test("a click brings back the picture and every setting, and draws nothing", async () => {
  const at = await open();
  await press(at.page, "#advanced summary");
  await at.page.type("#seed", "4711");
  await at.page.type("#negative_prompt", "rain");
  await press(at.page, '[name="size"][value="576x1024"]');
  await press(at.page, "#optimization");
  await generate(at.page, "bring me back");
  await waitForPicture(at.page);
  await at.page.goto(`${suite.app.url}/gui/`);
  await ready(at.page);
  const calls = suite.app.vendors.images.length;
  await press(at.page, "#gallery .show");
  await waitForPicture(at.page);
  assert.equal(suite.app.vendors.images.length, calls);
  const state = await at.page.$eval("form#form", (form) => Object.fromEntries(new FormData(form)));
  delete state.model;
  assert.equal(await at.page.$eval("#seed-lock", (button) => button.getAttribute("aria-pressed")), "false");
  assert.deepEqual(state, {
    count: "1",
    prompt: "bring me back",
    size: "576x1024",
    optimization: "1",
    seed: "4711",
    negative_prompt: "rain",
    steps: "",
    guidance: "",
  });
  await at.close();
});

test("the same picture is there once, and a second time moves it to the front", async () => {
  const at = await open();
  await at.page.type("#seed", "1");
  for (const prompt of ["apple", "pear", "apple"]) {
    await generate(at.page, prompt);
    await waitForPicture(at.page);
    await at.page.waitForFunction(
      (first) => document.querySelector("#gallery .caption")?.textContent === first,
      {},
      prompt,
    );
  }
  assert.deepEqual(await captions(at.page), ["apple", "pear"]);
  await at.close();
});

test("one can be removed, or all of them, and brought back", async () => {
  const at = await open({ storage: { "history.v1": [entry(1), entry(2), entry(3)] }, allow: /status of 404/ });
  assert.equal((await captions(at.page)).length, 3);
  await at.page.focus("#gallery .entry:nth-child(2) .remove");
  await at.page.keyboard.press("Enter");
  assert.deepEqual(await captions(at.page), ["kept 1", "kept 3"]);
  assert.match(
    (await at.page.evaluate(() => document.activeElement?.getAttribute("aria-label"))) ?? "",
    /kept 3/,
    "the focus stays in the list",
  );
  await press(at.page, '#toast [data-act="undo"]');
  assert.deepEqual(await captions(at.page), ["kept 1", "kept 2", "kept 3"]);
  await press(at.page, "#history-clear");
  assert.deepEqual(await storedValue(at.page, "history.v1"), []);
  assert.equal(await at.page.$eval("section#history", (section) => section.hidden), true);
  await press(at.page, '#toast [data-act="undo"]');
  assert.equal((await captions(at.page)).length, 3);
  await at.close();
});

test("the last two hundred are kept, and what is pinned", async () => {
  const full = Array.from({ length: 201 }, (_, n) => entry(n, n === 200 ? { pinned: true } : {}));
  const at = await open({ storage: { "history.v1": full }, allow: /status of 404/ });
  await generate(at.page, "one more");
  await waitForPicture(at.page);
  const list = await storedValue(at.page, "history.v1");
  assert.equal(list.length, 201);
  assert.equal(list[0].parameters.prompt, "one more");
  assert.equal(list.at(-1).parameters.prompt, "kept 200");
  assert.equal(list.at(-2).parameters.prompt, "kept 198");
  await at.close();
});

test("a picture that is no longer stored says so, and can be drawn again", async () => {
  const at = await open({ storage: { "history.v1": [entry(7)] }, allow: /status of 404/ });
  await at.page.waitForSelector("#gallery .gone");
  assert.match(await textOf(at.page, "#gallery .gone"), /No longer stored/);
  await press(at.page, "#gallery .show");
  await waitForCard(at.page, "failed");
  assert.match(await textOf(at.page, ".job .failure"), /no longer stored/);
  await press(at.page, ".job .failure button");
  await waitForPicture(at.page);
  await at.page.waitForFunction(() => document.querySelector("#gallery .entry:first-child img"));
  await at.close();
});

test("what another page wrote into the storage does no harm", async () => {
  const at = await open({ storage: { "history.v1": { not: "a list" }, language: 5, theme: "plaid", token: 7 } });
  await generate(at.page, "still works");
  await waitForPicture(at.page);
  await at.close();
});
