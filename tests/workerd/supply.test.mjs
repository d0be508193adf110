/** Pictures and prompts from whatever quota there is: nothing but Workers AI, only a SiliconFlow key, only BigModel's. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { json } from "./support/answers.mjs";
import { png } from "./support/images.mjs";
import { useWorker } from "./support/worker.mjs";
import { WorkersAi } from "./support/workers_ai.mjs";

/** @type {Record<string, string | undefined>} */
const NONE = {
  IMAGE_API_KEYS: undefined,
  PROCESS_API_KEY: undefined,
  PROCESS_FALLBACK: undefined,
  IMAGE_MODELS: undefined,
};
const FLUX = "@cf/black-forest-labs/flux-1-schnell";

describe("with no key at all, and Workers AI bound", () => {
  const worker = useWorker({ ai: true, vars: NONE });

  test("a Chinese prompt is rewritten and drawn by Workers AI", async () => {
    worker.upstreams.ai.expect(2);
    const reply = await worker.image({ prompt: "一位女孩", size: "512x512", optimization: "1" });
    assert.equal(reply.status, 200, reply.text());
    assert.equal(reply.headers["content-type"], "image/jpeg");
    assert.equal(reply.headers["x-prompt-status"], "optimized");
    assert.equal(reply.headers["x-model"], "black-forest-labs/FLUX.1-schnell");
    const [chat, image] = worker.upstreams.ai.calls;
    assert.match(chat.url, /^@cf\/meta\//);
    assert.equal(image.url, FLUX);
    assert.deepEqual(image.body, { prompt: "a cat" });
  });

  test("a seed is not sent to a model that takes none, and steps no more than it takes", async () => {
    worker.upstreams.ai.expect(1);
    const reply = await worker.image({ prompt: "a cat", seed: "7", steps: "20" });
    assert.equal(reply.status, 200, reply.text());
    assert.deepEqual(worker.upstreams.ai.calls[0].body, { prompt: "a cat", steps: 8 });
  });

  test("everybody is told that it draws and rewrites", async () => {
    const health = (await worker.get("/health")).json();
    assert.deepEqual([health.draws, health.rewrites, health.why], [true, true, undefined]);
  });

  test("the day's end is midnight UTC where the allocation is used up", async () => {
    worker.upstreams.ai.expect(
      WorkersAi.rejects("4006: you have used up your daily free allocation of 10,000 neurons"),
    );
    const reply = await worker.get("/", { prompt: "used up" });
    assert.equal(reply.status, 503, reply.text());
    const midnight = 86_400 - (Math.floor(Date.now() / 1000) % 86_400);
    assert.ok(Math.abs(Number(reply.headers["retry-after"]) - midnight) <= 5, reply.headers["retry-after"]);
  });
});

describe("with only a SiliconFlow key", () => {
  const worker = useWorker({ vars: { ...NONE, IMAGE_API_KEYS: "image-key-1" } });

  test("a Chinese prompt is translated by SiliconFlow's own chat API with the same key", async () => {
    const chat = worker.upstreams.at("https://api.siliconflow.cn/v1/chat/completions");
    chat.expect((call) => {
      assert.equal(call.headers.authorization, "Bearer image-key-1");
      return json({ choices: [{ message: { content: "a girl" } }] });
    });
    worker.upstreams.expect({ image: 1, download: 1 });
    const reply = await worker.image({ prompt: "一位女孩" });
    assert.equal(reply.headers["x-prompt-status"], "translated");
    assert.equal(worker.upstreams.siliconflow.calls[0].body.prompt, "a girl");
  });
});

describe("with only a BigModel key", () => {
  const worker = useWorker({ vars: { ...NONE, PROCESS_API_KEY: "chat-key-1" } });

  test("cogview draws, at the nearest size that it takes", async () => {
    const images = worker.upstreams.at("https://open.bigmodel.cn/api/paas/v4/images/generations");
    const host = worker.upstreams.at("https://aigc-files.bigmodel.cn/a.png");
    images.expect((call) => {
      assert.equal(call.headers.authorization, "Bearer chat-key-1");
      assert.deepEqual(JSON.parse(call.text), { model: "cogview-3-flash", prompt: "a cat", size: "512x512" });
      return json({ created: 1, data: [{ url: "https://aigc-files.bigmodel.cn/a.png" }] });
    });
    host.expect({ status: 200, body: png(512, 512) });
    const reply = await worker.image({ prompt: "a cat", size: "500x500" });
    assert.equal(reply.status, 200, reply.text());
    assert.equal(reply.headers["x-model"], "cogview-3-flash");
    assert.equal(reply.headers["x-image-size"], "512x512");
  });
});
