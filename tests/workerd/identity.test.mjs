/** Which requests are for the same image, and how a request is read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertError, assertRedirect } from "./support/assertions.mjs";
import { useWorker } from "./support/worker.mjs";

const worker = useWorker();

/** Makes the image of a raw query; says its id. @param {string} query */
async function make(query) {
  const reply = await worker.send(`/?${query}`);
  const id = assertRedirect(reply);
  await worker.stored(id);
  return id;
}

/** Asserts that a raw query is for the image `id`, which is stored. @param {string} query @param {string} id */
async function assertSame(query, id) {
  const reply = await worker.send(`/?${query}`);
  assert.equal(`${reply.status} ${reply.headers["x-image-id"]}`, `200 ${id}`, query);
}

test("the same request has the same id, however it is written", async () => {
  worker.upstreams.expect({ image: 1, download: 1 });
  const id = await make("prompt=a+red+cat&size=512x512&seed=7");
  for (const query of [
    "seed=7&size=512x512&prompt=a+red+cat",
    "prompt=a%20red%20cat&seed=7",
    "prompt=%20a+red+cat%0A&seed=7",
    "prompt=a+red+cat&width=512&height=512&seed=7",
    "prompt=a+red+cat&size=512%C3%97512&seed=7&optimization=0",
    "prompt=a+red+cat&seed=7&model=black-forest-labs/FLUX.1-schnell",
    "prompt=a+red+cat&seed=7&utm_source=x&nonsense=%ff",
    "prompt=a+red+cat&seed=7&enhance=off",
  ]) {
    await assertSame(query, id);
  }
});

test("two ways to write a character are one", async () => {
  worker.upstreams.expect({ chat: 1, image: 1, download: 1 });
  const id = await make(`prompt=${encodeURIComponent("caf\u00e9")}`);
  await assertSame(`prompt=${encodeURIComponent("cafe\u0301")}`, id);
});

test("each parameter that shapes an image is part of its id", async () => {
  const queries = [
    "",
    "size=512x513",
    "seed=0",
    "seed=1",
    "model=Kwai-Kolors/Kolors",
    "negative_prompt=dog",
    "steps=4",
    "guidance=3",
    "optimization=1",
  ];
  worker.upstreams.expect({ chat: 1, image: queries.length, download: queries.length });
  const ids = [];
  for (const query of queries) ids.push(await make(`prompt=part+of+it&${query}`));
  assert.equal(new Set(ids).size, queries.length);
});

test("where a parameter is given twice the first counts", async () => {
  worker.upstreams.expect({ image: 1, download: 1 });
  await make("prompt=first&prompt=second&size=64x64&size=oops");
  const { prompt, image_size } = worker.upstreams.siliconflow.calls[0].body;
  assert.deepEqual({ prompt, image_size }, { prompt: "first", image_size: "64x64" });
});

for (const [raw, prompt] of [
  ["a+b", "a b"],
  ["a%2Bb", "a+b"],
  ["100%25", "100%"],
  ["%2541", "%41"],
  ["a%26b%3Dc", "a&b=c"],
  ["a=b", "a=b"],
  ["line%0Abreak", "line break"],
]) {
  test(`prompt=${raw} is decoded exactly once`, async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    await make(`prompt=${raw}`);
    assert.equal(worker.upstreams.siliconflow.calls[0].body.prompt, prompt);
  });
}

test("HEAD never makes an image", async () => {
  const reply = await worker.send("/?prompt=never+made", { method: "HEAD" });
  assert.equal(reply.status, 404);
  assert.equal(reply.headers["x-error-code"], "image_not_found");
  assert.equal(reply.body.length, 0);
});

test("HEAD of a stored image has the headers of GET and no body", async () => {
  worker.upstreams.expect({ image: 1, download: 1 });
  const id = await make("prompt=look+only");
  for (const target of ["/?prompt=look+only", `/?id=${id}`, `/?prompt=look+only&id=${id}`, `/i/${id}`]) {
    const [get, head] = [await worker.send(target), await worker.send(target, { method: "HEAD" })];
    assert.equal(head.status, 200, target);
    assert.equal(head.body.length, 0);
    const { date: _, ...expected } = get.headers;
    const { date: __, ...actual } = head.headers;
    assert.deepEqual(actual, expected, target);
  }
});

test("HEAD of a request that is wrong says so, as GET does", async () => {
  const head = await worker.send("/?prompt=cat&size=huge", { method: "HEAD" });
  assert.equal(`${head.status} ${head.headers["x-error-code"]}`, "400 invalid_parameter");
  assertError(await worker.send("/?prompt=cat&size=huge"), 400, "invalid_parameter", "size");
});
