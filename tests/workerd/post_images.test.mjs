/** `POST /v1/images/generations` and `/v1/image/generations`: both vendors' names in, both shapes out, one pipeline. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bytes, held } from "./support/answers.mjs";
import { assertError, assertImage, ID } from "./support/assertions.mjs";
import { withinAMinute } from "./support/http.mjs";
import { noisePng, png } from "./support/images.mjs";
import { ERRORS } from "./support/siliconflow.mjs";
import { useWorker } from "./support/worker.mjs";

/**
 * @import { TestWorker } from "./support/worker.mjs"
 * @import { Call } from "./support/upstream.mjs"
 */

const OPENAI = "/v1/images/generations";
const SILICONFLOW = "/v1/image/generations";

/**
 * @param {TestWorker} worker
 * @param {unknown} body
 * @param {{path?: string, headers?: Record<string, string>}} [options]
 */
const post = (worker, body, { path = OPENAI, headers } = {}) =>
  worker.send(path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

/** The path of the answer's image. @param {{url: string}} image */
const pathOf = ({ url }) => new URL(url).pathname;

describe("an open service", () => {
  const worker = useWorker({ vars: { IMAGE_API_KEYS: "k1,k2,k3,k4" } });
  const imageCalls = () => worker.upstreams.siliconflow.calls;

  for (const path of [OPENAI, SILICONFLOW]) {
    test(`${path} answers in both vendors' shapes at once`, async () => {
      worker.upstreams.expect({ image: 1, download: 1 });
      const reply = await post(worker, { prompt: `a cat for ${path}`, seed: 7 }, { path });
      assert.equal(reply.status, 200, reply.text());
      assert.equal(reply.headers["cache-control"], "no-store");
      const { created, data, images, timings, seed, ...rest } = reply.json();
      const details = { text_tokens: 0, image_tokens: 0 };
      assert.deepEqual(rest, {
        output_format: "png",
        size: "512x512",
        usage: { total_tokens: 0, input_tokens: 0, output_tokens: 0, input_tokens_details: details },
      });
      assert.deepEqual(data, images);
      assert.equal(data.length, 1);
      assert.match(data[0].url, new RegExp(`^${worker.origin}/i/[A-Za-z0-9_-]{43}\\.png$`));
      assert.equal(seed, 7);
      assert.ok(Number.isInteger(created) && timings.inference >= 0 && timings.inference < 60);
      assertImage(await worker.send(pathOf(data[0])), worker.upstreams.imageHost.published.at(-1));
    });
  }

  for (const [whose, body] of /** @type {[string, object][]} */ ([
    ["OpenAI's", { n: 1, size: "768x512", steps: 4, guidance: 3.5, response_format: "url" }],
    ["SiliconFlow's", { batch_size: 1, image_size: "768x512", num_inference_steps: 4, guidance_scale: 3.5 }],
    [
      "both vendors', which agree",
      {
        n: 1,
        batch_size: 1,
        size: "768x512",
        image_size: "768×512",
        steps: 4,
        num_inference_steps: 4,
        guidance: 3.5,
        guidance_scale: 3.5,
      },
    ],
  ])) {
    test(`with ${whose} names it is the image of the same URL`, async () => {
      worker.upstreams.expect({ image: 1, download: 1 });
      const prompt = `a dog by ${whose}`;
      const made = await worker.get("/", {
        prompt,
        size: "768x512",
        steps: "4",
        guidance: "3.5",
        seed: "9",
        negative_prompt: "cats",
      });
      const reply = await post(worker, { prompt: ` ${prompt} `, seed: 9, negative_prompt: "cats", ...body });
      assert.equal(reply.headers["x-cache"], "HIT");
      assert.equal(pathOf(reply.json().data[0]), `/i/${made.headers["x-image-id"]}.png`);
      const { num_inference_steps, guidance_scale, seed, negative_prompt } = imageCalls()[0].body;
      assert.deepEqual([num_inference_steps, guidance_scale, seed, negative_prompt], [4, 3.5, 9, "cats"]);
    });
  }

  test("a whole number may be written as a float, as some languages do", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    const body = '{"prompt":"a floating cat","n":1.0,"steps":4.0,"seed":9.0}';
    assert.equal((await worker.send(OPENAI, { method: "POST", body })).status, 200);
    const { num_inference_steps, seed } = imageCalls()[0].body;
    assert.deepEqual([num_inference_steps, seed], [4, 9]);
  });

  test("optimization makes the image of optimization=1", async () => {
    worker.upstreams.expect({ chat: 1, image: 1, download: 1 });
    const made = await worker.get("/", { prompt: "an optimized cat", optimization: "1" });
    for (const optimization of [true, 1, "yes"]) {
      const { data } = (await post(worker, { prompt: "an optimized cat", optimization })).json();
      assert.equal(pathOf(data[0]), `/i/${made.headers["x-image-id"]}.png`, String(optimization));
      assert.equal(data[0].revised_prompt, imageCalls()[0].body.prompt);
    }
  });

  test("null is the same as absent, and what is not known is ignored", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    const names = [
      "model",
      "n",
      "batch_size",
      "size",
      "image_size",
      "response_format",
      "seed",
      "negative_prompt",
      "steps",
    ];
    const more = ["num_inference_steps", "guidance", "guidance_scale", "optimization"];
    const nulls = Object.fromEntries([...names, ...more].map((name) => [name, /** @type {unknown} */ (null)]));
    const made = await worker.get("/", { prompt: "nothing but a cat" });
    for (const body of [
      nulls,
      { quality: "hd", style: { any: [1] }, user: 7, background: true, moderation: "low" },
      { size: "auto", negative_prompt: " " },
    ]) {
      const { data } = (await post(worker, { prompt: "nothing but a cat", ...body })).json();
      assert.equal(pathOf(data[0]), `/i/${made.headers["x-image-id"]}.png`, JSON.stringify(body));
    }
  });

  test("a model that clients have built in is the default, and one on offer is itself", async () => {
    worker.upstreams.expect({ image: 2, download: 2 });
    for (const model of ["dall-e-2", "dall-e-3", "gpt-image-1", "chatgpt-image-latest", "kwai-kolors/kolors"]) {
      assert.equal((await post(worker, { prompt: "a modelled cat", model })).status, 200, model);
    }
    const models = imageCalls().map(({ body }) => body.model);
    assert.deepEqual(models, ["black-forest-labs/FLUX.1-schnell", "Kwai-Kolors/Kolors"]);
  });

  test("several images have the seeds from the one that is given on, round at the end of the range", async () => {
    worker.upstreams.expect({ image: 4, download: 4 });
    const { data, images, seed } = (
      await post(worker, { prompt: "seeded cats", batch_size: 4, seed: 9_999_999_998 })
    ).json();
    assert.deepEqual([data.length, images.length, seed], [4, 4, 9_999_999_998]);
    const seeds = imageCalls().map(({ body }) => body.seed);
    assert.deepEqual(seeds.sort(), [0, 1, 9_999_999_998, 9_999_999_999]);
    const second = await worker.get("/", { prompt: "seeded cats", seed: "9999999999" });
    assert.equal(pathOf(data[1]), `/i/${second.headers["x-image-id"]}.png`);
  });

  test("each request for several images without a seed has others", async () => {
    worker.upstreams.expect({ image: 4, download: 4 });
    const [one, other] = [
      await post(worker, { prompt: "drawn cats", n: 2 }),
      await post(worker, { prompt: "drawn cats", n: 2 }),
    ];
    assert.equal(new Set([...one.json().data, ...other.json().data].map(pathOf)).size, 4);
  });

  test("a random seed is drawn, for one image too", async () => {
    worker.upstreams.expect({ image: 2, download: 2 });
    const seeds = [];
    for (const seed of ["random", -1]) seeds.push((await post(worker, { prompt: "a drawn cat", seed })).json().seed);
    assert.deepEqual(
      imageCalls().map(({ body }) => body.seed),
      seeds,
    );
    assert.notEqual(seeds[0], seeds[1]);
  });

  test("with some of the images made the answer has those", async () => {
    const { siliconflow } = worker.upstreams;
    /** @param {Call} call */
    const answer = (call) => (call.body.seed === 2 ? ERRORS.rejected : siliconflow.ordinary(call));
    worker.upstreams.expect({ image: [answer, answer, answer], download: 2 });
    const reply = await post(worker, { prompt: "partial cats", n: 3, seed: 1 });
    assert.equal(reply.status, 200, reply.text());
    assert.equal(reply.json().data.length, 2);
  });

  test("with none of them made the answer is the error", async () => {
    worker.upstreams.siliconflow.allow(ERRORS.rejected);
    assertError(await post(worker, { prompt: "no cats", n: 3 }), 422, "prompt_rejected");
  });

  test("a request joins the generation of the same image that a URL started", async () => {
    const gate = held(worker.upstreams.siliconflow.ordinary.bind(worker.upstreams.siliconflow));
    worker.upstreams.expect({ image: [gate.answer], download: 1 });
    const byUrl = worker.get("/", { prompt: "a shared cat" });
    await worker.upstreams.siliconflow.called(1);
    const byPost = [
      post(worker, { prompt: "a shared cat" }),
      post(worker, { prompt: "a shared cat" }, { path: SILICONFLOW }),
    ];
    await new Promise((resolve) => setTimeout(resolve, 200));
    gate.release();
    const id = (await byUrl).headers["x-image-id"];
    assert.match(id, ID);
    for (const reply of await Promise.all(byPost)) assert.equal(pathOf(reply.json().data[0]), `/i/${id}.png`);
  });

  test("a body is read as JSON whatever its content type says", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream", ""]) {
      const reply = await post(worker, { prompt: "an untyped cat" }, { headers: { "content-type": type } });
      assert.equal(reply.status, 200, `${type}: ${reply.text()}`);
    }
  });
});

