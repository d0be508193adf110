/** An `id` in a URL whose other parameters have changed: an edited prompt brings the new picture. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertError, assertImage, assertRedirect } from "./support/assertions.mjs";
import { useWorker } from "./support/worker.mjs";

const address = {
  prompt: "a cat",
  size: "320x240",
  seed: "5",
  optimization: "1",
  negative_prompt: "dog",
  steps: "8",
  guidance: "2.5",
};
/** @type {string} */
let id;
/** @type {Buffer} */
let bytes;

const worker = useWorker({ instrumented: true }, async (worker) => {
  worker.upstreams.expect({ chat: 1, image: 1, download: 1 });
  id = assertRedirect(await worker.get("/", address));
  bytes = (await worker.stored(id)).bytes;
});

test("a prompt that was edited beside the old id brings the new picture, under a new id", async () => {
  worker.upstreams.expect({ chat: 1, image: 1, download: 1 });
  const made = await worker.get("/", { ...address, id, prompt: "a cat with a hat" });
  const edited = assertRedirect(made);
  assert.notEqual(edited, id);
  assertImage(await worker.send(made.target), worker.upstreams.imageHost.published.at(-1));
});

for (const [name, value] of [
  ["size", "240x320"],
  ["seed", "6"],
  ["optimization", "0"],
  ["negative_prompt", "dogs"],
  ["steps", "9"],
  ["guidance", "2"],
  ["model", "Kwai-Kolors/Kolors"],
]) {
  test(`another ${name} beside the id is a request of its own`, async () => {
    worker.upstreams.expect({ chat: name === "optimization" ? 0 : 1, image: 1, download: 1 });
    assert.notEqual(assertRedirect(await worker.get("/", { ...address, id, [name]: value })), id);
  });
}

test("the same parameters beside the id are the same image, and absent ones are not compared", async () => {
  for (const beside of [
    address,
    {},
    { prompt: " a cat " },
    { size: "320×240" },
    { width: "320", height: "240" },
    { enhance: "on", seed: "5" },
  ]) {
    assertImage(await worker.get("/", { ...beside, id }), bytes, { cache: "HIT" });
  }
});

test("a parameter alone that differs, with no prompt to make an image of, is 404", async () => {
  assertError(await worker.get("/", { id, seed: "6" }), 404, "image_not_found");
});

test("a wrong value beside an id is the error it always is", async () => {
  assertError(await worker.get("/", { id, size: "huge" }), 400, "invalid_parameter", "size");
});

for (const [what, other] of [
  ["that is not stored", "A".repeat(43)],
  ["of another form", "1724918400000"],
  ["that is blank", ""],
]) {
  test(`beside an id ${what} the other parameters count`, async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    const made = await worker.get("/", { prompt: `beside one ${what}`, id: other });
    assert.notEqual(assertRedirect(made), other);
  });

  test(`an id ${what}, with no prompt, is 404`, async () => {
    assertError(await worker.get("/", { id: other }), 404, "image_not_found");
  });
}

test("an image that is made at the URL that carries its id already is answered there, and not redirected in a circle", async () => {
  worker.upstreams.expect({ image: 2, download: 2 });
  const made = await worker.get("/", { prompt: "no longer stored" });
  const own = assertRedirect(made);
  await worker.stored(own);
  await (await worker.library()).delete(`image:v1:${own}`);
  await worker.instruments.pass(11 * 60);
  const again = await worker.send(made.target);
  assertImage(again, worker.upstreams.imageHost.published.at(-1), { cache: "MISS" });
  assert.equal(again.headers["x-image-id"], own);
  assert.ok(again.headers["server-timing"]);
});
