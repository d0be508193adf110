import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { listModels, Problem, requestImage, requestStored } from "../../assets/gui/image_api.js";
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
  assert.deepEqual(sent[0].options.headers, { Accept: "application/json", Authorization: "Bearer secret" });
  const { made, permalink, seed, prompt, model } = picture;
  assert.deepEqual(
    { made, permalink, seed, prompt, model },
    { made: true, permalink: `${ORIGIN}/i/abc.png`, seed: "7", prompt: "a cat", model: null },
  );
  assert.equal(await picture.blob.text(), "bytes");
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
