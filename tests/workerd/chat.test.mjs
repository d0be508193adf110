/** `POST /v1/chat/completions`: the last user message is the prompt, the answer a Markdown image. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertError, assertImage } from "./support/assertions.mjs";
import { ERRORS } from "./support/siliconflow.mjs";
import { useWorker } from "./support/worker.mjs";

/** @import { TestWorker } from "./support/worker.mjs" */

const MARKDOWN = /^!\[([^\]]*)\]\((http:\/\/[^ ()]+(\/i\/[A-Za-z0-9_-]{43}\.png))\)$/;

/** @param {unknown} content @param {object} [more] */
const say = (content, more) => ({ model: "any", messages: [{ role: "user", content }], ...more });
/** @param {TestWorker} worker @param {unknown} body @param {Record<string, string>} [headers] */
const post = (worker, body, headers) =>
  worker.send("/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

/** The alternative text and the path of the image that an answer shows. @param {string} content */
function shown(content) {
  const [, alt, , path] = MARKDOWN.exec(content) ?? assert.fail(`this is no Markdown image: ${content}`);
  return { alt, path };
}

describe("an open service", () => {
  const worker = useWorker({ vars: { IMAGE_API_KEYS: "k1,k2" } });

  test("the answer is one message with an image that is there, in OpenAI's shape", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    const reply = await post(worker, say("a cat"));
    assert.equal(reply.status, 200, reply.text());
    assert.equal(reply.headers["cache-control"], "no-store");
    const { id, created, choices, ...rest } = reply.json();
    assert.match(id, /^chatcmpl-\w+$/);
    assert.ok(Math.abs(created - Date.now() / 1_000) < 60);
    assert.deepEqual(rest, {
      object: "chat.completion",
      model: "black-forest-labs/FLUX.1-schnell",
      usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    });
    const [{ message, ...choice }, ...others] = choices;
    assert.deepEqual([choice, others], [{ index: 0, logprobs: null, finish_reason: "stop" }, []]);
    assert.equal(message.role, "assistant");
    const { alt, path } = shown(message.content);
    assert.equal(alt, "a cat");
    assertImage(await worker.send(path), worker.upstreams.imageHost.published.at(-1));
  });

  test("the image is the one of the same prompt in a URL", async () => {
    worker.upstreams.expect({ chat: 1, image: 1, download: 1 });
    const made = await worker.get("/", { prompt: "一只猫", size: "768x1024", model: "Kwai-Kolors/Kolors", seed: "7" });
    const { choices } = (await post(worker, say("一只猫，3：4", { model: "kwai-kolors/kolors", seed: 7 }))).json();
    assert.deepEqual(shown(choices[0].message.content), {
      alt: "一只猫",
      path: `/i/${made.headers["x-image-id"]}.png`,
    });
  });

  for (const [content, size, alt = "a cat"] of [
    ["a cat 768x512", "768x512"],
    ["a cat, 576X1024", "576x1024"],
    ["a cat\n100×200", "100x200"],
    ["a cat 64*2048 ", "64x2048"],
    ["a cat 1:1", "1024x1024"],
    ["a cat 1:2", "512x1024"],
    ["a cat 3:2", "768x512"],
    ["a cat; 3:4", "768x1024"],
    ["a cat 16:9", "1024x576"],
    ["a cat 9:16", "576x1024"],
    ["a cat 4:3", "1024x768"],
    ["a cat 5:4", "512x512", "a cat 5:4"],
    ["a cat 63x64", "512x512", "a cat 63x64"],
    ["768x512 a cat", "512x512", "768x512 a cat"],
  ]) {
    test(`“${content}” is a picture of ${alt} in ${size}`, async () => {
      worker.upstreams.siliconflow.allow();
      worker.upstreams.imageHost.allow();
      const { choices } = (await post(worker, say(content))).json();
      const { path } = shown(choices[0].message.content);
      assert.equal(choices[0].message.content.startsWith(`![${alt}]`), true, choices[0].message.content);
      assert.equal((await worker.send(path)).headers["x-image-size"], size);
    });
  }

  test("the prompt is the text of the last user message, its images left out", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    /** @type {{role: string, content: unknown, tool_calls?: unknown[]}[]} */
    const messages = [
      { role: "system", content: "Answer in verse." },
      { role: "user", content: "an earlier dog" },
      { role: "assistant", content: null, tool_calls: [] },
      {
        role: "user",
        content: [
          { type: "text", text: "a later dog" },
          { type: "image_url", image_url: { url: "https://example.com/dog.png" } },
          { type: "input_audio" },
          { type: "text", text: "in a hat" },
        ],
      },
      { role: "assistant", content: "Which hat?" },
    ];
    assert.equal((await post(worker, { messages })).status, 200);
    assert.equal(worker.upstreams.siliconflow.calls[0].body.prompt, "a later dog in a hat");
  });

  test("whatever the prompt holds, the answer is one image in Markdown", async () => {
    const { siliconflow, imageHost, glm } = worker.upstreams;
    for (const upstream of [siliconflow, imageHost, glm]) upstream.allow();
    for (const content of [
      "a](b) ![c",
      "`x` **y** <img src=x onerror=1>",
      "\\[a\\]",
      "line\r\nline\n\n# head",
      "| a | b |",
      "长".repeat(300),
      "]",
      "&amp;",
    ]) {
      const { choices } = (await post(worker, say(content))).json();
      const { alt } = shown(choices[0].message.content);
      assert.doesNotMatch(alt, /[[\]()\\`*_<>!&#|~\n]/);
      assert.ok([...alt].length <= 100);
    }
  });

  test("a stream is chunks of one answer, and [DONE]", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    const reply = await post(worker, say("a streamed cat", { stream: true, stream_options: { include_usage: true } }));
    assert.equal(reply.status, 200, reply.text());
    assert.match(reply.headers["content-type"], /^text\/event-stream/);
    const events = reply.text().split("\n\n");
    assert.equal(events.pop(), "");
    assert.equal(events.pop(), "data: [DONE]");
    const chunks = events.map((event) => JSON.parse(/^data: (.*)$/.exec(event)?.[1] ?? ""));
    const { choices, usage } = chunks.pop();
    assert.deepEqual([choices, usage.total_tokens], [[], 0]);
    assert.equal(
      new Set(chunks.map(({ id, created, model, object }) => JSON.stringify([id, created, model, object]))).size,
      1,
    );
    assert.equal(chunks[0].object, "chat.completion.chunk");
    const [first, ...deltas] = chunks.map(({ choices }) => choices[0].delta);
    assert.deepEqual(first, { role: "assistant", content: "" });
    assert.deepEqual(chunks.map(({ choices }) => choices[0].finish_reason).filter(Boolean), ["stop"]);
    shown(deltas.map(({ content = "" }) => content).join(""));
  });

  test("an error is an error, streamed or not", async () => {
    worker.upstreams.siliconflow.allow(ERRORS.rejected);
    for (const stream of [false, true, null]) {
      assertError(await post(worker, say(`something refused ${stream}`, { stream })), 422, "prompt_rejected", null);
    }
  });

  test("a model of any kind is ignored unless it is on offer", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    for (const model of ["gpt-4o", "", null, 7, ["Kwai-Kolors/Kolors"]]) {
      const reply = await post(
        worker,
        say("a modelled cat", { model, seed: 1, temperature: 2, tools: [], max_tokens: 1 }),
      );
      assert.equal(reply.json().model, "black-forest-labs/FLUX.1-schnell", JSON.stringify(model));
    }
  });
});

describe("a guarded service", () => {
  const worker = useWorker({ vars: { ACCESS_TOKENS: "token-01", ALLOWED_REFERERS: "pages.example" } });

  test("makes images for a token or a listed page, and shows what is stored to anyone", async () => {
    worker.upstreams.expect({ image: 2, download: 2 });
    const cat = say("a guarded cat", { seed: 1 });
    assertError(await post(worker, cat), 401, "unauthorized");
    assertError(await post(worker, cat, { origin: "https://other.example" }), 403, "referer_not_allowed");
    assert.equal((await post(worker, cat, { authorization: "Bearer token-01" })).status, 200);
    assert.equal((await post(worker, cat)).status, 200);
    assert.equal((await post(worker, say("a listed cat"), { origin: "https://chat.pages.example" })).status, 200);
  });
});
