/** PyPI's clients, unchanged but for their base URL, against the Worker. Each test's name says what the client needs. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test as run } from "node:test";
import { ERRORS } from "../workerd/support/siliconflow.mjs";
import { useWorker } from "../workerd/support/worker.mjs";
import { asked, assertIs, assertShows, drawn, fetched, heavyPicture, many, ONE, say } from "./support/pictures.mjs";
import { NO_PYTHON, Raised, usePython } from "./support/python.mjs";

const worker = useWorker();
const python = usePython();

/**
 * @param {string} client
 * @returns {(does: string, args?: Record<string, unknown>) => Promise<import("./support/pictures.mjs").Answer>}
 */
const calling = (client) => (does, args) => python.call(client, does, { origin: worker.origin, ...args });

/** @param {string} needs @param {() => Promise<void>} does */
const test = (needs, does) => run(needs, { skip: NO_PYTHON }, does);

/** A prompt that no other test has. */
const fresh = (/** @type {string} */ what) => `${what} ${createHash("sha256").update(what).digest("hex").slice(0, 4)}`;

describe("openai (Python)", () => {
  const openai = calling("openai");

  test("gpt-image-1: data[0].b64_json, and numbers in usage", async () => {
    worker.upstreams.expect(ONE);
    const { data, usage, output_format: format } = await openai("image", { model: "gpt-image-1", prompt: "p1 a fox" });
    assertIs(worker, data[0].b64_json);
    assert.equal(data[0].url, null);
    assert.equal(format, "png");
    assert.deepEqual(
      [usage.input_tokens, usage.output_tokens, usage.total_tokens, usage.input_tokens_details.image_tokens],
      [0, 0, 0, 0],
    );
  });

  test("every option of the gpt-image models is accepted", async () => {
    worker.upstreams.expect(ONE);
    const { data } = await openai("image", {
      model: "gpt-image-1.5",
      prompt: "p2 a fox",
      size: "auto",
      quality: "high",
      background: "transparent",
      moderation: "low",
      output_format: "webp",
      output_compression: 80,
      n: 1,
      user: "someone",
    });
    assertIs(worker, data[0].b64_json);
  });

  test("dall-e-3: data[0].url, at which the image is", async () => {
    worker.upstreams.expect(ONE);
    const asking = { model: "dall-e-3", prompt: "p3 a fox", size: "1792x1024", quality: "hd", style: "vivid" };
    const { data } = await openai("image", asking);
    assert.deepEqual(await fetched(data[0].url), drawn(worker));
    assert.equal(asked(worker)[0].image_size, "1792x1024");
  });

  test("AsyncOpenAI gets the same", async () => {
    worker.upstreams.expect(ONE);
    assertIs(worker, (await openai("image_async", { model: "gpt-image-1", prompt: "p4 a fox" })).data[0].b64_json);
  });

  test("n=3: three images", async () => {
    worker.upstreams.expect(many(3));
    const { data } = await openai("image", { model: "gpt-image-1-mini", prompt: "p5 foxes", n: 3 });
    assert.equal(new Set(data.map(({ b64_json: base64 }) => base64)).size, 3);
  });

  test("a streamed image: one event image_generation.completed, with b64_json and usage", async () => {
    worker.upstreams.expect(ONE);
    const got = await openai("image_stream", { model: "gpt-image-1", prompt: "p6 a fox", partial_images: 2 });
    assert.deepEqual(
      got.map(({ type }) => type),
      ["image_generation.completed"],
    );
    assertIs(worker, got[0].b64_json);
    assert.equal(got[0].usage.total_tokens, 0);
    assert.ok(got[0].size && got[0].created_at && got[0].quality && got[0].background && got[0].output_format);
  });

  test("a streamed image that was refused raises, with the upstream's words", async () => {
    worker.upstreams.expect({ image: [ERRORS.rejected] });
    await assert.rejects(openai("image_stream", { model: "gpt-image-1", prompt: "p7 refused" }), (error) => {
      assert.ok(error instanceof Raised && error.type.endsWith("Error"), String(error));
      assert.match(error.message, /sensitive content/);
      return true;
    });
  });

  test("a streamed n=2 raises BadRequestError, which names stream, and pays nothing", async () => {
    const raised = /** @type {const} */ ({ type: "BadRequestError", status: 400, param: "stream" });
    await assert.rejects(openai("image_stream", { model: "gpt-image-1", prompt: "p8 foxes", n: 2 }), raised);
  });

  test("images.edit raises, and says that there is text to image only", async () => {
    await assert.rejects(openai("image_edit", { model: "gpt-image-1", prompt: "p9 a hat" }), (error) => {
      assert.ok(error instanceof Raised);
      assert.equal(error.status, 404, String(error));
      assert.match(error.message, /text/);
      return true;
    });
  });

  test("a chat: one choice, the image as its message", async () => {
    worker.upstreams.expect(ONE);
    const { choices, usage, object } = await openai("chat", { model: "gpt-4o", messages: say("p10 a fox") });
    assert.deepEqual(
      [object, choices.length, choices[0].finish_reason, usage.total_tokens],
      [...["chat.completion", 1, "stop", 0]],
    );
    await assertShows(worker, choices[0].message.content);
  });

  test("a streamed chat: chunks of one id, each with one choice", async () => {
    worker.upstreams.expect(ONE);
    const chunks = await openai("chat_stream", { model: "gpt-4o", messages: say("p11 a fox") });
    assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
    assert.ok(
      chunks.every(({ choices }) => choices.length === 1),
      "a chunk without choices was not asked for",
    );
    await assertShows(worker, chunks.map(({ choices }) => choices[0].delta.content ?? "").join(""));
  });

  test("include_usage: a last chunk with no choices and with usage", async () => {
    worker.upstreams.expect(ONE);
    const chunks = await openai("chat_stream", {
      model: "gpt-4o",
      messages: say("p12 a fox"),
      stream_options: { include_usage: true },
    });
    const { choices, usage } = chunks.at(-1);
    assert.deepEqual([choices, usage.total_tokens], [[], 0]);
    assert.ok(chunks.slice(0, -1).every((chunk) => chunk.choices.length === 1 && chunk.usage === null));
  });

  test("chat.completions.stream() puts the message together", async () => {
    worker.upstreams.expect(ONE);
    const { kinds, final } = await openai("chat_helper", { model: "gpt-4o", messages: say("p13 a fox") });
    assert.ok(kinds.includes("content.done"), kinds.join());
    await assertShows(worker, final.choices[0].message.content);
  });

  test("seed 7 and seed 8: two pictures, and seed 7 again the first of them", async () => {
    worker.upstreams.expect(many(2));
    const contents = [];
    for (const seed of [7, 8, 7]) {
      const { choices } = await openai("chat", { model: "gpt-4o", messages: say("p14 a fox"), seed });
      contents.push(choices[0].message.content);
    }
    assert.notEqual(contents[0], contents[1]);
    assert.equal(contents[0], contents[2]);
    assert.deepEqual(
      asked(worker).map(({ seed }) => seed),
      [7, 8],
    );
  });

  test("the same message again, as “regenerate” sends it: another picture", async () => {
    worker.upstreams.expect(many(2));
    const twice = { model: "gpt-4o", messages: say("p15 a fox") };
    const [one, other] = [await openai("chat", twice), await openai("chat", twice)];
    assert.notEqual(one.choices[0].message.content, other.choices[0].message.content);
  });

  test("extra_body's size is the picture's size", async () => {
    worker.upstreams.expect(ONE);
    await openai("chat", { model: "gpt-4o", messages: say("p16 a fox"), extra_body: { size: "768x512" } });
    assert.equal(asked(worker)[0].image_size, "768x512");
  });

  test("a picture of 200 KB in the conversation: the last message is drawn", async () => {
    worker.upstreams.expect(ONE);
    const picture = { type: "image_url", image_url: { url: heavyPicture(200_000) } };
    const seen = [{ type: "text", text: "what is this?" }, picture];
    const messages = [...say(seen), { role: "assistant", content: "A fox." }, ...say("p17 draw it again, blue")];
    const { choices } = await openai("chat", { model: "gpt-4o", messages });
    await assertShows(worker, choices[0].message.content);
    assert.equal(asked(worker)[0].prompt, "p17 draw it again, blue");
  });

  test("responses.create: output_text", async () => {
    worker.upstreams.expect(ONE);
    const answer = await openai("response", { model: "gpt-4o", input: "p18 a fox" });
    assert.deepEqual([answer.object, answer.status, answer.error], ["response", "completed", null]);
    await assertShows(worker, answer.output_text);
  });

  test("responses.create with image_generation: an image_generation_call with its result", async () => {
    worker.upstreams.expect(ONE);
    const tools = [{ type: "image_generation", size: "1024x1024", quality: "low" }];
    const { output } = await openai("response", { model: "gpt-4o", input: "p19 a fox", tools });
    const call = output.find(({ type }) => type === "image_generation_call");
    assert.equal(call?.status, "completed", JSON.stringify(output).slice(0, 500));
    assertIs(worker, call.result);
  });

  test("responses.stream: events from created to completed, and the same final response", async () => {
    worker.upstreams.expect(ONE);
    const input = say([{ type: "input_text", text: "p20 a fox" }]);
    const { events, final } = await openai("response_stream", { model: "gpt-4o", input });
    assert.equal(events[0], "response.created");
    assert.ok(events.includes("response.output_text.delta"), events.join());
    assert.equal(events.at(-1), "response.completed");
    await assertShows(worker, final.output_text);
  });

  for (const path of ["/v1/", "", "/", "/v1/v1", "//v1"]) {
    test(`a base URL that ends in “${path}”: models, pictures and chat`, async () => {
      worker.upstreams.expect(many(2));
      assert.ok((await openai("models", { path })).length > 0);
      const { data } = await openai("image", { path, model: "dall-e-2", prompt: `p21 a fox at ${path}` });
      assert.deepEqual(await fetched(data[0].url), drawn(worker));
      const { choices } = await openai("chat", { path, model: "gpt-4o", messages: say(`p21 a dog at ${path}`) });
      await assertShows(worker, choices[0].message.content);
    });
  }

  test("models.retrieve of a name in another case", async () => {
    const { id } = await openai("model", { name: "black-forest-labs/flux.1-schnell" });
    assert.equal(id, "black-forest-labs/FLUX.1-schnell");
  });
});

