import assert from "node:assert/strict";
import { test } from "node:test";
import {
  generate,
  waitForCard,
  facts,
  waitForPicture,
  press,
  useTestApp,
  textOf,
  valueOf,
  visit,
  addressOf,
} from "./support/index.mjs";

const suite = useTestApp();
/** @type {Awaited<ReturnType<typeof visit>>} */
let at;

const open = async (query = "", options = {}) =>
  (at = await visit(suite.browser, `${suite.app.url}/gui/${query}`, options)).page;

test("a prompt becomes a picture, with what it was made with", async () => {
  const page = await open();
  await generate(page, "a red bicycle");
  await waitForPicture(page);
  const told = await facts(page);
  assert.match(told.Model, /FLUX\.1-schnell/);
  assert.match(told.Seed, /^\d+$/);
  assert.equal(told.Size, "1024 × 1024");
  assert.match(told.Time, /^\d+\.\d s$/);
  assert.equal(told.Source, "Newly drawn");
  assert.equal(await textOf(page, ".job .asked"), "a red bicycle");
  assert.equal(await page.$(".job .drawn"), null, "a prompt drawn as it was written is not said twice");
  await at.close();
});

test("the same prompt again brings another picture, and its seed is shown and in the link", async () => {
  const page = await open();
  const calls = suite.app.vendors.images.length;
  await generate(page, "a green bicycle");
  await waitForPicture(page);
  const first = (await facts(page)).Seed;
  assert.equal(await valueOf(page, "#seed"), first);
  assert.equal(new URL(await addressOf(page)).searchParams.get("seed"), first);
  await press(page, "#generate");
  await page.waitForFunction(() => document.querySelectorAll('.job[data-state="done"]').length === 2);
  const second = (await facts(page)).Seed;
  assert.notEqual(second, first);
  assert.equal(suite.app.vendors.images.length, calls + 2);
  await at.close();
});

test("with a locked seed it is found in the store, which is said, with a button for another", async () => {
  const page = await open("?prompt=a%20blue%20bicycle&size=512x512&seed=5");
  await press(page, "#seed-lock");
  await press(page, "#generate");
  await waitForPicture(page);
  const calls = suite.app.vendors.images.length;
  await press(page, "#generate");
  await page.waitForSelector(".job:first-child .stored");
  assert.match(await textOf(page, ".job:first-child .stored"), /Found in the store.*Draw another/);
  assert.equal(suite.app.vendors.images.length, calls);
  await press(page, '.job:first-child [data-act="draw-another"]');
  await page.waitForFunction(() => document.querySelectorAll('.job[data-state="done"]').length === 3);
  assert.equal(suite.app.vendors.images.length, calls + 1);
  assert.equal(await valueOf(page, "#seed"), "5", "the lock holds");
  await at.close();
});

test("four at once have seeds of their own, and each lands as it is ready", async () => {
  const page = await open();
  const calls = suite.app.vendors.images.length;
  await press(page, '[name="count"][value="4"]');
  assert.match(await textOf(page, "#count-hint"), /4 pictures.*each counts/);
  await generate(page, "a yellow bicycle");
  await page.waitForFunction(() => document.querySelectorAll('#jobs .job[data-state="done"] img').length === 4);
  const seeds = suite.app.vendors.images.slice(calls).map((body) => body.seed);
  assert.equal(new Set(seeds).size, 4);
  await at.close();
});

test("a double click asks for one picture", async () => {
  const page = await open();
  await page.type("#prompt", "a nervous finger");
  await page.click("#generate", { count: 2 });
  await waitForPicture(page);
  assert.equal((await page.$$(".job")).length, 1);
  await at.close();
});

test("a Chinese prompt is shown with its translation, an optimized one with what became of it", async () => {
  const page = await open();
  suite.app.vendors.onChat = () => suite.app.vendors.chatReply("a girl in the snow, photograph");
  await generate(page, "雪中的女孩");
  await waitForPicture(page);
  assert.equal(await textOf(page, ".job .badge"), "Translated");
  assert.equal(await textOf(page, ".job .drawn p"), "a girl in the snow, photograph");
  await press(page, "#optimization");
  await press(page, "#generate");
  await page.waitForFunction(() => document.querySelector(".job .badge")?.textContent === "Optimized");
  await at.close();
});

test("a prompt that could not be rewritten is said to be drawn as written", async () => {
  const page = await open();
  suite.app.vendors.onChat = () => suite.app.vendors.errorReply(400, { error: { code: "1301", message: "refused" } });
  await generate(page, "雨中的巷子");
  await waitForPicture(page);
  assert.equal(await textOf(page, ".job .badge"), "Not rewritten");
  assert.match(await textOf(page, ".job .drawn"), /雨中的巷子.*as written/);
  await at.close();
});

