/** npm's `openai`: what tests/workerd/sdk.test.mjs does not have. Each test's name says what the client needs. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import OpenAI, { APIError, BadRequestError, NotFoundError, toFile } from "openai";
import { ERRORS } from "../workerd/support/siliconflow.mjs";
import { useWorker } from "../workerd/support/worker.mjs";
import { assertIs, assertShows, drawn, fetched, many, ONE } from "./support/pictures.mjs";

/** @typedef {OpenAI.Chat.ChatCompletionMessageParam[]} Messages */

const worker = useWorker();
// One try more, as for a kept connection that was closed meanwhile; what the upstreams are asked is counted anyway.
const client = (path = "/v1") => new OpenAI({ apiKey: "any", baseURL: worker.origin + path, maxRetries: 1 });

/** @param {string} content @returns {Messages} */
const say = (content) => [{ role: "user", content }];

/** @template T @param {AsyncIterable<T>} stream @returns {Promise<T[]>} */
async function all(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe("openai (JavaScript)", () => {
  test("gpt-image-1: data[0].b64_json, and numbers in usage", async () => {
    worker.upstreams.expect(ONE);
    const { data, usage, size } = await client().images.generate({
      model: "gpt-image-1",
      prompt: "a fox",
      size: "1024x1024",
      quality: "auto",
    });
    assertIs(worker, data?.[0].b64_json);
    assert.deepEqual([usage?.total_tokens, usage?.input_tokens_details.text_tokens, size], [0, 0, "1024x1024"]);
  });

  test("a streamed image: one event image_generation.completed, with b64_json", async () => {
    worker.upstreams.expect(ONE);
    const asking = /** @type {const} */ ({ model: "gpt-image-1", prompt: "a streamed fox", stream: true });
    const [event, ...more] = await all(await client().images.generate(asking));
    assert.deepEqual([event.type, more], ["image_generation.completed", []]);
    assertIs(worker, event.b64_json);
  });

  test("a streamed image that was refused throws, with the upstream's words", async () => {
    worker.upstreams.expect({ image: [ERRORS.rejected] });
    const asking = /** @type {const} */ ({ model: "gpt-image-1", prompt: "a refused fox", stream: true });
    await assert.rejects(
      async () => all(await client().images.generate(asking)),
      (error) => error instanceof APIError && /sensitive content/.test(error.message),
    );
  });

  test("a streamed n=2 throws BadRequestError, which names stream, and pays nothing", async () => {
    const asking = /** @type {const} */ ({ model: "gpt-image-1", prompt: "two foxes", stream: true, n: 2 });
    await assert.rejects(
      client().images.generate(asking),
      (error) => error instanceof BadRequestError && error.param === "stream",
    );
  });

  test("images.edit throws NotFoundError, which says that there is text to image only", async () => {
    const image = await toFile(Buffer.from("picture"), "a.png", { type: "image/png" });
    await assert.rejects(
      client().images.edit({ model: "gpt-image-1", image, prompt: "a hat" }),
      (error) => error instanceof NotFoundError && /text/.test(error.message),
    );
  });

  test("include_usage: a last chunk with no choices and with usage", async () => {
    worker.upstreams.expect(ONE);
    const chunks = await all(
      await client().chat.completions.create({
        model: "gpt-4o",
        messages: say("a counted fox"),
        stream: true,
        stream_options: { include_usage: true },
      }),
    );
    assert.deepEqual([chunks.at(-1)?.choices, chunks.at(-1)?.usage?.total_tokens], [[], 0]);
    assert.ok(chunks.slice(0, -1).every(({ choices }) => choices.length === 1));
  });

  test("chat.completions.stream(): finalContent, and totalUsage", async () => {
    worker.upstreams.expect(ONE);
    const stream = client().chat.completions.stream({
      model: "gpt-4o",
      messages: say("a helped fox"),
      stream_options: { include_usage: true },
    });
    const { choices } = await stream.finalChatCompletion();
    await assertShows(worker, choices[0].message.content);
    assert.equal((await stream.totalUsage()).total_tokens, 0);
  });

  test("responses.create: output_text, and an image_generation_call where the tool is named", async () => {
    worker.upstreams.expect(ONE);
    const answer = await client().responses.create({
      model: "gpt-4o",
      input: "a fox that responds",
      tools: [{ type: "image_generation", size: "1024x1024" }],
    });
    await assertShows(worker, answer.output_text);
    const call = answer.output.find(({ type }) => type === "image_generation_call");
    assertIs(worker, call && "result" in call && call.result);
  });

  test("responses.stream(): finalResponse", async () => {
    worker.upstreams.expect(ONE);
    const stream = client().responses.stream({ model: "gpt-4o", input: "a fox that responds in a stream" });
    const types = (await all(stream)).map(({ type }) => type);
    assert.deepEqual([types[0], types.at(-1)], ["response.created", "response.completed"]);
    await assertShows(worker, (await stream.finalResponse()).output_text);
  });

  for (const path of ["", "/", "/v1/", "/v1/v1", "//v1"]) {
    test(`a base URL that ends in “${path}”: models, pictures, chat and responses`, async () => {
      worker.upstreams.expect(many(3));
      assert.ok((await all(client(path).models.list())).length > 0);
      const { data } = await client(path).images.generate({ model: "dall-e-2", prompt: `a fox at ${path}` });
      assert.deepEqual(await fetched(data?.[0].url ?? ""), drawn(worker));
      const chat = await client(path).chat.completions.create({ model: "any", messages: say(`a dog at ${path}`) });
      await assertShows(worker, chat.choices[0].message.content);
      const answer = await client(path).responses.create({ model: "any", input: `a hen at ${path}` });
      await assertShows(worker, answer.output_text);
    });
  }
});
