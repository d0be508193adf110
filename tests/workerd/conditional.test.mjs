/** Revalidation: who has the image already is not sent it again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertImage, assertRedirect } from "./support/assertions.mjs";
import { useWorker } from "./support/worker.mjs";
/** @import { Parameters } from "./support/http.mjs" */

/** @import { Reply } from "./support/http.mjs" */

const address = { prompt: "looked at twice" };
/** @type {string} */
let id;
/** @type {Buffer} */
let bytes;

const worker = useWorker({ instrumented: true }, async (worker) => {
  worker.upstreams.expect({ image: 1, download: 1 });
  id = assertRedirect(await worker.get("/", address));
  bytes = (await worker.stored(id)).bytes;
});

/** @param {string} tags */
const knows = (tags) => ({ headers: { "if-none-match": tags } });

/** @param {Reply} reply @param {string} cache */
async function assertNotModified(reply, cache) {
  assert.equal(reply.status, 304);
  assert.equal(reply.body.length, 0);
  assert.equal(reply.headers.etag, `W/"${id}"`);
  assert.equal(reply.headers["cache-control"], cache);
}

test("at a URL with an id the answer is 304 without a look at the store", async () => {
  await worker.instruments.forget();
  for (const [pathname, parameters] of /** @type {[string, Parameters?][]} */ ([
    ["/", { ...address, id }],
    ["/", { id }],
    [`/i/${id}`],
    [`/i/${id}.png`],
  ])) {
    await assertNotModified(
      await worker.get(pathname, parameters, knows(`W/"${id}"`)),
      "public, max-age=31536000, immutable",
    );
  }
  assert.deepEqual(await worker.instruments.operations(), []);
});

test("at a prompt's URL it is 304 after one", async () => {
  await worker.instruments.forget();
  await assertNotModified(await worker.get("/", address, knows(`W/"${id}"`)), "public, max-age=86400");
  assert.deepEqual(await worker.instruments.operations(), [`get image:v1:${id}`]);
});

test("tags are compared weakly, and any of a list counts", async () => {
  for (const tags of [`"${id}"`, `"other", W/"${id}"`, `W/"other",W/"${id}" , "third"`]) {
    assert.equal((await worker.get("/", { id }, knows(tags))).status, 304, tags);
    assert.equal((await worker.get("/", address, knows(tags))).status, 304, tags);
  }
});

test("another tag brings the image", async () => {
  for (const tags of [`W/"${"A".repeat(43)}"`, `W/"${id}x"`, '"', "", id.slice(1)]) {
    assertImage(await worker.get("/", { id }, knows(tags)), bytes);
    assertImage(await worker.get("/", address, knows(tags)), bytes);
  }
});

test("HEAD is answered 304 too", async () => {
  const options = { ...knows(`W/"${id}"`), method: "HEAD" };
  assert.equal((await worker.get("/", { id }, options)).status, 304);
  assert.equal((await worker.get("/", address, options)).status, 304);
});
