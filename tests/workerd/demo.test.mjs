/** `DEMO_IMAGES=1`: everything can be tried with no account. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertCard, assertError, assertImage, assertInert, assertRedirect, IMG } from "./support/assertions.mjs";
import { startWorker, useWorker } from "./support/worker.mjs";
import { assertWellFormed } from "./support/xml.mjs";

/** @import { Reply } from "./support/http.mjs" */

/** @type {Record<string, string | undefined>} */
const NO_KEYS = { IMAGE_API_KEYS: undefined, PROCESS_API_KEY: undefined };

/** A demo picture of this size, with the prompt in it. @param {Reply} reply @param {string} prompt */
function assertDemo(reply, prompt, width = 512, height = 512) {
  assert.equal(`${reply.status} ${reply.headers["content-type"]}`, "200 image/svg+xml");
  assertInert(reply);
  const svg = reply.text();
  assertWellFormed(svg);
  assert.match(svg, new RegExp(`^<svg [^>]*width="${width}" height="${height}"`));
  assert.match(svg, /DEMO/);
  assert.ok(svg.includes(prompt), prompt);
  return svg;
}

describe("with DEMO_IMAGES=1 and no key", () => {
  const worker = useWorker({ vars: { ...NO_KEYS, DEMO_IMAGES: "1" } });

  test("a prompt becomes a picture by the same way as any, and no upstream is called", async () => {
    const made = await worker.get("/", { prompt: "一位女孩", size: "320x200", optimization: "1" });
    const id = assertRedirect(made);
    const reply = await worker.send(made.target);
    const svg = assertDemo(reply, "一位女孩", 320, 200);
    assert.equal(reply.headers["content-location"], `/i/${id}.svg`);
    assert.equal(reply.headers["x-prompt-status"], "original");
    const { bytes } = await worker.stored(id);
    assert.equal(bytes.toString(), svg);
    assertImage(await worker.get(`/i/${id}.svg`), bytes, { type: "image/svg+xml", cache: "HIT" });
  });

  test("another prompt and another seed bring another picture, the same ones the same", async () => {
    const pictures = [];
    for (const address of [
      { prompt: "cat" },
      { prompt: "dog" },
      { prompt: "cat", seed: "1" },
      { prompt: "cat", seed: "2" },
    ]) {
      const svg = assertDemo(await worker.image(address), address.prompt);
      // Without the words, so that it is the picture itself that differs.
      pictures.push(svg.replaceAll(address.prompt, ""));
      assert.equal((await worker.image(address)).text(), svg);
    }
    assert.equal(new Set(pictures).size, 4);
  });

  test("a prompt is text in it and nothing else", async () => {
    const svg = assertDemo(await worker.image({ prompt: "<script>alert(1)</script>&\"'" }), "&lt;script&gt;");
    assert.doesNotMatch(svg, /<script/);
  });

  test("every size is drawn", async () => {
    for (const [width, height] of [
      [64, 64],
      [2_048, 64],
      [64, 2_048],
      [2_048, 2_048],
    ]) {
      assertDemo(await worker.image({ prompt: "x", size: `${width}x${height}` }), "x", width, height);
    }
  });

  test("a wrong parameter is the error it always is", async () => {
    assertError(await worker.get("/", { prompt: "cat", size: "1x1" }), 400, "invalid_parameter", "size");
  });
});

test("with a key there are real images, whatever DEMO_IMAGES says", async (context) => {
  const worker = await startWorker({ vars: { DEMO_IMAGES: "1" } });
  context.after(() => worker.stop());
  worker.upstreams.expect({ image: 1, download: 1 });
  assertImage(await worker.image({ prompt: "cat" }), worker.upstreams.imageHost.published.at(-1));
  worker.upstreams.check();
});

test("with neither, a request is told what to set", async (context) => {
  const worker = await startWorker({ vars: NO_KEYS });
  context.after(() => worker.stop());
  const message = assertError(await worker.get("/", { prompt: "cat" }), 500, "misconfigured");
  assert.match(message, /IMAGE_API_KEYS/);
  assertCard(await worker.get("/", { prompt: "cat" }, { headers: IMG }), 500, "misconfigured", 512, 512);
  assert.equal((await worker.get("/")).status, 200);
  worker.upstreams.check();
});

test("a demo picture has another id than the real one that follows it", async (context) => {
  const [demo, real] = [
    await startWorker({ vars: { ...NO_KEYS, DEMO_IMAGES: "1" } }),
    await startWorker({ vars: { PROCESS_API_KEY: undefined } }),
  ];
  context.after(() => Promise.all([demo.stop(), real.stop()]));
  real.upstreams.expect({ image: 1, download: 1 });
  const ids = [await demo.get("/", { prompt: "cat" }), await real.get("/", { prompt: "cat" })].map(assertRedirect);
  assert.notEqual(ids[0], ids[1]);
});
