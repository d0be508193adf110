/** The short permalinks `/i/{id}` and `/i/{id}.{ext}`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertCard, assertError, assertImage, assertRedirect, IMG } from "./support/assertions.mjs";
import { useWorker } from "./support/worker.mjs";

/** @type {string} */
let id;
/** @type {Buffer} */
let bytes;

const worker = useWorker({}, async (worker) => {
  worker.upstreams.expect({ image: 1, download: 1 });
  id = assertRedirect(await worker.get("/", { prompt: "to be linked" }));
  bytes = (await worker.stored(id)).bytes;
});

test("a stored image is under its permalink, with an extension and without", async () => {
  for (const pathname of [`/i/${id}`, `/i/${id}.png`, `/i/${id}.jpg`]) {
    const reply = await worker.get(pathname);
    assertImage(reply, bytes, { cache: "HIT" });
    assert.equal(reply.headers["cache-control"], "public, max-age=31536000, immutable");
  }
});

test("parameters beside a permalink change nothing", async () => {
  assertImage(await worker.get(`/i/${id}.png`, { prompt: "another", size: "oops", utm_source: "x" }), bytes);
});

test("HEAD says that it is there, or that it is not", async () => {
  const there = await worker.get(`/i/${id}.png`, {}, { method: "HEAD" });
  assert.equal(there.status, 200);
  assert.equal(there.headers["content-length"], String(bytes.length));
  assert.equal(there.body.length, 0);
  const missing = await worker.get(`/i/${"A".repeat(43)}`, {}, { method: "HEAD" });
  assert.equal(`${missing.status} ${missing.headers["x-error-code"]}`, "404 image_not_found");
});

test("an id that is not stored is 404, and so is what is no id", async () => {
  for (const name of [
    "A".repeat(43),
    `${"A".repeat(43)}.png`,
    "1724918400000",
    id.slice(1),
    `${id}A`,
    "%E7%8C%AB",
    "%ff",
    "..%2f",
    ".png",
  ]) {
    assertError(await worker.get(`/i/${name}`), 404, "image_not_found");
  }
});

test("a browser gets the card of 404", async () => {
  assertCard(await worker.get(`/i/${"A".repeat(43)}.png`, {}, { headers: IMG }), 404, "image_not_found", 512, 512);
});

test("a permalink makes no image, even with a prompt beside it", async () => {
  assertError(await worker.get(`/i/${"B".repeat(43)}`, { prompt: "cat" }), 404, "image_not_found");
});

test("what lies deeper is nothing", async () => {
  for (const pathname of ["/i", "/i/", `/i/${id}/x`]) assertError(await worker.get(pathname), 404, "not_found");
});

test("another method is 405 and says which are answered", async () => {
  const reply = await worker.get(`/i/${id}`, {}, { method: "PUT" });
  assertError(reply, 405, "method_not_allowed");
  assert.match(reply.headers.allow, /\bGET\b.*\bHEAD\b/);
});
