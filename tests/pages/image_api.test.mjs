import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Problem, requestImage, requestStored } from "../../assets/gui/image_api.js";
import { improvePrompt, listModels, readHealth } from "../../assets/gui/service.js";
import { stubGlobal } from "./support/browser.mjs";

const ORIGIN = "https://flux.example";

/** @type {{url: string, options: RequestInit}[]} */
let sent = [];
/** The answers to come, in order; an error is thrown. @type {(Response | Error)[]} */
let answers = [];

stubGlobal("location", new URL(`${ORIGIN}/gui/`));
stubGlobal("fetch", async (/** @type {string} */ url, /** @type {RequestInit} */ options) => {
  sent.push({ url, options });
  const answer = answers.shift();
  if (answer instanceof Response) return answer;
  throw answer ?? new Error("one call too many");
});

beforeEach(() => {
  sent = [];
  answers = [];
  stubGlobal("navigator", { onLine: true });
});

/** @param {Record<string, string>} [headers] */
const image = (headers = {}) => new Response("bytes", { headers: { "Content-Type": "image/png", ...headers } });

/** @param {number} status @param {unknown} body @param {Record<string, string>} [headers] */
const json = (status, body, headers = {}) => new Response(JSON.stringify(body), { status, headers });

/** @param {string | null} [token] */
const call = (token = null) => ({ token, signal: new AbortController().signal, onReceiving() {} });

/** The problem that a request ends with. @param {Promise<unknown>} request */
async function problemOf(request) {
  const error = await request.then(
    () => assert.fail("it went well"),
    (/** @type {unknown} */ reason) => reason,
  );
  assert.ok(error instanceof Problem, String(error));
  return error;
}

test("a picture comes with what its headers tell", async () => {
  const headers = { "X-Cache": "MISS", "Content-Location": "/i/abc.png", "X-Seed": "7", "X-Prompt": "a%20cat" };
  answers = [image(headers)];
  const picture = await requestImage({ prompt: "cat" }, call("secret"));
  assert.equal(sent[0].url, `${ORIGIN}/?prompt=cat`);
  assert.deepEqual(sent[0].options.headers, { Accept: "text/event-stream", Authorization: "Bearer secret" });
  const { made, permalink, seed, prompt, model } = picture;
  assert.deepEqual(
    { made, permalink, seed, prompt, model },
    { made: true, permalink: `${ORIGIN}/i/abc.png`, seed: "7", prompt: "a cat", model: null },
  );
  assert.equal(await picture.blob.text(), "bytes");
});

/** @param {[string, unknown][]} events */
const stream = (events) =>
  new Response(events.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join(""), {
    headers: { "Content-Type": "text/event-stream; charset=utf-8" },
  });

const DONE = {
  id: "abc",
  url: "https://inside.example/i/abc.png",
  seed: 9,
  model: "flux",
  prompt: "a cat",
  cached: false,
};

test("a stream tells its steps, and then the picture is fetched from this host", async () => {
  answers = [
    stream([
      ["step", { step: "drawing" }],
      ["done", DONE],
    ]),
    image({ "X-Cache": "HIT", "Content-Location": "/i/abc.png" }),
  ];
  /** @type {unknown[]} */
  const told = [];
  const picture = await requestImage({ prompt: "cat" }, { ...call("secret"), onEvent: ({ data }) => told.push(data) });
  assert.deepEqual(told, [{ step: "drawing" }]);
  assert.equal(sent[1].url, `${ORIGIN}/i/abc.png`);
  assert.deepEqual([picture.made, picture.seed, picture.model, picture.prompt], [true, "9", "flux", "a cat"]);
});

test("a stored picture is not called a new one", async () => {
  answers = [stream([["done", { ...DONE, cached: true }]]), image()];
  assert.equal((await requestImage({ prompt: "cat" }, call())).made, false);
});

test("an error of a stream is the problem, with its wait", async () => {
  answers = [stream([["error", { code: "keys_exhausted", message: "later", status: 503, retry_after: 12.2 }]])];
  const { code, status, retryAfter } = await problemOf(requestImage({ prompt: "cat" }, call()));
  assert.deepEqual([code, status, retryAfter], ["keys_exhausted", 503, 13]);
});

test("a stream that breaks is joined again, a few times", async () => {
  const broken = () => stream([["step", { step: "drawing" }]]);
  answers = [broken(), broken(), stream([["done", DONE]]), image()];
  assert.equal((await requestImage({ prompt: "cat" }, call())).model, "flux");
  answers = [broken(), broken(), broken(), broken()];
  assert.equal((await problemOf(requestImage({ prompt: "cat" }, call()))).code, "unreachable");
});

