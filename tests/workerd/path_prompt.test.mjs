/** `/prompt/{prompt}`: for Markdown, and for links that were written for Pollinations. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertCard, assertError, assertImage, assertMade, IMG } from "./support/assertions.mjs";
import { useWorker } from "./support/worker.mjs";

const worker = useWorker();

for (const [path, prompt] of [
  ["a%20cat", "a cat"],
  ["a+b", "a+b"],
  ["a/b/c", "a/b/c"],
  ["a%2Fb", "a/b"],
  ["what%3F", "what?"],
  ["100%25", "100%"],
  ["%2541", "%41"],
  ["a//b/", "a//b/"],
  ["%20padded%20", "padded"],
]) {
  test(`the prompt of /prompt/${path} is ${prompt}`, async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    const made = await worker.send(`/prompt/${path}`);
    const id = assertMade(made);
    assert.equal(worker.upstreams.siliconflow.calls[0].body.prompt, prompt);
    assertImage(made, worker.upstreams.imageHost.published.at(-1));
    for (const form of ["image", "p"]) {
      const same = await worker.send(`/${form}/${path}`);
      assert.equal(`${same.status} ${same.headers["x-image-id"]}`, `200 ${id}`, form);
    }
  });
}

test("width, height, seed, enhance and negative_prompt are understood, and what steers only Pollinations is ignored", async () => {
  worker.upstreams.expect({ chat: 1, image: 1, download: 1 });
  const ignored = { nologo: "true", private: "maybe", safe: "no", nofeed: "1", referrer: "https://example.com" };
  const address = { width: "300", height: "200", seed: "42", enhance: "true", negative_prompt: "rain", ...ignored };
  assertMade(await worker.get("/prompt/a%20lake", address));
  const { image_size, seed, negative_prompt } = worker.upstreams.siliconflow.calls[0].body;
  assert.deepEqual({ image_size, seed, negative_prompt }, { image_size: "300x200", seed: 42, negative_prompt: "rain" });
});

test("a model that is not on the list means the default, one that is means itself", async () => {
  worker.upstreams.expect({ image: 2, download: 2 });
  assertMade(await worker.get("/prompt/by%20another", { model: "turbo" }));
  assertMade(await worker.get("/prompt/by%20another", { model: "Kwai-Kolors/Kolors" }));
  const models = worker.upstreams.siliconflow.calls.map(({ body }) => body.model);
  assert.deepEqual(models, ["black-forest-labs/FLUX.1-schnell", "Kwai-Kolors/Kolors"]);
});

test("it is the image that /?prompt= has", async () => {
  worker.upstreams.expect({ chat: 1, image: 1, download: 1 });
  const id = assertMade(await worker.send(`/prompt/${encodeURIComponent("两条路")}`));
  await worker.stored(id);
  const reply = await worker.get("/", { prompt: "两条路" });
  assert.equal(`${reply.status} ${reply.headers["x-image-id"]}`, `200 ${id}`);
});

test("a blank prompt is a missing one, and a broken one is wrong", async () => {
  for (const blank of ["", "%20", "%0A%09"])
    assertError(await worker.send(`/prompt/${blank}`), 400, "missing_prompt", "prompt");
  for (const broken of ["%", "%zz", "100%", "%ff", "%e7%8c"]) {
    assertError(await worker.send(`/prompt/${broken}`), 400, "invalid_parameter", "prompt");
  }
});

test("the card has the size that width and height ask for", async () => {
  assertCard(
    await worker.get("/prompt/x", { width: "300", height: "200", seed: "x" }, { headers: IMG }),
    400,
    "invalid_parameter",
    300,
    200,
  );
});

test("another method is 405", async () => {
  const reply = await worker.send("/prompt/x", { method: "POST", body: "{}" });
  assertError(reply, 405, "method_not_allowed");
  assert.match(reply.headers.allow, /\bGET\b.*\bHEAD\b/);
});