describe("litellm", () => {
  const litellm = calling("litellm");

  test("image_generation of gpt-image-1: b64_json and usage", async () => {
    worker.upstreams.expect(ONE);
    const { data, usage } = await litellm("image", { model: "openai/gpt-image-1", prompt: "l1 a fox" });
    assertIs(worker, data[0].b64_json);
    assert.equal(usage.total_tokens, 0);
  });

  test("image_generation of dall-e-3: url", async () => {
    worker.upstreams.expect(ONE);
    const { data } = await litellm("image", { model: "openai/dall-e-3", prompt: "l2 a fox", size: "1024x1024" });
    assert.deepEqual(await fetched(data[0].url), drawn(worker));
  });

  test("image_generation of a model of ours by its name", async () => {
    worker.upstreams.expect(ONE);
    const { data } = await litellm("image", { model: "openai/Kwai-Kolors/Kolors", prompt: "l3 a fox" });
    assert.deepEqual(await fetched(data[0].url), drawn(worker));
    assert.equal(asked(worker)[0].model, "Kwai-Kolors/Kolors");
  });

  for (const does of ["chat", "chat_async"]) {
    test(`${does === "chat" ? "completion" : "acompletion"}: the message`, async () => {
      worker.upstreams.expect(ONE);
      const { choices } = await litellm(does, { model: "openai/gpt-4o", messages: say(fresh(does)) });
      await assertShows(worker, choices[0].message.content);
    });
  }

  test("a streamed completion with usage: stream_chunk_builder makes the message of it", async () => {
    worker.upstreams.expect(ONE);
    const { whole } = await litellm("chat_stream", {
      model: "openai/gpt-4o",
      messages: say("l5 a fox"),
      stream_options: { include_usage: true },
    });
    await assertShows(worker, whole.choices[0].message.content);
    assert.equal(whole.choices[0].finish_reason, "stop");
  });

  test("responses: the message's text", async () => {
    worker.upstreams.expect(ONE);
    const { output, status } = await litellm("response", { model: "openai/gpt-4o", input: "l6 a fox" });
    assert.equal(status, "completed");
    await assertShows(worker, output.find(({ type }) => type === "message").content[0].text);
  });

  test("streamed responses: response.completed at the end", async () => {
    worker.upstreams.expect(ONE);
    const events = await litellm("response_stream", { model: "openai/gpt-4o", input: "l7 a fox" });
    const { type, response } = events.at(-1);
    assert.equal(type, "response.completed");
    await assertShows(
      worker,
      response.output.find((/** @type {any} */ item) => item.type === "message").content[0].text,
    );
  });

  test("the bridge from completion to /v1/responses: the message", async () => {
    worker.upstreams.expect(ONE);
    const { choices } = await litellm("chat", { model: "openai/responses/gpt-4o", messages: say("l8 a fox") });
    await assertShows(worker, choices[0].message.content);
  });

  test("a refused prompt raises, with the upstream's words", async () => {
    worker.upstreams.expect({ image: [ERRORS.rejected] });
    const refused = litellm("image", { model: "openai/gpt-image-1", prompt: "l9 refused", max_retries: 0 });
    await assert.rejects(refused, /sensitive content/);
  });
});

