/** Which key is asked, and what follows when it cannot give an image. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { text } from "./support/answers.mjs";
import { assertError, assertImage } from "./support/assertions.mjs";
import { times } from "./support/http.mjs";
import { ERRORS } from "./support/siliconflow.mjs";
import { startWorker } from "./support/worker.mjs";

/**
 * @import { Answer } from "./support/answers.mjs"
 * @import { TestWorker } from "./support/worker.mjs"
 */

/**
 * A test with a Worker, and so with a key ring, of its own.
 *
 * @param {string} name
 * @param {Record<string, string | undefined>} vars
 * @param {(worker: TestWorker) => Promise<void>} run
 */
function ringTest(name, vars, run) {
  test(name, async (context) => {
    const worker = await startWorker({ vars });
    context.after(() => worker.stop());
    await run(worker);
    worker.upstreams.check();
  });
}

/** The keys of the image calls so far, in order. @param {TestWorker} worker */
const keysOf = ({ upstreams }) => upstreams.siliconflow.calls.map(({ key }) => key);

const TWO = { IMAGE_API_KEYS: "k1,k2" };
const FOUR = { IMAGE_API_KEYS: " k1, k2,k3 ,k4,, " };

ringTest("four keys and eight prompts: each key is used twice, in turn", FOUR, async (worker) => {
  worker.upstreams.expect({ image: 8, download: 8 });
  for (let at = 0; at < 8; at += 1) assert.equal((await worker.image({ prompt: `cat ${at}` })).status, 200);
  assert.deepEqual(keysOf(worker), ["k1", "k2", "k3", "k4", "k1", "k2", "k3", "k4"]);
});

ringTest("four keys and eight prompts at once: eight images, and each key is used twice", FOUR, async (worker) => {
  worker.upstreams.expect({ image: 8, download: 8 });
  const replies = await times(8, (at) => worker.image({ prompt: `dog ${at}` }));
  assert.deepEqual(
    replies.map(({ status }) => status),
    Array(8).fill(200),
  );
  assert.deepEqual(keysOf(worker).sort(), ["k1", "k1", "k2", "k2", "k3", "k3", "k4", "k4"]);
});

for (const [what, answer, later] of /** @type {[string, Answer, string[]][]} */ ([
  ["is refused (401)", ERRORS.wrongKey, ["k2", "k2"]],
  ["is refused (403)", ERRORS.forbidden, ["k2", "k2"]],
  ["is asked too often for a minute (429)", ERRORS.perMinute, ["k2", "k2"]],
  ["is asked too often for a day (429)", ERRORS.perDay, ["k2", "k2"]],
  ["is told to come back later (503)", text("busy", { status: 503, headers: { "retry-after": "120" } }), ["k2", "k2"]],
])) {
  ringTest(`where a key ${what} the next one makes the image, and it is left alone`, TWO, async (worker) => {
    worker.upstreams.expect({ image: [answer, 3], download: 3 });
    for (const prompt of ["one", "two", "three"]) assert.equal((await worker.image({ prompt })).status, 200);
    assert.deepEqual(keysOf(worker), ["k1", "k2", ...later]);
  });
}

for (const [what, answer] of /** @type {[string, Answer][]} */ ([
  ["503 in plain words", ERRORS.overloaded],
  ["504 in HTML", ERRORS.gateway],
])) {
  ringTest(`after ${what} the next key is asked`, TWO, async (worker) => {
    worker.upstreams.expect({ image: [answer, 1], download: 1 });
    assert.equal((await worker.image({ prompt: "lucky at last" })).status, 200);
    assert.deepEqual(keysOf(worker), ["k1", "k2"]);
  });
}

ringTest("bad luck with every key is tried once more round", TWO, async (worker) => {
  worker.upstreams.expect({ image: [...Array(3).fill(ERRORS.overloaded), 1], download: 1 });
  assert.equal((await worker.image({ prompt: "the fourth time" })).status, 200);
  assert.deepEqual(keysOf(worker).sort(), ["k1", "k1", "k2", "k2"]);
});

ringTest("bad luck that does not end is 502, and not for ever tried", TWO, async (worker) => {
  worker.upstreams.expect({ image: Array(4).fill(ERRORS.overloaded) });
  assertError(await worker.get("/", { prompt: "never" }), 502, "upstream_error");
});

ringTest("a model that is gone is stood in for by the next, and X-Model says which drew", TWO, async (worker) => {
  worker.upstreams.expect({ image: [ERRORS.modelGone, 2], download: 2 });
  const reply = await worker.image({ prompt: "by another hand" });
  assert.equal(reply.headers["x-model"], "Kwai-Kolors/Kolors");
  const again = await worker.image({ prompt: "and another" });
  assert.equal(again.headers["x-model"], "Kwai-Kolors/Kolors");
  const models = worker.upstreams.siliconflow.calls.map(({ body }) => body.model);
  assert.deepEqual(models, ["black-forest-labs/FLUX.1-schnell", "Kwai-Kolors/Kolors", "Kwai-Kolors/Kolors"]);
});

ringTest("a prompt that is refused is refused once, with the upstream's words", TWO, async (worker) => {
  worker.upstreams.expect({ image: [ERRORS.rejected] });
  const message = assertError(await worker.get("/", { prompt: "rude" }), 422, "prompt_rejected");
  assert.match(message, /sensitive content/);
});

ringTest("where every key is refused the answer says so", TWO, async (worker) => {
  worker.upstreams.expect({ image: [ERRORS.wrongKey, ERRORS.wrongKey] });
  assert.match(assertError(await worker.get("/", { prompt: "locked out" }), 502, "upstream_error"), /key/i);
});

ringTest("where every key rests the answer says when the first is back, and no call is wasted", TWO, async (worker) => {
  /** @param {number} seconds */
  const busy = (seconds) =>
    text("{}", { status: 429, type: "application/json", headers: { "retry-after": String(seconds) } });
  worker.upstreams.expect({ image: [busy(900), busy(600)] });
  for (const prompt of ["first", "second"]) {
    const reply = await worker.get("/", { prompt });
    assertError(reply, 503, "keys_exhausted");
    const seconds = Number(reply.headers["retry-after"]);
    assert.ok(seconds > 590 && seconds <= 600, `Retry-After: ${seconds}`);
  }
});

ringTest("a key whose turn comes within the deadline is waited for", { IMAGE_API_KEYS: "k1" }, async (worker) => {
  const busy = text("{}", { status: 429, type: "application/json", headers: { "retry-after": "1" } });
  worker.upstreams.expect({ image: [busy, 1], download: 1 });
  const start = Date.now();
  const reply = await worker.image({ prompt: "worth waiting for" });
  assertImage(reply, worker.upstreams.imageHost.published.at(-1));
  assert.ok(Date.now() - start >= 950);
});
