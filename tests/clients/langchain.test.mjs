/** npm's `@langchain/openai`. Each test's name says what the client needs. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChatOpenAI, DallEAPIWrapper } from "@langchain/openai";
import { useWorker } from "../workerd/support/worker.mjs";
import { asked, assertIs, assertShows, drawn, fetched, ONE } from "./support/pictures.mjs";

const worker = useWorker();
// One try more, as for a kept connection that was closed meanwhile; what the upstreams are asked is counted anyway.
const chat = (options = {}) =>
  new ChatOpenAI({
    model: "gpt-4o",
    apiKey: "any",
    maxRetries: 1,
    configuration: { baseURL: `${worker.origin}/v1` },
    ...options,
  });

/** A streamed message, put together. @param {ChatOpenAI} model @param {string} prompt */
async function streamed(model, prompt) {
  /** @type {any} */
  let whole;
  for await (const chunk of await model.stream(prompt)) whole = whole ? whole.concat(chunk) : chunk;
  return whole;
}

describe("@langchain/openai (JavaScript)", () => {
  test("invoke: the message, and why it ended", async () => {
    worker.upstreams.expect(ONE);
    const { text, response_metadata: metadata } = await chat().invoke("a fox");
    await assertShows(worker, text);
    assert.equal(/** @type {any} */ (metadata).finish_reason, "stop");
  });

  test("stream with usage: chunks that add up to the message", async () => {
    worker.upstreams.expect(ONE);
    const { text, usage_metadata: usage } = await streamed(chat({ streamUsage: true }), "a streamed fox");
    await assertShows(worker, text);
    assert.equal(usage.total_tokens, 0);
  });

  test("useResponsesApi, invoke: the message", async () => {
    worker.upstreams.expect(ONE);
    await assertShows(worker, (await chat({ useResponsesApi: true }).invoke("a fox that responds")).text);
  });

  test("useResponsesApi, stream: chunks that add up to the message", async () => {
    worker.upstreams.expect(ONE);
    await assertShows(
      worker,
      (await streamed(chat({ useResponsesApi: true }), "a fox that responds in a stream")).text,
    );
  });

  test("the image_generation tool: additional_kwargs.tool_outputs with the result", async () => {
    worker.upstreams.expect(ONE);
    const model = chat({ useResponsesApi: true }).bindTools([{ type: "image_generation", quality: "low" }]);
    const { additional_kwargs: more } = await model.invoke("a fox by tool");
    const outputs = /** @type {{type: string, result: string}[]} */ (more.tool_outputs ?? []);
    assertIs(worker, outputs.find(({ type }) => type === "image_generation_call")?.result);
  });

  for (const format of /** @type {const} */ (["url", "b64_json"])) {
    test(`DallEAPIWrapper: data[0].${format}`, async () => {
      worker.upstreams.expect(ONE);
      const tool = new DallEAPIWrapper({
        model: "dall-e-3",
        apiKey: "any",
        baseUrl: `${worker.origin}/v1`,
        dallEResponseFormat: format,
      });
      const answer = await tool.invoke(`a fox as ${format}`);
      if (format === "url") assert.deepEqual(await fetched(answer), drawn(worker));
      else assertIs(worker, answer);
      assert.equal(asked(worker)[0].image_size, "1024x1024");
    });
  }
});
