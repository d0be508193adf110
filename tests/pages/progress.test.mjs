import assert from "node:assert/strict";
import { test } from "node:test";
import { after, ASKED, sentenceOf } from "../../assets/gui/progress.js";
import { texts } from "../../assets/shared/texts/texts.js";

/** @param {any[]} events @param {number} [now] */
const all = (events, now = 0) =>
  events.reduce((progress, [event, data]) => after(progress, { event, data }, now), ASKED);

test("waiting is said with place and time, as far as they are known", () => {
  const waiting = (/** @type {object} */ data, now = 0) =>
    sentenceOf(all([["step", { step: "waiting", ...data }]]), now);
  assert.deepEqual(waiting({ position: 3, ready_in_ms: 11_200 }), [
    "step-waiting-place-time",
    { position: 3, seconds: 12 },
  ]);
  assert.deepEqual(waiting({ position: 1, ready_in_ms: 900 }), ["step-waiting-next-time", { seconds: 1 }]);
  assert.deepEqual(waiting({ position: 1 }), ["step-waiting-next"]);
  assert.deepEqual(waiting({ ready_in_ms: 2000 }, 500), ["step-waiting-time", { seconds: 2 }]);
  assert.deepEqual(waiting({}), ["step-waiting"]);
  assert.deepEqual(
    waiting({ position: 2, ready_in_ms: 1000 }, 1500),
    ["step-waiting-place", { position: 2 }],
    "its time is over",
  );
});

test("drawing is said with the model and who has it; a step back to waiting forgets them", () => {
  const drawing = all([
    ["step", { step: "drawing", model: "black-forest-labs/FLUX.1-schnell", provider: "api.example" }],
  ]);
  assert.deepEqual(sentenceOf(drawing, 0), ["step-drawing-at", { model: "FLUX.1-schnell", provider: "api.example" }]);
  const again = after(drawing, { event: "step", data: { step: "waiting", position: 1 } }, 0);
  assert.equal(again.model, null);
  assert.deepEqual(sentenceOf(after(ASKED, { event: "step", data: { step: "drawing" } }, 0), 0), ["step-drawing"]);
});

test("the prompt stays once it is known", () => {
  const progress = all([
    ["step", { step: "rewriting" }],
    ["prompt", { prompt: "a cat", status: "translated" }],
    ["step", { step: "drawing", model: "m" }],
  ]);
  assert.deepEqual([progress.prompt, progress.status, progress.step], ["a cat", "translated", "drawing"]);
});

test("what is not understood changes nothing", () => {
  for (const [event, data] of [
    ["step", null],
    ["step", "drawing"],
    ["step", { step: "dancing" }],
    ["else", { step: "drawing" }],
    ["prompt", { prompt: 7 }],
  ]) {
    assert.equal(after(ASKED, { event: String(event), data }, 0), ASKED);
  }
  const odd = all([["step", { step: "waiting", position: -1, ready_in_ms: "soon" }]]);
  assert.deepEqual(sentenceOf(odd, 0), ["step-waiting"]);
});

test("each step has its sentence", () => {
  for (const step of /** @type {const} */ ([
    "asked",
    "waiting",
    "rewriting",
    "drawing",
    "fetching",
    "storing",
    "receiving",
  ])) {
    const [key] = sentenceOf({ ...ASKED, step }, 0);
    assert.ok(texts.en[key] && texts["zh-CN"][key], key);
  }
});
