import assert from "node:assert/strict";
import { test } from "node:test";
import { doneEvent, endStream, fakeStreams, sendEvent, waitForStreams } from "./support/streams.mjs";
import { facts, generate, textOf, useTestApp, visit, waitForCard, waitForPicture } from "./support/index.mjs";

/** @import { Page } from "puppeteer-core" */

const suite = useTestApp();

const open = async (options = {}) => {
  const at = await visit(suite.browser, `${suite.app.url}/gui/`, options);
  await fakeStreams(at.page);
  return at;
};

/** @param {Page} page @param {RegExp} words */
const waitForPhase = (page, words) =>
  page.waitForFunction(
    (source) => new RegExp(source).test(document.querySelector("#jobs .phase")?.textContent ?? ""),
    {},
    words.source,
  );

test("each step is shown as the service tells it, and the prompt as soon as it is known", async () => {
  const done = await doneEvent(suite.app.url, "told step by step");
  const at = await open();
  const { page } = at;
  await generate(page, "一步一步");
  await waitForStreams(page, 1);
  assert.equal(await textOf(page, ".job .phase"), "Waiting", "nothing is guessed");
  await sendEvent(page, 0, "step", { step: "rewriting" });
  await waitForPhase(page, /^Rewriting the prompt$/);
  await sendEvent(page, 0, "prompt", { prompt: "step by step", status: "translated" });
  await page.waitForSelector(".job .drawing:not([hidden])");
  assert.equal(await textOf(page, ".job .drawing"), "step by step");
  await sendEvent(page, 0, "step", { step: "waiting", position: 3, ready_in_ms: 11_000 });
  await waitForPhase(page, /^Number 3 in line, about 11 s$/);
  await waitForPhase(page, /about (10|9) s$/);
  await sendEvent(page, 0, "step", { step: "waiting", position: 1, ready_in_ms: 4000 });
  await waitForPhase(page, /^You are next, in about [34] s$/);
  await sendEvent(page, 0, "step", {
    step: "drawing",
    model: "black-forest-labs/FLUX.1-schnell",
    provider: "SiliconFlow",
  });
  await waitForPhase(page, /^FLUX\.1-schnell is drawing, at SiliconFlow$/);
  await sendEvent(page, 0, "step", { step: "fetching" });
  await waitForPhase(page, /^Fetching the picture$/);
  await sendEvent(page, 0, "done", done);
  await waitForPicture(page);
  assert.deepEqual([(await facts(page)).Seed, (await facts(page)).Model], ["1", "FLUX"]);
  assert.equal(await page.$eval(".job img", (image) => new URL(image.src).origin), suite.app.url);
  await at.close();
});

test("steps are announced, once each", async () => {
  const at = await open();
  await generate(at.page, "say where I am");
  await waitForStreams(at.page, 1);
  await sendEvent(at.page, 0, "step", { step: "waiting", position: 2 });
  await at.page.waitForFunction(() => document.querySelector("#status")?.textContent === "Number 2 in line");
  await at.close();
});

test("what the stream says in Chinese is Chinese", async () => {
  const at = await open({ language: "zh-CN" });
  await generate(at.page, "a queue");
  await waitForStreams(at.page, 1);
  await sendEvent(at.page, 0, "step", { step: "waiting", position: 3, ready_in_ms: 11_000 });
  await waitForPhase(at.page, /^排在第 3 位，约 11 秒$/);
  await at.close();
});

test("an error in the stream is a card with its wait", async () => {
  const at = await open();
  await generate(at.page, "no luck");
  await waitForStreams(at.page, 1);
  await sendEvent(at.page, 0, "error", {
    message: "Every key rests.",
    code: "keys_exhausted",
    status: 503,
    retry_after: 30,
  });
  await waitForCard(at.page, "waiting");
  assert.match(await textOf(at.page, ".job .failure"), /free quota is used up.*Trying again in (30|29) s/);
  await at.close();
});

test("a stream that breaks is joined again; what it said before stays", async () => {
  const done = await doneEvent(suite.app.url, "broken in the middle");
  const at = await open();
  await generate(at.page, "a bad line");
  await waitForStreams(at.page, 1);
  await sendEvent(at.page, 0, "step", { step: "drawing", model: "m" });
  await waitForPhase(at.page, /^m is drawing$/);
  await endStream(at.page, 0);
  await waitForStreams(at.page, 2);
  assert.equal(await textOf(at.page, ".job .phase"), "m is drawing");
  await sendEvent(at.page, 1, "done", done);
  await waitForPicture(at.page);
  await at.close();
});

test("several at once each have their own place in line, and land as they are ready", async () => {
  const [first, second] = [await doneEvent(suite.app.url, "one of two"), await doneEvent(suite.app.url, "two of two")];
  const at = await open();
  await at.page.$eval('[name="count"][value="2"]', (radio) => /** @type {HTMLElement} */ (radio).click());
  await generate(at.page, "a pair");
  await waitForStreams(at.page, 2);
  for (const n of [0, 1]) await sendEvent(at.page, n, "step", { step: "waiting", position: n + 1 });
  await at.page.waitForFunction(() => {
    const phases = Array.from(document.querySelectorAll("#jobs .phase"), (phase) => phase.textContent);
    return phases.join() === "You are next,Number 2 in line";
  });
  await sendEvent(at.page, 1, "done", second);
  await at.page.waitForFunction(() => document.querySelectorAll('#jobs .job[data-state="done"] img').length === 1);
  assert.equal((await at.page.$$('#jobs .job[data-state="working"]')).length, 1);
  await sendEvent(at.page, 0, "done", first);
  await at.page.waitForFunction(() => document.querySelectorAll('#jobs .job[data-state="done"] img').length === 2);
  await at.close();
});
