/** An image is made at most once, however many ask for it, and whoever leaves meanwhile. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { held } from "./support/answers.mjs";
import { assertError, assertImage, assertRedirect } from "./support/assertions.mjs";
import { times } from "./support/http.mjs";
import { noisePng } from "./support/images.mjs";
import { ERRORS } from "./support/siliconflow.mjs";
import { useWorker } from "./support/worker.mjs";

const worker = useWorker({ instrumented: true, vars: { IMAGE_API_KEYS: "k1,k2" } });

test("100 requests at once for one new image: one chat call, one image call, 100 images", async () => {
  worker.upstreams.expect({ chat: 1, image: 1, download: 1 });
  const replies = await times(100, () => worker.image({ prompt: "一百个人同时要的图", optimization: "1" }));
  const bytes = worker.upstreams.imageHost.published.at(-1);
  for (const reply of replies) assertImage(reply, bytes);
  assert.equal(new Set(replies.map(({ headers }) => headers["x-image-id"])).size, 1);
});

test("who comes while the image is being made waits for it", async () => {
  const gate = held((call) => worker.upstreams.siliconflow.ordinary(call));
  worker.upstreams.expect({ image: [gate.answer], download: 1 });
  const first = worker.get("/", { prompt: "on its way" });
  await worker.upstreams.siliconflow.called(1);
  const later = times(5, () => worker.get("/", { prompt: "on its way" }));
  gate.release();
  const id = assertRedirect(await first);
  for (const reply of await later) assert.equal(reply.headers["x-image-id"], id);
});

test("a caller that leaves does not stop it", async () => {
  const gate = held((call) => worker.upstreams.siliconflow.ordinary(call));
  worker.upstreams.expect({ image: [gate.answer], download: 1 });
  const leaving = new AbortController();
  const left = worker.get("/", { prompt: "nobody waits" }, { signal: leaving.signal });
  await worker.upstreams.siliconflow.called(1);
  leaving.abort();
  await assert.rejects(left, { name: "AbortError" });
  gate.release();
  await worker.upstreams.imageHost.called(1);
  assertImage(await worker.image({ prompt: "nobody waits" }), worker.upstreams.imageHost.published.at(-1));
});

test("two images are made at the same time", async () => {
  const gates = [1, 2].map(() => held((call) => worker.upstreams.siliconflow.ordinary(call)));
  worker.upstreams.expect({ image: gates.map(({ answer }) => answer), download: 2 });
  const replies = ["this one", "that one"].map((prompt) => worker.get("/", { prompt }));
  await worker.upstreams.siliconflow.called(2);
  gates.forEach(({ release }) => release());
  assert.equal(new Set((await Promise.all(replies)).map(assertRedirect)).size, 2);
});

test("all who waited hear of a failure, and the next request tries again", async () => {
  worker.upstreams.expect({ image: [ERRORS.rejected] });
  const replies = await times(20, () => worker.get("/", { prompt: "refused at first" }));
  for (const reply of replies) assertError(reply, 422, "prompt_rejected");
  worker.upstreams.expect({ image: 1, download: 1 });
  assert.equal((await worker.image({ prompt: "refused at first" })).status, 200);
});

for (const [what, bytes] of /** @type {[string, Buffer?][]} */ ([
  ["an image", undefined],
  ["an image of over 2 MiB", noisePng(1_024, 900)],
])) {
  test(`the redirect's target has ${what} at once where KV still says "not found", and so has every other URL`, async () => {
    const prompt = `not found yet: ${what}`;
    const { siliconflow, imageHost } = worker.upstreams;
    worker.upstreams.expect({ image: [bytes ? siliconflow.draws(bytes) : 1].flat(), download: 1 });
    await worker.instruments.reads("miss");
    try {
      const made = await worker.get("/", { prompt });
      const id = assertRedirect(made);
      for (const target of [made.target, `/i/${id}.png`, `/?id=${id}`]) {
        assertImage(await worker.send(target), imageHost.published.at(-1), { cache: "HIT" });
      }
      assertImage(await worker.image({ prompt }), imageHost.published.at(-1));
      const head = await worker.send(made.target, { method: "HEAD" });
      assert.equal(head.status, 200);
    } finally {
      await worker.instruments.reads("work");
    }
  });
}

test("what was deleted from KV behind the Worker's back is still handed out by its maker, for ten minutes", async () => {
  worker.upstreams.expect({ image: 1, download: 1 });
  const id = assertRedirect(await worker.get("/", { prompt: "deleted" }));
  await worker.stored(id);
  await (await worker.library()).delete(`image:v1:${id}`);
  assertImage(await worker.get(`/i/${id}`), worker.upstreams.imageHost.published.at(-1));
  await worker.instruments.pass(11 * 60);
  assertError(await worker.get(`/i/${id}`), 404, "image_not_found");
});
