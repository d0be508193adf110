/** npm's `openai`, unchanged but for its base URL, against the Worker. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import OpenAI, {
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
  UnprocessableEntityError,
} from "openai";
import { json } from "./support/answers.mjs";
import { request, withinAMinute } from "./support/http.mjs";
import { ERRORS } from "./support/siliconflow.mjs";
import { useWorker } from "./support/worker.mjs";

/** @import { TestWorker } from "./support/worker.mjs" */

/** @typedef {OpenAI.Chat.ChatCompletionMessageParam} Message */

/** A client of a Worker. @param {TestWorker} worker @param {string} apiKey */
const clientWith = (worker, apiKey) => new OpenAI({ apiKey, baseURL: `${worker.origin}/v1` });

/** The client of a Worker, filled before the first test. @param {TestWorker} worker @returns {OpenAI} */
function useClient(worker, apiKey = "any") {
  const client = /** @type {OpenAI} */ ({});
  // The Worker's address is known only then.
  before(() => Object.setPrototypeOf(client, clientWith(worker, apiKey)));
  return client;
}

/** The bytes at a URL of the Worker. @param {TestWorker} worker @param {string} url */
const bytesAt = async (worker, url) => (await request(worker.origin, new URL(url).pathname)).body;

describe("an open service", () => {
  const worker = useWorker();
  const openai = useClient(worker);

  test("images.generate gives a URL at which the image is", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    const { data, created } = await openai.images.generate({
      model: "dall-e-3",
      prompt: "a red fox",
      size: "1024x1024",
    });
    assert.equal(data?.length, 1);
    assert.ok(data?.[0].url?.startsWith(`${worker.origin}/i/`), data?.[0].url);
    assert.deepEqual(await bytesAt(worker, data?.[0].url ?? ""), worker.upstreams.imageHost.published[0]);
    assert.ok(Math.abs(created - Date.now() / 1_000) < 60, `created is ${created}`);
    const [call] = worker.upstreams.siliconflow.calls;
    assert.equal(call.body.model, "black-forest-labs/FLUX.1-schnell");
    assert.equal(call.body.image_size, "1024x1024");
  });

  test("images.generate gives the bytes as base64", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    const { data } = await openai.images.generate({ prompt: "a blue fox", response_format: "b64_json" });
    assert.equal(data?.[0].url, undefined);
    assert.deepEqual(Buffer.from(data?.[0].b64_json ?? "", "base64"), worker.upstreams.imageHost.published.at(-1));
  });

  test("images.generate gives three images for n = 3", async () => {
    worker.upstreams.expect({ image: 3, download: 3 });
    const { data } = await openai.images.generate({ prompt: "three foxes", n: 3 });
    assert.equal(new Set(data?.map(({ url }) => url)).size, 3);
    const seeds = worker.upstreams.siliconflow.calls.map(({ body }) => body.seed);
    assert.equal(new Set(seeds).size, 3, `the seeds are ${seeds}`);
    const images = await Promise.all((data ?? []).map(({ url }) => bytesAt(worker, url ?? "")));
    const last = worker.upstreams.imageHost.published.slice(-3);
    assert.deepEqual(images.map(String).sort(), last.map(String).sort());
  });

  test("a rewritten prompt comes back as revised_prompt", async () => {
    worker.upstreams.expect({ chat: 1, image: 1, download: 1 });
    const { data } = await openai.images.generate({ prompt: "一只红狐狸" });
    assert.equal(data?.[0].revised_prompt, worker.upstreams.siliconflow.calls[0].body.prompt);
  });

  test("a wrong parameter raises BadRequestError, which names it", async () => {
    await assert.rejects(openai.images.generate({ prompt: "a fox", size: "huge" }), (error) => {
      assert.ok(error instanceof BadRequestError, String(error));
      const { status, code, param, type } = error;
      assert.deepEqual(
        { status, code, param, type },
        { status: 400, code: "invalid_parameter", param: "size", type: "invalid_request_error" },
      );
      assert.match(error.message, /huge/);
      return true;
    });
  });

  test("a refused prompt raises UnprocessableEntityError with the upstream's words", async () => {
    worker.upstreams.expect({ image: [ERRORS.rejected] });
    await assert.rejects(openai.images.generate({ prompt: "something refused" }), (error) => {
      assert.ok(error instanceof UnprocessableEntityError, String(error));
      assert.equal(error.code, "prompt_rejected");
      assert.match(error.message, /sensitive content/);
      return true;
    });
  });

  test("models.list gives the models on offer, the default first", async () => {
    const models = [];
    for await (const model of openai.models.list()) models.push(model.id);
    assert.deepEqual(models, ["black-forest-labs/FLUX.1-schnell", "Kwai-Kolors/Kolors"]);
  });

  test("models.retrieve finds a model by its name, and raises NotFoundError for another", async () => {
    const model = await openai.models.retrieve("Kwai-Kolors/Kolors");
    assert.deepEqual([model.id, model.owned_by], ["Kwai-Kolors/Kolors", "Kwai-Kolors"]);
    await assert.rejects(
      openai.models.retrieve("other/model"),
      (error) => error instanceof NotFoundError && error.code === "model_not_found",
    );
  });

  test("chat.completions.create answers with a Markdown image", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    /** @type {Message[]} */
    const messages = [
      { role: "system", content: "You draw." },
      { role: "user", content: "a green fox 16:9" },
    ];
    const { choices, object } = await openai.chat.completions.create({ model: "gpt-4o", messages });
    assert.equal(object, "chat.completion");
    const [, alt, url] = /^!\[(.*)\]\((.*)\)$/.exec(choices[0].message.content ?? "") ?? [];
    assert.deepEqual([alt, choices[0].finish_reason], ["a green fox", "stop"]);
    assert.deepEqual(await bytesAt(worker, url), worker.upstreams.imageHost.published.at(-1));
    const [{ body }] = worker.upstreams.siliconflow.calls;
    assert.deepEqual([body.prompt, body.image_size], ["a green fox", "1024x576"]);
  });

  test("chat.completions.create streams the same image", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    /** @type {Message[]} */
    const messages = [{ role: "user", content: "a streamed fox" }];
    const whole = await openai.chat.completions.create({ model: "any", messages, seed: 1 });
    const stream = await openai.chat.completions.create({ model: "any", messages, seed: 1, stream: true });
    let content = "";
    const finishes = [];
    for await (const { object, choices } of stream) {
      assert.equal(object, "chat.completion.chunk");
      content += choices[0].delta.content ?? "";
      finishes.push(choices[0].finish_reason);
    }
    assert.equal(content, whole.choices[0].message.content);
    assert.deepEqual(finishes, [null, null, "stop"]);
  });

  test("images.generate with gpt-image-1 gives the bytes, streamed too, and an error of the stream is raised", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    const image = { model: "gpt-image-1", prompt: "a grey fox" };
    const whole = await openai.images.generate(image);
    assert.equal(whole.usage?.total_tokens, 0);
    const events = [];
    for await (const event of await openai.images.generate({ ...image, stream: true })) events.push(event);
    assert.deepEqual(
      events.map(({ type }) => type),
      ["image_generation.completed"],
    );
    assert.equal(events[0].b64_json, whole.data?.[0].b64_json);
    assert.deepEqual(Buffer.from(events[0].b64_json, "base64"), worker.upstreams.imageHost.published.at(-1));
    worker.upstreams.expect({ image: [ERRORS.rejected] });
    await assert.rejects(async () => {
      for await (const event of await openai.images.generate({ prompt: "refused", stream: true })) events.push(event);
    }, /sensitive content/);
  });

  test("responses.create answers with the image and its Markdown, streamed too", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    /** @type {OpenAI.Responses.ResponseCreateParamsNonStreaming} */
    const asked = { model: "gpt-5", input: "a white fox 1:1", tools: [{ type: "image_generation" }] };
    // @ts-expect-error - `seed` is ours.
    const whole = await openai.responses.create({ ...asked, seed: 1 });
    assert.match(whole.output_text, /^!\[a white fox\]\(http.*\/i\/.*\.png\)$/);
    const [call] = whole.output;
    assert.equal(call.type, "image_generation_call");
    const bytes = worker.upstreams.imageHost.published.at(-1);
    if (call.type === "image_generation_call") assert.deepEqual(Buffer.from(call.result ?? "", "base64"), bytes);
    // @ts-expect-error - `seed` is ours.
    const stream = openai.responses.stream({ ...asked, seed: 1 });
    const types = [];
    for await (const { type } of stream) types.push(type);
    const final = await stream.finalResponse();
    assert.equal(final.output_text, whole.output_text);
    assert.deepEqual(final.output[0].type === "image_generation_call" && final.output[0].result, call.result);
    assert.deepEqual([types[0], types.at(-1)], ["response.created", "response.completed"]);
  });

  test("a chat without a message of a user raises BadRequestError", async () => {
    /** @type {Message[]} */
    const messages = [{ role: "system", content: "You draw." }];
    await assert.rejects(openai.chat.completions.create({ model: "any", messages }), (error) => {
      assert.ok(error instanceof BadRequestError, String(error));
      assert.deepEqual([error.code, error.param], ["missing_prompt", "messages"]);
      return true;
    });
  });
});