test("a prompt is improved by the service, or it is said why not", async () => {
  answers = [json(200, { prompt: "a fine cat", status: "optimized" })];
  assert.deepEqual(await improvePrompt("cat", "secret"), { prompt: "a fine cat", status: "optimized" });
  assert.deepEqual(JSON.parse(String(sent[0].options.body)), { prompt: "cat", optimization: true });
  answers = [json(429, { error: { code: "rate_limited" } })];
  assert.equal((await problemOf(improvePrompt("cat", null))).code, "rate_limited");
  answers = [json(200, {})];
  assert.equal((await problemOf(improvePrompt("cat", null))).code, "unknown");
});

test("health that does not say is taken to be good", async () => {
  answers = [json(200, { status: "ok", version: "1" }), json(200, { draws: false, rewrites: false, why: "Set X." })];
  assert.deepEqual(await readHealth(), { draws: true, rewrites: true, why: "" });
  assert.deepEqual(await readHealth(), { draws: false, rewrites: false, why: "Set X." });
});

test("no token is sent for a stored picture", async () => {
  answers = [image({ "X-Cache": "HIT" })];
  const picture = await requestStored(`${ORIGIN}/i/abc.png`, call("secret"));
  assert.deepEqual(sent[0].options.headers, { Accept: "application/json" });
  assert.equal(picture.made, false);
});

test("a prompt that no URL holds is posted, and its picture fetched from this origin", async () => {
  answers = [json(200, { data: [{ url: "https://elsewhere.example/i/abc.png?sig=1" }] }), image()];
  const picture = await requestImage({ prompt: "雪".repeat(2_000), seed: "7", optimization: "1" }, call());
  const body = JSON.parse(String(sent[0].options.body));
  assert.deepEqual(
    { ...body, prompt: body.prompt.length },
    { prompt: 2_000, optimization: true, seed: 7, response_format: "url" },
  );
  assert.equal(sent[1].url, `${ORIGIN}/i/abc.png?sig=1`);
  assert.equal(picture.made, true);
});

test("where nothing takes such a post, the prompt is too long", async () => {
  answers = [json(404, { error: { code: "not_found" } })];
  assert.equal((await problemOf(requestImage({ prompt: "雪".repeat(2_000) }, call()))).code, "url-too-long");
});

test("an error of the API keeps its code, its message and its wait", async () => {
  const error = { code: "rate_limited", message: "slow down", param: "prompt" };
  answers = [json(429, { error }, { "Retry-After": "30" })];
  const { code, message, param, status, retryAfter } = await problemOf(requestImage({ prompt: "cat" }, call()));
  assert.deepEqual(
    { code, message, param, status, retryAfter },
    { code: "rate_limited", message: "slow down", param: "prompt", status: 429, retryAfter: 30 },
  );
});

test("an error that is not the API's own gets a code by its status", async () => {
  for (const [status, code] of /** @type {[number, string][]} */ ([
    [401, "unauthorized"],
    [429, "rate_limited"],
    [504, "upstream_timeout"],
    [500, "unknown"],
  ])) {
    answers = [new Response("<h1>Error</h1>", { status })];
    assert.equal((await problemOf(requestImage({ prompt: "cat" }, call()))).code, code);
  }
});

test("a wait may be a date; one that is over is a second", async () => {
  const waits = {
    [new Date(Date.now() + 90_000).toUTCString()]: [89, 90],
    0: [1],
    "Wed, 01 Jan 2020 00:00:00 GMT": [1],
  };
  for (const [wait, expected] of Object.entries(waits)) {
    answers = [json(503, {}, { "Retry-After": wait })];
    const { retryAfter } = await problemOf(requestImage({ prompt: "cat" }, call()));
    assert.ok(retryAfter !== null && expected.includes(retryAfter), `${wait}: ${retryAfter}`);
  }
});

test("what is no picture, and a service that is out of reach, are told apart", async () => {
  answers = [new Response("<p>portal</p>", { headers: { "Content-Type": "text/html" } })];
  assert.equal((await problemOf(requestImage({ prompt: "cat" }, call()))).code, "not-an-image");
  answers = [new TypeError("failed")];
  assert.equal((await problemOf(requestImage({ prompt: "cat" }, call()))).code, "unreachable");
  stubGlobal("navigator", { onLine: false });
  answers = [new TypeError("failed")];
  assert.equal((await problemOf(requestImage({ prompt: "cat" }, call()))).code, "offline");
});

test("a request that was cancelled rejects with its AbortError", async () => {
  answers = [new DOMException("cancelled", "AbortError")];
  await assert.rejects(requestImage({ prompt: "cat" }, call()), { name: "AbortError" });
});

test("the models are those that the service names, or none", async () => {
  answers = [json(200, { data: [{ id: "flux" }, { id: 5 }] })];
  assert.deepEqual(await listModels(), ["flux"]);
  answers = [json(500, {}), new TypeError("failed")];
  assert.deepEqual(await listModels(), []);
  assert.deepEqual(await listModels(), []);
});