describe("langchain-openai (Python)", () => {
  const langchain = calling("langchain");
  const model = { model: "gpt-4o" };

  test("invoke: the message, and usage_metadata with numbers", async () => {
    worker.upstreams.expect(ONE);
    const got = await langchain("invoke", { messages: say("g1 a fox"), options: model });
    await assertShows(worker, got.text);
    assert.deepEqual([got.type, got.usage.total_tokens, got.metadata.finish_reason], ["ai", 0, "stop"]);
  });

  test("stream with usage: chunks that add up to the message", async () => {
    worker.upstreams.expect(ONE);
    const got = await langchain("stream", { messages: say("g2 a fox"), options: { ...model, stream_usage: true } });
    await assertShows(worker, got.text);
    assert.equal(got.usage.total_tokens, 0);
  });

  test("use_responses_api, invoke: the message", async () => {
    worker.upstreams.expect(ONE);
    const options = { ...model, use_responses_api: true };
    await assertShows(worker, (await langchain("invoke", { messages: say("g3 a fox"), options })).text);
  });

  test("use_responses_api, stream: chunks that add up to the message", async () => {
    worker.upstreams.expect(ONE);
    const options = { ...model, use_responses_api: true, output_version: "responses/v1" };
    await assertShows(worker, (await langchain("stream", { messages: say("g4 a fox"), options })).text);
  });

  test("the image_generation tool: a content block with the result", async () => {
    worker.upstreams.expect(ONE);
    const options = { ...model, use_responses_api: true, output_version: "responses/v1" };
    const tools = [{ type: "image_generation", quality: "low" }];
    const { content } = await langchain("invoke", { messages: say("g5 a fox"), options, tools });
    assertIs(worker, content.find((/** @type {any} */ { type }) => type === "image_generation_call")?.result);
  });
});

