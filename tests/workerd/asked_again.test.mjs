/** A stored picture that is asked for again at the same URL: answered as before, without a look at more than KV. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertError, assertImage, assertRedirect } from "./support/assertions.mjs";
import { noisePng } from "./support/images.mjs";
import { useWorker } from "./support/worker.mjs";

const TOKEN = "token-of-the-owner";
const own = { headers: { authorization: `Bearer ${TOKEN}` } };
const worker = useWorker({ instrumented: true, vars: { ACCESS_TOKENS: TOKEN } });
const counting = useWorker({ instrumented: true, analytics: true });

/** Pictures that no isolate keeps in memory: over 256 KB. */
const large = [noisePng(400, 300), noisePng(410, 300)];

/** The header fields that are the answer's own. @param {{ headers: Record<string, any> }} reply */
const fields = ({ headers: { date: _, ...headers } }) => headers;

/**
 * Puts a picture in place of what is stored.
 *
 * @param {string} id
 * @param {Buffer} bytes
 * @param {object} changes of its record
 * @param {typeof worker} at
 */
async function replace(id, bytes, changes = {}, at = worker) {
  const library = await at.library();
  const { metadata } = await library.getWithMetadata(`image:v1:${id}`);
  const record = { .../** @type {object} */ (metadata), bytes: bytes.length, ...changes };
  await library.put(`image:v1:${id}`, new Uint8Array(bytes).buffer, { metadata: record });
}

/** A large picture that is stored, and was asked for as often. @param {string} prompt @param {number} times */
async function asked(prompt, times, at = worker) {
  at.upstreams.expect({ image: 1, download: 1 });
  const id = assertRedirect(await at.get("/", { prompt }, own));
  await at.stored(id);
  await replace(id, large[0], {}, at);
  for (let time = 0; time < times; time += 1) assertImage(await at.get("/", { prompt }), large[0], { cache: "HIT" });
  await at.instruments.forget();
  return id;
}

test("each of its URLs has the same answer again, for one read of KV", async () => {
  const id = await asked("asked again", 0);
  for (const path of ["/?prompt=asked+again", `/?id=${id}`, `/i/${id}.png`, "/prompt/asked%20again"]) {
    const first = await worker.send(path);
    assertImage(first, large[0], { cache: "HIT" });
    for (let time = 0; time < 3; time += 1) {
      const again = await worker.send(path);
      assertImage(again, large[0], { cache: "HIT" });
      assert.deepEqual(fields(again), fields(first), path);
    }
  }
  assert.deepEqual(await worker.instruments.operations(), Array(16).fill(`get image:v1:${id}`));
});

test("URLs of one picture keep their own answers", async () => {
  const id = await asked("two of a kind", 2);
  const policies = [];
  for (const path of [`/i/${id}`, "/?prompt=two+of+a+kind", `/i/${id}`, "/?prompt=two+of+a+kind"])
    policies.push((await worker.send(path)).headers["cache-control"]);
  const [permanent, day] = ["public, max-age=31536000, immutable", "public, max-age=86400"];
  assert.deepEqual(policies, [permanent, day, permanent, day]);
});

test("what the request asks beside its URL is heard", async () => {
  const id = await asked("asked otherwise", 2);
  const path = "/?prompt=asked+otherwise";
  assert.equal((await worker.send(path, { headers: { "if-none-match": `W/"${id}"` } })).status, 304);
  const head = await worker.send(path, { method: "HEAD" });
  assert.equal(`${head.status} ${head.headers["content-length"]} ${head.body.length}`, `200 ${large[0].length} 0`);
  const events = await worker.send(path, { headers: { accept: "Text/Event-Stream" } });
  assert.match(String(events.headers["content-type"]), /^text\/event-stream/);
  assert.match(events.text(), /^event: done\n/m);
  assertError(await worker.send(path, { method: "POST", body: "" }), 405, "method_not_allowed");
});

test("another picture in its place is told as that", async () => {
  const id = await asked("made anew elsewhere", 2);
  for (const [at, changes] of [{ seed: 7 }, { time: 1_800_000_000, refreshed: true }].entries()) {
    await replace(id, large[1 - at], changes);
    for (let time = 0; time < 2; time += 1) {
      const reply = await worker.get("/", { prompt: "made anew elsewhere" });
      assertImage(reply, large[1 - at], { cache: "HIT" });
      assert.equal(reply.headers["x-seed"], "7");
      assert.equal(reply.headers["content-length"], String(large[1 - at].length));
      assert.equal(reply.headers.etag, at === 0 ? `W/"${id}"` : `W/"${id}-1800000000"`);
    }
    assert.equal((await worker.instruments.operations()).length, 3, "one more, for the first");
    await worker.instruments.forget();
  }
});

test("a picture that is gone is gone", async () => {
  const id = await asked("gone elsewhere", 2);
  assertImage(await worker.send(`/i/${id}`), large[0], { cache: "HIT" });
  await (await worker.library()).delete(`image:v1:${id}`);
  assert.notDeepEqual((await worker.send(`/i/${id}`)).body, large[0], "its maker has what it made");

  const removed = await asked("removed here", 2);
  assertImage(await worker.send(`/i/${removed}`), large[0], { cache: "HIT" });
  assert.equal((await worker.send(`/i/${removed}`, { method: "DELETE", ...own })).status, 204);
  assertError(await worker.send(`/i/${removed}`), 404, "image_not_found");
});

test("a picture that is made anew is the new one at once, whatever KV still shows", async () => {
  const id = await asked("made anew here", 2);
  await worker.instruments.writes("late");
  worker.upstreams.expect({ image: 1, download: 1 });
  const made = await worker.get("/", { prompt: "made anew here", refresh: "1" }, own);
  const fresh = worker.upstreams.imageHost.published.at(-1);
  assertImage(made, fresh, { cache: "MISS" });
  for (const path of ["/?prompt=made+anew+here", `/i/${id}`])
    for (let time = 0; time < 2; time += 1) assertImage(await worker.send(path), fresh, { cache: "HIT" });
  await worker.instruments.writes("work");
});

test("a store that fails is told as ever, and asked again", async () => {
  const id = await asked("while KV fails", 2);
  assertImage(await worker.send(`/i/${id}`), large[0], { cache: "HIT" });
  await worker.instruments.reads("fail");
  const failed = await worker.send(`/?id=${id}`);
  const again = await worker.send(`/i/${id}`);
  await worker.instruments.reads("work");
  assert.deepEqual([again.status, again.text()], [failed.status, failed.text()]);
  assertImage(await worker.send(`/i/${id}`), large[0], { cache: "HIT" });
});

test("each hit is a data point where the owner wants them", async () => {
  const id = await asked("asked again and counted", 0, counting);
  for (let time = 0; time < 3; time += 1)
    assertImage(await counting.get("/", { prompt: "asked again and counted" }), large[0], { cache: "HIT" });
  const operations = await counting.instruments.operations();
  assert.equal(operations.filter((operation) => operation.startsWith(`hit ${id}`)).length, 3, operations.join("\n"));
});
