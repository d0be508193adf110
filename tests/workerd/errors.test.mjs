/** Errors: a true status and a stable code; JSON for programs, a picture for browsers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HANG, text } from "./support/answers.mjs";
import { ADDRESS_BAR, assertCard, assertError, IMG } from "./support/assertions.mjs";
import { withinAMinute } from "./support/http.mjs";
import { ERRORS } from "./support/siliconflow.mjs";
import { startWorker, useWorker } from "./support/worker.mjs";

/** @import { Answer } from "./support/answers.mjs" */

const UNKNOWN = "A".repeat(43);

/**
 * The contract's table: how to come by an error, and what it is.
 *
 * @type {{
 *   code: string,
 *   status: number,
 *   target: string,
 *   method?: string,
 *   param?: string | null,
 *   image?: Answer[],
 *   vars?: Record<string, string | undefined>,
 * }[]}
 */
const rows = [
  { code: "missing_prompt", status: 400, target: "/?prompt=%20", param: "prompt" },
  { code: "invalid_parameter", status: 400, target: "/?prompt=cat&steps=0", param: "steps" },
  { code: "unauthorized", status: 401, target: "/?prompt=cat&refresh=1" },
  { code: "not_found", status: 404, target: "/nothing/here" },
  { code: "image_not_found", status: 404, target: `/?id=${UNKNOWN}` },
  { code: "model_not_found", status: 404, target: "/?prompt=cat&model=dall-e-9", param: "model" },
  { code: "method_not_allowed", status: 405, target: "/?prompt=cat", method: "PATCH" },
  { code: "prompt_rejected", status: 422, target: "/?prompt=rude", image: [ERRORS.rejected] },
  { code: "upstream_error", status: 502, target: "/?prompt=unlucky", image: [ERRORS.gateway, ERRORS.overloaded] },
  { code: "upstream_timeout", status: 504, target: "/?prompt=late", image: [HANG], vars: { GENERATION_TIMEOUT: "1" } },
  {
    code: "keys_exhausted",
    status: 503,
    target: "/?prompt=busy",
    image: [text("{}", { status: 429, type: "application/json", headers: { "retry-after": "300" } })],
  },
  { code: "misconfigured", status: 500, target: "/?prompt=cat", vars: { IMAGE_API_KEYS: undefined } },
  {
    code: "invalid_signature",
    status: 403,
    target: "/?prompt=cat&sig=forged",
    vars: { URL_SIGNING_KEY: "signing-key-0123" },
  },
  { code: "referer_not_allowed", status: 403, target: "/?prompt=cat", vars: { ALLOWED_REFERERS: "example.com" } },
];

for (const { code, status, target, method = "GET", param = null, image = [], vars } of rows) {
  test(`${code} is ${status}, in JSON for a program and on a card for a browser`, async (context) => {
    const worker = await startWorker({ vars });
    context.after(() => worker.stop());
    worker.upstreams.expect({ image });
    if (image[0] === HANG) worker.upstreams.siliconflow.allow(HANG); // asked as often as there is time for
    const reply = await worker.send(target, { method });
    assertError(reply, status, code, param);
    worker.upstreams.check();
    if (code === "keys_exhausted") assert.match(reply.headers["retry-after"], /^(29\d|300)$/);

    const sized = `${target}${target.includes("?") ? "&" : "?"}size=300x200`;
    if (image.length > 0) worker.upstreams.siliconflow.allow(image.at(-1));
    const card = await worker.send(sized, { method, headers: IMG });
    assertCard(card, status, code, 300, 200);
    assertCard(await worker.send(sized, { method, headers: ADDRESS_BAR }), status, code, 300, 200);
  });
}

test("a limit for each visitor counts new images only, and says when to come back", async (context) => {
  const worker = await startWorker({ rateLimit: 2 });
  context.after(() => worker.stop());
  await withinAMinute(async (attempt) => {
    worker.upstreams.reset();
    worker.upstreams.expect({ image: 3, download: 3 });
    const [prompt, visitor, other] = [`limited ${attempt}`, `192.0.2.${attempt}`, `198.51.100.${attempt}`];
    /** @param {string} address @param {Record<string, string>} [headers] */
    const from = (address, headers) => ({ headers: { ...headers, "cf-connecting-ip": address } });
    for (const seed of ["1", "2"]) assert.equal((await worker.get("/", { prompt, seed }, from(visitor))).status, 302);
    const reply = await worker.get("/", { prompt }, from(visitor));
    assertError(reply, 429, "rate_limited", null);
    assert.match(reply.headers["retry-after"], /^[1-9]\d*$/);
    assertCard(await worker.get("/", { prompt }, from(visitor, IMG)), 429, "rate_limited", 512, 512);
    // What is stored, and who is somebody else, is not limited.
    assert.equal((await worker.image({ prompt, seed: "1" }, from(visitor))).status, 200);
    assert.equal((await worker.get("/", { prompt }, from(other))).status, 302);
    worker.upstreams.check();
  });
});