describe("a service with tokens", () => {
  const worker = useWorker({ vars: { ACCESS_TOKENS: "token-01,token-02" } });
  const openai = useClient(worker, "token-02");

  test("a wrong token raises AuthenticationError, and a right one makes the image", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    const image = { prompt: "a fox behind a fence" };
    await assert.rejects(clientWith(worker, "wrong").images.generate(image), (error) => {
      assert.ok(error instanceof AuthenticationError, String(error));
      assert.deepEqual([error.status, error.code, error.type], [401, "unauthorized", "authentication_error"]);
      return true;
    });
    assert.equal(worker.upstreams.siliconflow.calls.length, 0);
    const { data } = await openai.images.generate(image);
    assert.deepEqual(await bytesAt(worker, data?.[0].url ?? ""), worker.upstreams.imageHost.published[0]);
  });
});

describe("a service with a rate limit", () => {
  const worker = useWorker({ rateLimit: 1 });
  const openai = useClient(worker);

  test("one image too many raises RateLimitError, and one that is stored does not", () =>
    withinAMinute(async (attempt) => {
      worker.upstreams.reset();
      worker.upstreams.expect({ image: 1, download: 1 });
      const first = await openai.images.generate({ prompt: `one fox ${attempt}` });
      const tooMany = openai.images.generate({ prompt: `one fox more ${attempt}` }, { maxRetries: 0 });
      await assert.rejects(tooMany, (error) => {
        assert.ok(error instanceof RateLimitError, String(error));
        assert.deepEqual([error.status, error.code, error.type], [429, "rate_limited", "rate_limit_error"]);
        assert.ok(Number(error.headers.get("retry-after")) > 0);
        return true;
      });
      const again = await openai.images.generate({ prompt: `one fox ${attempt}` });
      assert.equal(again.data?.[0].url, first.data?.[0].url);
    }));
});

