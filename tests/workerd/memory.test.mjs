/** The memory of an isolate: what is asked for again comes from there, and no change is overlooked. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { assertError, assertImage, assertRedirect } from "./support/assertions.mjs";
import { noisePng } from "./support/images.mjs";
import { useWorker } from "./support/worker.mjs";

const TOKEN = "token-of-the-owner";
const own = { headers: { authorization: `Bearer ${TOKEN}` } };
const worker = useWorker({ instrumented: true, vars: { ACCESS_TOKENS: TOKEN } });
/** The bytes of the image that was drawn last. */
const last = () => worker.upstreams.imageHost.published.at(-1) ?? Buffer.alloc(0);

beforeEach(() => worker.instruments.forget());

/** An image that is stored. @param {string} prompt */
async function stored(prompt) {
  worker.upstreams.expect({ image: 1, download: 1 });
  const id = assertRedirect(await worker.get("/", { prompt }, own));
  await worker.stored(id);
  return { id, bytes: last() };
}

/** An image that is stored, and was asked for twice. @param {string} prompt */
async function remembered(prompt) {
  const image = await stored(prompt);
  for (let time = 0; time < 2; time += 1) assertImage(await worker.get("/", { prompt }), image.bytes, { cache: "HIT" });
  await worker.instruments.forget();
  return image;
}

test("what was asked for twice is answered without KV, at each of its URLs, with the same headers", async () => {
  const { id, bytes } = await stored("popular");
  const first = await worker.get("/", { prompt: "popular" });
  assertImage(await worker.get("/", { prompt: "popular" }), bytes, { cache: "HIT" });
  await (await worker.library()).delete(`image:v1:${id}`);
  await worker.instruments.forget();
  const again = await worker.get("/", { prompt: "popular" });
  assertImage(again, bytes, { cache: "HIT" });
  const { date: _, ...headers } = first.headers;
  const { date: __, ...headersAgain } = again.headers;
  assert.deepEqual(headersAgain, headers);
  for (const path of [`/?id=${id}`, `/?prompt=popular&id=${id}`, `/i/${id}`, `/i/${id}.png`, "/prompt/popular"]) {
    assertImage(await worker.send(path), bytes, { cache: "HIT" });
    const head = await worker.send(path, { method: "HEAD" });
    assert.equal(`${head.status} ${head.headers["content-length"]}`, `200 ${bytes.length}`, path);
    const known = await worker.send(path, { headers: { "if-none-match": `W/"${id}"` } });
    assert.equal(known.status, 304, path);
  }
  assert.deepEqual(await worker.instruments.operations(), []);
});

test("clients of the images API get the same bytes from memory", async () => {
  const { bytes } = await remembered("popular with clients");
  const body = JSON.stringify({ prompt: "popular with clients", response_format: "b64_json" });
  const reply = await worker.send("/v1/images/generations", { method: "POST", body });
  assert.equal(JSON.parse(reply.text()).data[0].b64_json, bytes.toString("base64"));
  assert.deepEqual(await worker.instruments.operations(), []);
});

test("a minute after it was read from KV, KV is read again", async () => {
  const { id, bytes } = await remembered("popular for a minute");
  await worker.instruments.pass(61);
  assertImage(await worker.get("/", { prompt: "popular for a minute" }), bytes, { cache: "HIT" });
  assert.deepEqual(await worker.instruments.operations(), [`get image:v1:${id}`]);
});

test("a removed image is gone at once", async () => {
  const { id } = await remembered("popular and removed");
  assert.equal((await worker.send(`/i/${id}`, { method: "DELETE", ...own })).status, 204);
  for (const path of [`/i/${id}`, `/?id=${id}`]) assertError(await worker.send(path), 404, "image_not_found");
  assert.equal((await worker.send("/?prompt=popular+and+removed", { method: "HEAD" })).status, 404);
});

test("a refreshed image is the new one at once", async () => {
  const { id, bytes } = await remembered("popular and made anew");
  worker.upstreams.expect({ image: 1, download: 1 });
  const fresh = await worker.get("/", { prompt: "popular and made anew", refresh: "1" }, own);
  assertImage(fresh, last(), { cache: "MISS" });
  assert.ok(!last().equals(bytes));
  for (const path of [`/i/${id}`, "/?prompt=popular+and+made+anew"]) {
    const reply = await worker.send(path, { headers: { accept: "image/*" } });
    assertImage(reply, last(), { cache: "HIT" });
    assert.match(reply.headers.etag, new RegExp(`^W/"${id}-\\d{10}"$`));
  }
});

test("a large image is read from KV each time", async () => {
  const { id } = await stored("large");
  const library = await worker.library();
  const { metadata } = await library.getWithMetadata(`image:v1:${id}`);
  const large = noisePng(400, 300);
  assert.ok(large.length > 256 * 1024);
  const value = new Uint8Array(large).buffer;
  await library.put(`image:v1:${id}`, value, {
    metadata: { .../** @type {object} */ (metadata), bytes: large.length },
  });
  await worker.instruments.forget();
  for (let time = 0; time < 3; time += 1)
    assertImage(await worker.get("/", { prompt: "large" }), large, { cache: "HIT" });
  assert.equal((await worker.instruments.operations()).length, 3);
});