describe("llm", () => {
  const llm = calling("llm");

  for (const stream of [false, true]) {
    test(`${stream ? "a streamed prompt" : "a prompt"}: its text`, async () => {
      worker.upstreams.expect(ONE);
      await assertShows(worker, await llm("prompt", { text: `m1 a fox ${stream}`, stream }));
    });
  }

  test("its option seed: that seed is drawn", async () => {
    worker.upstreams.expect(ONE);
    await llm("prompt", { text: "m2 a fox", stream: true, options: { seed: 12 } });
    assert.equal(asked(worker)[0].seed, 12);
  });

  test("a conversation of two: two pictures, of the two prompts", async () => {
    worker.upstreams.expect(many(2));
    const [one, other] = await llm("conversation", { texts: ["m3 a fox", "m3 a hen"] });
    assert.notEqual(one, other);
    await assertShows(worker, other);
    assert.deepEqual(
      asked(worker).map(({ prompt }) => prompt),
      ["m3 a fox", "m3 a hen"],
    );
  });

  test("the command writes the image to its output", async () => {
    worker.upstreams.expect(ONE);
    const { code, out, err } = await llm("command", {
      args: ["prompt", "-m", "flux", "--no-log", "--key", "any", "m4 a fox"],
    });
    assert.equal(code, 0, err);
    await assertShows(worker, out.trim());
  });
});