test("while it works there is a place of the right shape, the time, what is waited for, and a way out", async () => {
  const page = await open("?prompt=slow&size=1024x576");
  suite.app.vendors.hold();
  await press(page, "#generate");
  await waitForCard(page, "working");
  const shape = await page.$eval(".job div.frame", (frame) => frame.offsetWidth / frame.offsetHeight);
  assert.ok(Math.abs(shape - 16 / 9) < 0.02, `the place is ${shape} wide for its height`);
  await page.waitForFunction(() =>
    / is drawing, at SiliconFlow$/.test(document.querySelector(".phase")?.textContent ?? ""),
  );
  await page.waitForFunction(() => parseFloat(document.querySelector(".elapsed")?.textContent ?? "") >= 0.6);
  assert.equal(await page.$eval("button#generate", (button) => button.disabled), false, "the button is not frozen");
  assert.equal(await page.$eval(".job", (element) => element.getAttribute("aria-busy")), "true");
  await press(page, ".job .waiting button");
  await waitForCard(page, "cancelled");
  assert.match(await textOf(page, ".job .failure"), /Cancelled/);
  suite.app.vendors.release();
  await press(page, ".job .failure button");
  await waitForPicture(page);
  await at.close();
});

test("two pictures are drawn at once, and each arrives", async () => {
  const page = await open();
  suite.app.vendors.hold();
  await generate(page, "first of two");
  await waitForCard(page, "working");
  await generate(page, "second of two");
  await page.waitForFunction(() => document.querySelectorAll('.job[data-state="working"]').length === 2);
  assert.equal(await textOf(page, "#jobs .asked"), "second of two");
  suite.app.vendors.release();
  await page.waitForFunction(() => document.querySelectorAll('.job[data-state="done"] img').length === 2);
  await page.waitForFunction(() => document.querySelectorAll("#gallery .entry").length === 2);
  await at.close();
});

test("sending the same twice draws it once", async () => {
  const page = await open();
  suite.app.vendors.hold();
  const calls = at.requests.length;
  await press(page, "#seed-lock");
  await generate(page, "only once");
  await press(page, "#generate");
  await page.focus("#prompt");
  await page.keyboard.down("Control");
  await page.keyboard.press("Enter");
  await page.keyboard.up("Control");
  await waitForCard(page, "working");
  assert.equal((await page.$$(".job")).length, 1);
  suite.app.vendors.release();
  await waitForPicture(page);
  const sent = at.requests.slice(calls).filter((request) => request.url().includes("?prompt=only%20once"));
  assert.equal(new Set(sent.map((request) => request.url().replace(/&id=.*/, ""))).size, 1);
  await at.close();
});

test("another picture of the same has another seed, and its number can be kept", async () => {
  const page = await open();
  await generate(page, "a paper boat");
  await waitForPicture(page);
  const first = (await facts(page)).Seed;
  await press(page, '.job [data-act="another"]');
  await page.waitForFunction(
    (seed) => {
      const button = document.querySelector('.job[data-state="done"] .facts button');
      return button && button.textContent !== seed;
    },
    {},
    first,
  );
  const second = (await facts(page)).Seed;
  assert.equal(new URL(await addressOf(page)).searchParams.get("seed"), second);
  assert.equal(String(suite.app.vendors.images.at(-1).seed), second);
  await press(page, ".job .facts button");
  assert.equal(await page.$eval("input#seed", (field) => field.value), second);
  assert.equal(await page.$eval("button#seed-lock", (button) => button.getAttribute("aria-pressed")), "true");
  await at.close();
});

test("a shared page URL shows its picture to someone else; one without a picture makes none unasked", async () => {
  let page = await open();
  await generate(page, "shared tree");
  await waitForPicture(page);
  await page.waitForFunction(() => new URLSearchParams(location.search).has("id"));
  const shared = new URL(await addressOf(page)).search;
  const calls = suite.app.vendors.images.length;
  await page.type("#prompt", "s");
  await page.waitForFunction(() => !new URLSearchParams(location.search).has("id"));
  await at.close();
  page = await open(shared);
  await waitForPicture(page);
  assert.equal(await textOf(page, ".job .asked"), "shared tree");
  await at.close();
  page = await open("?prompt=never%20drawn&size=1024x1024");
  await page.waitForNetworkIdle({ idleTime: 300 });
  assert.equal(await page.$(".job"), null);
  assert.equal(await page.$eval("textarea#prompt", (field) => field.value), "never drawn");
  assert.equal(suite.app.vendors.images.length, calls);
  await at.close();
});

test("what happens is announced", async () => {
  const page = await open();
  assert.equal(await page.$eval("#status", (region) => region.getAttribute("role")), "status");
  suite.app.vendors.hold();
  await generate(page, "say it");
  await page.waitForFunction(() => / is drawing, at /.test(document.querySelector("#status")?.textContent ?? ""));
  suite.app.vendors.release();
  await page.waitForFunction(() => document.querySelector("#status")?.textContent === "The picture is ready.");
  await at.close();
});