describe("an error's picture", () => {
  const worker = useWorker();

  test("has the default size where none was asked for that can be", async () => {
    for (const target of ["/?prompt=", "/?prompt=cat&size=9x9", "/?prompt=cat&width=300", "/prompt/%20?size=%ff"]) {
      assertCard(
        await worker.send(target, { headers: IMG }),
        400,
        (await worker.send(target)).headers["x-error-code"],
        512,
        512,
      );
    }
  });

  test("takes every size that an image may have", async () => {
    for (const [width, height] of [
      [64, 64],
      [2_048, 64],
      [64, 2_048],
      [2_048, 2_048],
    ]) {
      const card = await worker.get(
        "/",
        { prompt: " ", width: String(width), height: String(height) },
        { headers: IMG },
      );
      assertCard(card, 400, "missing_prompt", width, height);
    }
  });

  test("shows what the caller typed as text and nothing else", async () => {
    const typed = "</text></svg><script>alert(1)</script>\"' onload='x' &amp; \u0000\u0008\ufffe😀";
    for (const parameters of [
      { prompt: "x", steps: typed },
      { prompt: "x", model: typed },
      { prompt: "x", seed: `1${typed}` },
    ]) {
      const card = await worker.get("/", parameters, { headers: IMG });
      assertCard(card, card.status, card.headers["x-error-code"], 512, 512);
      assert.match(card.text(), /&lt;/);
    }
  });

  test("is never what a path under /v1/ answers", async () => {
    assertError(await worker.send("/v1/nothing", { headers: ADDRESS_BAR }), 404, "not_found");
    assertError(await worker.send("/v1/models/nothing", { headers: IMG }), 404, "model_not_found");
  });

  test("is not for who accepts anything", async () => {
    for (const accept of ["*/*", "application/json", ""]) {
      assertError(await worker.get("/", { prompt: "" }, { headers: { accept } }), 400, "missing_prompt", "prompt");
    }
  });

  test("has no body for HEAD, but its headers", async () => {
    const card = await worker.get("/", { prompt: "" }, { method: "HEAD", headers: IMG });
    assert.equal(
      `${card.status} ${card.headers["x-error-code"]} ${card.headers["content-type"]}`,
      "400 missing_prompt image/svg+xml",
    );
    assert.equal(card.body.length, 0);
  });
});

describe("what a wrong parameter's error says", () => {
  const worker = useWorker();

  for (const [name, value, accepted] of /** @type {[string, string, RegExp][]} */ ([
    ["size", "63x64", /64.*2,?048/],
    ["steps", "101", /100/],
    ["guidance", "21", /20/],
    ["seed", "10000000000", /9,?999,?999,?999/],
    ["optimization", "maybe", /true/],
  ])) {
    test(`names ${name}, what was given and what is accepted`, async () => {
      const message = assertError(
        await worker.get("/", { prompt: "x", [name]: value }),
        400,
        "invalid_parameter",
        name,
      );
      assert.ok(message.includes(name) && message.includes(value), message);
      assert.match(message, accepted);
    });
  }

  test("names the models that there are", async () => {
    const message = assertError(
      await worker.get("/", { prompt: "x", model: "turbo" }),
      404,
      "model_not_found",
      "model",
    );
    for (const name of ["turbo", "black-forest-labs/FLUX.1-schnell", "Kwai-Kolors/Kolors"])
      assert.ok(message.includes(name));
  });
});

test("a misconfigured Worker names every wrong setting, shows none, and goes on with what needs none", async (context) => {
  const wrong = {
    CACHE_TTL: "canary-1",
    GENERATION_TIMEOUT: "canary-2",
    IMAGE_ENDPOINTS: "canary-3",
    DEFAULT_SIZE: "canary-4",
  };
  const worker = await startWorker({ vars: wrong });
  context.after(() => worker.stop());
  const message = assertError(await worker.get("/", { prompt: "cat", size: "64x64" }), 500, "misconfigured");
  for (const name of Object.keys(wrong)) assert.ok(message.includes(name), message);
  assert.doesNotMatch(message, /canary/);
  assert.equal((await worker.get("/")).status, 200);
  assert.equal((await worker.get("/health")).status, 200);
  assertError(await worker.get(`/i/${UNKNOWN}`), 404, "image_not_found");
  worker.upstreams.check();
});