describe("the bytes of images", () => {
  const worker = useWorker({ vars: { IMAGE_API_KEYS: "k1,k2,k3,k4" } });
  /** @param {number} size */
  const large = (size) => Buffer.concat([png(512, 512), Buffer.alloc(size)]);

  test("are in base64 whatever their length is, from the maker and from the store", async () => {
    for (const size of [0, 1, 2, 100_000, 3_000_001]) {
      const image = large(size);
      worker.upstreams.reset();
      worker.upstreams.expect({ image: 1, download: [bytes(image, "image/png")] });
      for (const cache of ["MISS", "HIT"]) {
        const reply = await post(worker, { prompt: `a cat of ${size}`, response_format: "b64_json" });
        assert.equal(reply.headers["x-cache"], cache);
        const { data, images } = reply.json();
        assert.ok(Buffer.from(data[0].b64_json, "base64").equals(image), `${size}`);
        assert.equal(data[0].b64_json, image.toString("base64"));
        assert.equal(images.length, 1);
      }
    }
  });

  test("are streamed as one event, behind comments", async () => {
    const { siliconflow } = worker.upstreams;
    const gate = held(siliconflow.ordinary.bind(siliconflow));
    worker.upstreams.expect({ image: [gate.answer], download: 1 });
    const streamed = post(worker, { prompt: "a streamed cat", stream: true });
    await siliconflow.called(1);
    await new Promise((resolve) => setTimeout(resolve, 10_500));
    gate.release();
    const reply = await streamed;
    assert.match(reply.headers["content-type"], /^text\/event-stream/);
    const [comment, event, end] = reply.text().split("\n\n");
    assert.deepEqual([comment, end], [": keep-alive", ""]);
    const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(event) ?? [];
    assert.equal(name, "image_generation.completed");
    const { b64_json, created_at, ...rest } = JSON.parse(data);
    assert.ok(Buffer.from(b64_json, "base64").equals(worker.upstreams.imageHost.published.at(-1) ?? Buffer.alloc(0)));
    assert.ok(Math.abs(created_at - Date.now() / 1_000) < 60);
    assert.deepEqual([rest.type, rest.size, rest.output_format], [name, "512x512", "png"]);
  });

  test("of a failure are an event that OpenAI's SDKs raise", async () => {
    worker.upstreams.siliconflow.allow(ERRORS.rejected);
    const reply = await post(worker, { prompt: "a refused cat", stream: true });
    const [, data] = /^event: error\ndata: (.*)\n\n$/.exec(reply.text()) ?? [];
    assert.equal(JSON.parse(data).error.code, "prompt_rejected");
  });
});

