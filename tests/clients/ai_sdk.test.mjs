/** npm's `ai` with `@ai-sdk/openai` and `@ai-sdk/openai-compatible`. Each test's name says what the client needs. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateImage, generateText, streamText } from "ai";
import { ERRORS } from "../workerd/support/siliconflow.mjs";
import { useWorker } from "../workerd/support/worker.mjs";
import { asked, assertIs, assertShows, drawn, many, ONE } from "./support/pictures.mjs";

const worker = useWorker();
// One try more, as for a kept connection that was closed meanwhile; what the upstreams are asked is counted anyway.
const retrying = { maxRetries: 1 };

describe("ai with @ai-sdk/openai", () => {
  const openai = () => createOpenAI({ apiKey: "any", baseURL: `${worker.origin}/v1` });
  /** The type that it has is none of a set of tools where `null` is not checked. @returns {any} */
  const imageTool = () => ({ image_generation: openai().tools.imageGeneration({ outputFormat: "png" }) });

  for (const name of ["gpt-image-1", "gpt-image-1-mini", "dall-e-3", "dall-e-2"]) {
    test(`generateImage with ${name}: data[].b64_json`, async () => {
      worker.upstreams.expect(ONE);
      const model = openai().image(name);
      const { image } = await generateImage({ model, prompt: `a fox by ${name}`, size: "1024x1024", ...retrying });
      assert.deepEqual(Buffer.from(image.uint8Array), drawn(worker));
      assert.equal(image.mediaType, "image/png");
      assert.equal(asked(worker)[0].image_size, "1024x1024");
    });
  }

  test("generateImage with n=2: two images", async () => {
    worker.upstreams.expect(many(2));
    const { images } = await generateImage({
      model: openai().image("gpt-image-1"),
      prompt: "foxes",
      n: 2,
      ...retrying,
    });
    assert.equal(new Set(images.map(({ base64 }) => base64)).size, 2);
  });

  test("generateImage that was refused throws APICallError, with the upstream's words", async () => {
    worker.upstreams.expect({ image: [ERRORS.rejected] });
    await assert.rejects(
      generateImage({ model: openai().image("gpt-image-1"), prompt: "a refused fox", ...retrying }),
      (error) => error instanceof APICallError && error.statusCode === 422 && /sensitive/.test(error.message),
    );
  });

  test("generateText with openai(…), which is /v1/responses: the text", async () => {
    worker.upstreams.expect(ONE);
    const { text, finishReason, usage } = await generateText({
      model: openai()("gpt-4o"),
      prompt: "r1 a fox",
      ...retrying,
    });
    await assertShows(worker, text);
    assert.deepEqual([finishReason, usage.totalTokens], ["stop", 0]);
  });

  test("streamText with openai(…): text deltas, and a finish", async () => {
    worker.upstreams.expect(ONE);
    const stream = streamText({ model: openai()("gpt-4o"), prompt: "r2 a fox", ...retrying });
    let text = "";
    for await (const piece of stream.textStream) text += piece;
    await assertShows(worker, text);
    assert.equal(await stream.finishReason, "stop");
  });

  test("the image_generation tool of openai(…): a tool result with the base64", async () => {
    worker.upstreams.expect(ONE);
    const tools = imageTool();
    const result = await generateText({ model: openai()("gpt-4o"), prompt: "r3 a fox", tools, ...retrying });
    const found = result.staticToolResults.find(({ toolName }) => toolName === "image_generation");
    assertIs(worker, /** @type {any} */ (found)?.output.result);
  });

  test("the image_generation tool, streamed: a tool result with the base64", async () => {
    worker.upstreams.expect(ONE);
    const tools = imageTool();
    const stream = streamText({ model: openai()("gpt-4o"), prompt: "r4 a fox", tools, ...retrying });
    const results = [];
    for await (const part of stream.fullStream) {
      assert.notEqual(part.type, "error", "error" in part ? String(part.error) : "");
      if (part.type === "tool-result") results.push(part.output);
    }
    assertIs(worker, /** @type {any} */ (results.at(-1))?.result);
  });

  test("generateText with openai.chat(…): the message", async () => {
    worker.upstreams.expect(ONE);
    const { text } = await generateText({ model: openai().chat("gpt-4o"), prompt: "c1 a fox", seed: 5, ...retrying });
    await assertShows(worker, text);
    assert.equal(asked(worker)[0].seed, 5);
  });

  test("streamText with openai.chat(…), which asks for usage: deltas, finish, usage", async () => {
    worker.upstreams.expect(ONE);
    const stream = streamText({ model: openai().chat("gpt-4o"), prompt: "c2 a fox", ...retrying });
    await assertShows(worker, await stream.text);
    assert.deepEqual([await stream.finishReason, (await stream.usage).totalTokens], ["stop", 0]);
  });
});

describe("ai with @ai-sdk/openai-compatible", () => {
  const provider = () => {
    const name = "flux";
    return createOpenAICompatible({ name, apiKey: "any", baseURL: `${worker.origin}/v1`, includeUsage: true });
  };

  test("generateImage with a model of ours: data[].b64_json", async () => {
    worker.upstreams.expect(ONE);
    const model = provider().imageModel("black-forest-labs/FLUX.1-schnell");
    const { image } = await generateImage({ model, prompt: "i1 a fox", size: "768x512", ...retrying });
    assert.deepEqual(Buffer.from(image.uint8Array), drawn(worker));
    assert.equal(asked(worker)[0].image_size, "768x512");
  });

  test("generateImage with providerOptions: seed and steps are taken", async () => {
    worker.upstreams.expect(ONE);
    const model = provider().imageModel("Kwai-Kolors/Kolors");
    const providerOptions = { flux: { seed: 9, steps: 12, negative_prompt: "rain" } };
    await generateImage({ model, prompt: "i2 a fox", providerOptions, ...retrying });
    const [{ model: name, seed, num_inference_steps: steps, negative_prompt: negative }] = asked(worker);
    assert.deepEqual([name, seed, steps, negative], ["Kwai-Kolors/Kolors", 9, 12, "rain"]);
  });

  test("generateText: the message, and usage", async () => {
    worker.upstreams.expect(ONE);
    const { text, usage } = await generateText({ model: provider()("any"), prompt: "i3 a fox", ...retrying });
    await assertShows(worker, text);
    assert.equal(usage.totalTokens, 0);
  });

  test("streamText with usage: deltas, finish, usage", async () => {
    worker.upstreams.expect(ONE);
    const stream = streamText({ model: provider()("any"), prompt: "i4 a fox", ...retrying });
    await assertShows(worker, await stream.text);
    assert.deepEqual([await stream.finishReason, (await stream.usage).totalTokens], ["stop", 0]);
  });

  test("streamText that was refused: an error with the upstream's words", async () => {
    worker.upstreams.expect({ image: [ERRORS.rejected] });
    /** @type {string[]} */
    const errors = [];
    const onError = (/** @type {{error: unknown}} */ { error }) => {
      errors.push(String(error));
    };
    await streamText({ model: provider()("any"), prompt: "i5 refused", onError, ...retrying }).consumeStream();
    assert.match(errors.join(), /sensitive content/);
  });
});