describe("a service whose only key is busy", () => {
  // A key that is back before the deadline would be waited for.
  const worker = useWorker({ vars: { GENERATION_TIMEOUT: "3" } });
  const openai = useClient(worker);
  const busy = json(
    { message: "Request was rejected due to rate limiting.", data: null },
    { status: 429, headers: { "retry-after": "4" } },
  );

  test("the client tries again by itself after a 503, when Retry-After says", async () => {
    worker.upstreams.expect({ image: [busy, 1], download: 1 });
    const start = Date.now();
    const { data } = await openai.images.generate({ prompt: "a patient fox" });
    assert.deepEqual(await bytesAt(worker, data?.[0].url ?? ""), worker.upstreams.imageHost.published[0]);
    assert.ok(Date.now() - start >= 3_500, `it came back after ${Date.now() - start} ms`);
  });

  test("a client that does not try again raises InternalServerError with the time to wait", async () => {
    worker.upstreams.expect({ image: [busy] });
    await assert.rejects(openai.images.generate({ prompt: "a hasty fox" }, { maxRetries: 0 }), (error) => {
      assert.ok(error instanceof InternalServerError, String(error));
      assert.deepEqual([error.status, error.code, error.headers.get("retry-after")], [503, "keys_exhausted", "4"]);
      return true;
    });
  });
});