describe("bytes in base64", () => {
  const worker = useWorker({ vars: { IMAGE_API_KEYS: "k1" } });

  for (const [what, image, isOneText] of /** @type {[string, Buffer, boolean][]} */ ([
    ["a small image", png(64, 64), true],
    ["an image of over 2 MiB", noisePng(1_024, 900), true],
    ["an image of over 4 MiB", noisePng(1_400, 1_100), false],
  ])) {
    test(`${what} is ${isOneText ? "sent as one text, whose length is known" : "encoded as it passes"}, new and stored`, async () => {
      worker.upstreams.expect({ image: [worker.upstreams.siliconflow.draws(image)], download: 1 });
      const wish = { prompt: `base64 of ${what}`, response_format: "b64_json" };
      for (const time of ["new", "stored"]) {
        const reply = await post(worker, wish);
        assert.equal(reply.status, 200, time);
        assert.ok(Buffer.from(reply.json().data[0].b64_json, "base64").equals(image), time);
        assert.equal("content-length" in reply.headers, isOneText, time);
      }
    });
  }
});

describe("a service with a rate limit", () => {
  const worker = useWorker({ rateLimit: 3, vars: { IMAGE_API_KEYS: "k1,k2,k3,k4" } });

  test("several images count as many, and the stored ones not at all", () =>
    withinAMinute(async (attempt) => {
      worker.upstreams.reset();
      worker.upstreams.expect({ image: 3, download: 3 });
      const pair = { prompt: `a pair of cats ${attempt}`, n: 2, seed: 1 };
      const headers = { "cf-connecting-ip": "203.0.113.7" };
      for (let time = 0; time < 3; time += 1) assert.equal((await post(worker, pair, { headers })).status, 200);
      const reply = await post(worker, { prompt: `two more cats ${attempt}`, n: 2, seed: 1 }, { headers });
      assert.deepEqual([reply.status, reply.json().data.length], [200, 1]);
      const refused = await post(worker, { prompt: `one more cat ${attempt}` }, { headers });
      assertError(refused, 429, "rate_limited");
      assert.ok(Number(refused.headers["retry-after"]) > 0);
    }));
});

describe("a service without KV", () => {
  const worker = useWorker({ kv: false });

  test("gives a permalink that works, and the bytes", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    const { data } = (await post(worker, { prompt: "a passing cat" })).json();
    const [bytes] = worker.upstreams.imageHost.published;
    assertImage(await worker.send(pathOf(data[0])), bytes);
    const again = (await post(worker, { prompt: "a passing cat", response_format: "b64_json" })).json();
    assert.ok(Buffer.from(again.data[0].b64_json, "base64").equals(bytes));
  });
});
