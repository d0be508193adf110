import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, card, facts, picture, press, scene, textOf, visit } from "./support/index.mjs";

const here = scene();
let at;

const open = async (query = "", options = {}) =>
  (at = await visit(here.browser, `${here.world.url}/gui/${query}`, options)).page;

test("a prompt becomes a picture, with what it was made with", async () => {
  const page = await open();
  await ask(page, "a red bicycle");
  await picture(page);
  const told = await facts(page);
  assert.match(told.Model, /FLUX\.1-schnell/);
  assert.match(told.Seed, /^\d+$/);
  assert.equal(told.Size, "1024 × 1024");
  assert.match(told.Time, /^\d+\.\d s$/);
  assert.equal(told.Source, "Newly drawn");
  assert.equal(await textOf(page, ".job .asked"), "a red bicycle");
  assert.equal(await page.$(".job .drawn"), null, "a prompt drawn as it was written is not said twice");
  await at.leave();
});

test("the same prompt again comes from the store, and the page says so", async () => {
  const page = await open();
  const calls = here.world.vendors.images.length;
  await ask(page, "a green bicycle");
  await picture(page);
  await press(page, "#generate");
  await page.waitForFunction(() => document.querySelector(".facts")?.textContent.includes("Found in the store"));
  assert.equal(here.world.vendors.images.length, calls + 1);
  await at.leave();
});

test("a Chinese prompt is shown with its translation, an optimized one with what became of it", async () => {
  const page = await open();
  here.world.vendors.onChat = () => here.world.vendors.says("a girl in the snow, photograph");
  await ask(page, "雪中的女孩");
  await picture(page);
  assert.equal(await textOf(page, ".job .badge"), "Translated");
  assert.equal(await textOf(page, ".job .drawn p"), "a girl in the snow, photograph");
  await press(page, "#optimization");
  await press(page, "#generate");
  await page.waitForFunction(() => document.querySelector(".job .badge")?.textContent === "Optimized");
  await at.leave();
});

test("a prompt that could not be rewritten is said to be drawn as written", async () => {
  const page = await open();
  here.world.vendors.onChat = () => here.world.vendors.fails(400, { error: { code: "1301", message: "refused" } });
  await ask(page, "雨中的巷子");
  await picture(page);
  assert.equal(await textOf(page, ".job .badge"), "Not rewritten");
  assert.match(await textOf(page, ".job .drawn"), /雨中的巷子.*as written/);
  await at.leave();
});

test("while it works there is a place of the right shape, the time, what is waited for, and a way out", async () => {
  const page = await open("?prompt=slow&size=1024x576");
  here.world.vendors.hold();
  await press(page, "#generate");
  await card(page, "working");
  const shape = await page.$eval(".job .frame", (frame) => frame.offsetWidth / frame.offsetHeight);
  assert.ok(Math.abs(shape - 16 / 9) < 0.02, `the place is ${shape} wide for its height`);
  assert.equal(await textOf(page, ".job .phase"), "Drawing");
  await page.waitForFunction(() => parseFloat(document.querySelector(".elapsed").textContent) >= 0.6);
  assert.equal(await page.$eval("#generate", (button) => button.disabled), false, "the button is not frozen");
  assert.equal(await page.$eval(".job", (element) => element.getAttribute("aria-busy")), "true");
  await press(page, ".job .waiting button");
  await card(page, "cancelled");
  assert.match(await textOf(page, ".job .failure"), /Cancelled/);
  here.world.vendors.release();
  await press(page, ".job .failure button");
  await picture(page);
  await at.leave();
});

test("two pictures are drawn at once, and each arrives", async () => {
  const page = await open();
  here.world.vendors.hold();
  await ask(page, "first of two");
  await card(page, "working");
  await ask(page, "second of two");
  await page.waitForFunction(() => document.querySelectorAll('.job[data-state="working"]').length === 2);
  assert.equal(await textOf(page, ".job:first-child .asked"), "second of two");
  here.world.vendors.release();
  await page.waitForFunction(() => document.querySelectorAll('.job[data-state="done"] img').length === 2);
  await page.waitForFunction(() => document.querySelectorAll("#gallery .entry").length === 2);
  await at.leave();
});

test("sending the same twice draws it once", async () => {
  const page = await open();
  here.world.vendors.hold();
  const calls = at.requests.length;
  await ask(page, "only once");
  await press(page, "#generate");
  await page.focus("#prompt");
  await page.keyboard.down("Control");
  await page.keyboard.press("Enter");
  await page.keyboard.up("Control");
  await card(page, "working");
  assert.equal((await page.$$(".job")).length, 1);
  here.world.vendors.release();
  await picture(page);
  const sent = at.requests
    .slice(calls)
    .filter((request) => request.url().endsWith("?prompt=only%20once&size=1024x1024"));
  assert.equal(sent.length, 1);
  await at.leave();
});

test("another seed draws another picture of the same, and its number can be kept", async () => {
  const page = await open();
  await ask(page, "a paper boat");
  await picture(page);
  const first = (await facts(page)).Seed;
  await page.$$eval(".job .bar button", (buttons) =>
    buttons.find((button) => button.textContent === "Another seed").click(),
  );
  await page.waitForFunction(
    (seed) => {
      const button = document.querySelector('.job[data-state="done"] .facts button');
      return button && button.textContent !== seed;
    },
    {},
    first,
  );
  const second = (await facts(page)).Seed;
  assert.equal(new URL(page.url()).searchParams.get("seed"), second);
  assert.equal(String(here.world.vendors.images.at(-1).seed), second);
  await press(page, ".job .facts button");
  assert.equal(await page.$eval("#seed", (field) => field.value), second);
  assert.equal(await page.$eval("#seed-lock", (button) => button.getAttribute("aria-pressed")), "true");
  await at.leave();
});

test("a shared page URL shows its picture to someone else; one without a picture makes none unasked", async () => {
  let page = await open();
  await ask(page, "shared tree");
  await picture(page);
  await page.waitForFunction(() => new URLSearchParams(location.search).has("id"));
  const shared = new URL(page.url()).search;
  const calls = here.world.vendors.images.length;
  await page.type("#prompt", "s");
  await page.waitForFunction(() => !new URLSearchParams(location.search).has("id"));
  await at.leave();
  page = await open(shared);
  await picture(page);
  assert.equal(await textOf(page, ".job .asked"), "shared tree");
  await at.leave();
  page = await open("?prompt=never%20drawn&size=1024x1024");
  await page.waitForNetworkIdle({ idleTime: 300 });
  assert.equal(await page.$(".job"), null);
  assert.equal(await page.$eval("#prompt", (field) => field.value), "never drawn");
  assert.equal(here.world.vendors.images.length, calls);
  await at.leave();
});

test("what happens is announced", async () => {
  const page = await open();
  assert.equal(await page.$eval("#status", (region) => region.getAttribute("role")), "status");
  here.world.vendors.hold();
  await ask(page, "say it");
  await page.waitForFunction(() => document.querySelector("#status").textContent === "Drawing the picture.");
  here.world.vendors.release();
  await page.waitForFunction(() => document.querySelector("#status").textContent === "The picture is ready.");
  await at.leave();
});