describe("httpx, which follows no redirect", () => {
  const httpx = calling("httpx");

  for (const form of ["prompt", "image", "p"]) {
    test(`a new /${form}/…: 200, the bytes, and where they stay`, async () => {
      worker.upstreams.expect(ONE);
      const { status, headers, body } = await httpx("get", { path: `/${form}/h1%20a%20fox%20in%20${form}` });
      assert.equal(status, 200);
      assertIs(worker, body);
      assert.match(headers["content-location"], /^\/i\/[\w-]{43}\.png$/);
      assert.equal(headers["content-type"], "image/png");
    });
  }

  test("a new /?prompt=…: a relative redirect, whose target is the image at once", async () => {
    worker.upstreams.expect(ONE);
    const first = await httpx("get", { path: "/?prompt=h2+a+fox" });
    assert.equal(first.status, 302);
    assert.match(first.headers.location, /^\/\?/);
    const path = first.next.slice(worker.origin.length);
    assertIs(worker, (await httpx("get", { path })).body);
  });

  test("follow_redirects: the image after one hop", async () => {
    worker.upstreams.expect(ONE);
    const { status, hops, body } = await httpx("get", { path: "/?prompt=h3+a+fox", follow: true });
    assert.deepEqual([status, hops], [200, 1]);
    assertIs(worker, body);
  });

  test("HEAD of what is not there yet: 404, and nothing is drawn", async () => {
    assert.equal((await httpx("get", { path: "/prompt/h4%20a%20fox", method: "HEAD" })).status, 404);
  });

  test("a URL whose &amp; was never unescaped: its size and seed are taken", async () => {
    worker.upstreams.expect(ONE);
    await httpx("get", { path: "/prompt/h5%20a%20fox?width=768&amp;height=512&amp;seed=7" });
    const [{ image_size: size, seed }] = asked(worker);
    assert.deepEqual([size, seed], ["768x512", 7]);
  });
});

describe("huggingface_hub", () => {
  const hub = calling("huggingface");

  test("chat_completion: the message, and usage", async () => {
    worker.upstreams.expect(ONE);
    const { content, finish, usage } = await hub("chat", { messages: say("f1 a fox") });
    assert.deepEqual([finish, usage.total_tokens], ["stop", 0]);
    await assertShows(worker, content);
  });

  test("a streamed chat_completion with usage: the message, and usage at its end", async () => {
    worker.upstreams.expect(ONE);
    const stream = { messages: say("f2 a fox"), stream_options: { include_usage: true } };
    const { content, finish, usage } = await hub("chat_stream", stream);
    assert.deepEqual([finish, usage?.total_tokens], ["stop", 0]);
    await assertShows(worker, content);
  });

  test("chat.completions.create, with seed and max_tokens", async () => {
    worker.upstreams.expect(ONE);
    await assertShows(worker, await hub("create", { messages: say("f3 a fox"), seed: 3, max_tokens: 100 }));
    assert.equal(asked(worker)[0].seed, 3);
  });
});
