/** Without the binding FLUX_API: images are made, shared, kept for ten minutes, and forgotten. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertError, assertImage, ID } from "./support/assertions.mjs";
import { times } from "./support/http.mjs";
import { useWorker } from "./support/worker.mjs";

const worker = useWorker({ instrumented: true, kv: false });

test("a new image is answered with itself, not with a redirect", async () => {
  worker.upstreams.expect({ chat: 1, image: 1, download: 1 });
  const reply = await worker.get("/", { prompt: "一朵云", optimization: "1" });
  assertImage(reply, worker.upstreams.imageHost.published.at(-1), { cache: "MISS" });
  assert.match(reply.headers["x-image-id"], ID);
  assert.equal(reply.headers["x-prompt-status"], "optimized");
});

test("it is kept for ten minutes under the prompt's URL, the id's and the permalink, and then made again", async () => {
  const address = { prompt: "kept a while" };
  worker.upstreams.expect({ image: 1, download: 1 });
  const { headers } = await worker.get("/", address);
  const id = headers["x-image-id"];
  const bytes = worker.upstreams.imageHost.published.at(-1);
  /** @type {[string, Record<string, string>?][]} */
  const urls = [["/", address], ["/", { ...address, id }], ["/", { id }], [`/i/${id}`], [`/i/${id}.png`]];
  for (const [pathname, parameters] of urls) {
    assertImage(await worker.get(pathname, parameters), bytes, { cache: "HIT" });
    assert.equal((await worker.get(pathname, parameters, { method: "HEAD" })).status, 200);
  }
  await worker.instruments.pass(10 * 60 + 5);
  assertError(await worker.get(`/i/${id}`), 404, "image_not_found");
  assertError(await worker.get("/", { id }), 404, "image_not_found");
  worker.upstreams.expect({ image: 1, download: 1 });
  assertImage(await worker.get("/", address), worker.upstreams.imageHost.published.at(-1), { cache: "MISS" });
});

test("those who ask at the same time share it", async () => {
  worker.upstreams.expect({ image: 1, download: 1 });
  const replies = await times(30, () => worker.get("/", { prompt: "shared" }));
  for (const reply of replies) assertImage(reply, worker.upstreams.imageHost.published.at(-1));
});

test("a drawn seed is said in a header, and the answer is not cached", async () => {
  worker.upstreams.expect({ image: 1, download: 1 });
  const reply = await worker.get("/", { prompt: "drawn", seed: "random" });
  assertImage(reply, worker.upstreams.imageHost.published.at(-1));
  assert.equal(reply.headers["x-seed"], String(worker.upstreams.siliconflow.calls[0].body.seed));
  assert.equal(reply.headers["cache-control"], "no-store");
});

test("revalidation works as it does with KV", async () => {
  worker.upstreams.expect({ image: 1, download: 1 });
  const { headers } = await worker.get("/", { prompt: "looked at twice" });
  const options = { headers: { "if-none-match": headers.etag } };
  assert.equal((await worker.get("/", { prompt: "looked at twice" }, options)).status, 304);
  assert.equal((await worker.get(`/i/${headers["x-image-id"]}`, {}, options)).status, 304);
});
