/** Prompts that the chat API rewrites: its answers cleaned, its failures endured. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HANG, json, RESET, text } from "./support/answers.mjs";
import { assertImage, assertRedirect } from "./support/assertions.mjs";
import { ERRORS } from "./support/glm.mjs";
import { useWorker } from "./support/worker.mjs";
/** @import { Answer } from "./support/answers.mjs" */
/** @import { Answering } from "./support/answers.mjs" */

const worker = useWorker({ instrumented: true });
const wanted = "oil painting, a cat, sleeping, window";

/** An answer of the chat API with this content. @param {unknown} content @param {object} [more] */
const says = (content, more) => () => worker.upstreams.glm.says(content, more);

for (const [what, answer] of /** @type {[string, Answer | Answering][]} */ ([
  ["alone", says(wanted)],
  ["with thoughts beside it", says(wanted, { reasoning_content: "The user wants a cat." })],
  ["with thoughts before it", says(`<think>\nA cat, then.\n</think>\n\n${wanted}`)],
  ["in a code fence", says(["```", wanted, "```"].join("\n"))],
  ["in a code fence of a language", says(["```text", wanted, "```"].join("\n"))],
  ["in quotes", says(`"${wanted}"`)],
  ["in Chinese quotes", says(`“${wanted}”`)],
  ["behind a label", says(`Prompt: ${wanted}`)],
  ["behind a label, in quotes, with space around", says(`\n  Prompt: "${wanted}" \n`)],
])) {
  test(`a rewritten prompt that comes ${what} is taken alone`, async () => {
    worker.upstreams.expect({ chat: [answer], image: 1, download: 1 });
    const reply = await worker.image({ prompt: `cat ${what}`, optimization: "1" });
    assert.equal(reply.headers["x-prompt-status"], "optimized");
    assert.equal(worker.upstreams.siliconflow.calls[0].body.prompt, wanted);
    assert.equal(decodeURIComponent(reply.headers["x-prompt"]), wanted);
  });
}

for (const [what, answer] of /** @type {[string, Answer | Answering][]} */ ([
  ["busy", ERRORS.busy],
  ["out of order", text("<html>502 Bad Gateway</html>", { status: 502, type: "text/html" })],
  ["resetting connections", RESET],
  ["answering half a JSON", text('{"choices":[{"mess', { type: "application/json" })],
  ["answering nothing", text("", { status: 200 })],
  ["answering another shape", json({ ok: true })],
  ["answering a blank", says("  \n")],
])) {
  test(`a chat API that is ${what} is asked once more`, async () => {
    worker.upstreams.expect({ chat: [answer, says(wanted)], image: 1, download: 1 });
    const reply = await worker.image({ prompt: `again ${what}`, optimization: "1" });
    assert.equal(reply.headers["x-prompt-status"], "optimized");
    assert.equal(worker.upstreams.siliconflow.calls[0].body.prompt, wanted);
  });

  test(`the original prompt is drawn where the chat API goes on ${what}`, async () => {
    worker.upstreams.expect({ chat: [answer, answer], image: 1, download: 1 });
    const prompt = `never ${what}`;
    const reply = await worker.image({ prompt, optimization: "1" });
    assert.equal(reply.headers["x-prompt-status"], "fallback");
    assert.equal(worker.upstreams.siliconflow.calls[0].body.prompt, prompt);
  });
}

test("content that the chat API refuses is not asked about again", async () => {
  worker.upstreams.expect({ chat: [ERRORS.refused], image: 1, download: 1 });
  const reply = await worker.image({ prompt: "refused", optimization: "1" });
  assert.equal(reply.headers["x-prompt-status"], "fallback");
});

for (const reason of ["sensitive", "network_error"]) {
  test(`an answer that ended for the reason ${reason} is none`, async () => {
    worker.upstreams.glm.allow(worker.upstreams.glm.says("I am sorry", { finish_reason: reason }));
    worker.upstreams.expect({ image: 1, download: 1 });
    const reply = await worker.image({ prompt: `ended by ${reason}`, optimization: "1" });
    assert.equal(reply.headers["x-prompt-status"], "fallback");
    assert.equal(worker.upstreams.siliconflow.calls[0].body.prompt, `ended by ${reason}`);
  });
}

test("a parameter that the chat API does not know is left out, and it is asked once more", async () => {
  worker.upstreams.expect({ chat: [ERRORS.parameters, says("a lake")], image: 1, download: 1 });
  const reply = await worker.image({ prompt: "一个湖" });
  assert.equal(reply.headers["x-prompt-status"], "translated");
  const [first, second] = worker.upstreams.glm.calls.map(({ body }) => Object.keys(body));
  assert.ok(second.length < first.length, `${first} then ${second}`);
});

test("a chat API that never answers is given up after ten seconds", async () => {
  worker.upstreams.glm.allow(HANG);
  worker.upstreams.expect({ image: 1, download: 1 });
  const start = Date.now();
  const reply = await worker.image({ prompt: "kept waiting", optimization: "1" });
  const seconds = (Date.now() - start) / 1_000;
  assert.equal(reply.headers["x-prompt-status"], "fallback");
  assert.ok(seconds < 13, `it took ${seconds} s`);
  assert.ok(worker.upstreams.counts.chat <= 2);
});

test("a fallback has an id of its own, and stands in for ten minutes until the good one takes its place", async () => {
  const address = { prompt: "日出", size: "128x128" };
  worker.upstreams.expect({ chat: [ERRORS.busy, ERRORS.busy], image: 1, download: 1 });
  const made = await worker.get("/", address);
  const fallback = assertRedirect(made);
  const stopgap = worker.upstreams.imageHost.published.at(-1);
  assert.equal(made.headers["x-prompt-status"], "fallback");
  assertImage(await worker.send(made.target), stopgap);
  await worker.stored(fallback);

  const again = await worker.get("/", address);
  assertImage(again, stopgap);
  assert.equal(again.headers["x-image-id"], fallback);
  assert.equal(again.headers["cache-control"], "public, max-age=600");
  const own = await worker.send(made.target);
  assertImage(own, stopgap);
  assert.equal(own.headers["cache-control"], "public, max-age=31536000, immutable");

  await worker.instruments.pass(10 * 60 + 5);
  worker.upstreams.expect({ chat: [says("sunrise")], image: 1, download: 1 });
  const mended = await worker.get("/", address);
  const id = assertRedirect(mended);
  assert.notEqual(id, fallback);
  assert.equal(mended.headers["x-prompt-status"], "translated");
  const good = worker.upstreams.imageHost.published.at(-1);
  await worker.stored(id);
  const last = await worker.get("/", address);
  assertImage(last, good);
  assert.equal(last.headers["cache-control"], "public, max-age=86400");
  // Under its own id the fallback lasts like any other image.
  assertImage(await worker.get(`/i/${fallback}`), stopgap);
});

test("without a key for the chat API nothing is rewritten and nothing is missed", async (context) => {
  const { startWorker } = await import("./support/worker.mjs");
  const plain = await startWorker({ vars: { PROCESS_API_KEY: undefined } });
  context.after(() => plain.stop());
  plain.upstreams.expect({ image: 1, download: 1 });
  const reply = await plain.image({ prompt: "一位女孩", optimization: "1" });
  assert.equal(reply.headers["x-prompt-status"], "original");
  assert.equal(plain.upstreams.siliconflow.calls[0].body.prompt, "一位女孩");
  plain.upstreams.check();
});
