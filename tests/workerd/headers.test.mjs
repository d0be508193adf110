/** The headers that keep an answer harmless, on every kind of answer; and that nobody can put one in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ADDRESS_BAR, assertRedirect, IMG } from "./support/assertions.mjs";
import { SIGNING_KEY } from "./support/signing.mjs";
import { useWorker } from "./support/worker.mjs";

const TOKEN = "token-of-the-owner";
const own = { authorization: `Bearer ${TOKEN}` };

/** An image that all tests may ask for. */
/** @import { Reply, RequestOptions } from "./support/http.mjs" */

/** @type {string} */
let id;

const worker = useWorker(
  { vars: { ACCESS_TOKENS: TOKEN, URL_SIGNING_KEY: SIGNING_KEY } },
  async ({ upstreams, get, stored }) => {
    upstreams.expect({ image: 1, download: 1 });
    id = assertRedirect(await get("/", { prompt: "stored", seed: "7" }, { headers: own }));
    await stored(id);
  },
);

/** @param {unknown} body */
const post = (body, headers = own) => ({ method: "POST", body: JSON.stringify(body), headers });

/**
 * Each kind of answer: its status, and the request for it.
 *
 * @type {[string, number, () => [string, RequestOptions?]][]}
 */
const KINDS = [
  ["an image at its prompt's URL", 200, () => ["/?prompt=stored&seed=7"]],
  ["an image at its permalink", 200, () => [`/i/${id}.png`]],
  ["an image's headers", 200, () => [`/i/${id}`, { method: "HEAD" }]],
  ["an image that the caller has", 304, () => [`/i/${id}`, { headers: { "if-none-match": `W/"${id}"` } }]],
  [
    "an image at a prompt's URL that the caller has",
    304,
    () => ["/?prompt=stored&seed=7", { headers: { "if-none-match": "*" } }],
  ],
  ["an error for a program", 400, () => ["/?prompt=cat&size=1x1"]],
  ["an error for an <img>", 400, () => ["/?prompt=cat&size=1x1", { headers: IMG }]],
  ["an error for an address bar", 401, () => ["/?prompt=cat", { headers: ADDRESS_BAR }]],
  ["a path that is not there", 404, () => ["/nowhere"]],
  ["a method that is not there", 405, () => ["/health", { method: "PUT" }]],
  ["a preflight", 204, () => ["/v1/sign", { method: "OPTIONS" }]],
  ["the models", 200, () => ["/v1/models"]],
  ["the health", 200, () => ["/health", { headers: own }]],
  ["a signed URL", 200, () => ["/v1/sign", post({ url: "/?prompt=cat" })]],
  ["an image by the images API", 200, () => ["/v1/images/generations", post({ prompt: "stored", seed: 7 })]],
  [
    "an image by the chat API",
    200,
    () => ["/v1/chat/completions", post({ seed: 7, messages: [{ role: "user", content: "stored" }] })],
  ],
  [
    "a stream of the chat API",
    200,
    () => ["/v1/chat/completions", post({ seed: 7, stream: true, messages: [{ role: "user", content: "stored" }] })],
  ],
  ["a body that is no JSON", 400, () => ["/v1/sign", { method: "POST", body: "{", headers: own }]],
  ["a removal", 204, () => [`/i/${"A".repeat(43)}`, { method: "DELETE", headers: own }]],
];

for (const [what, status, request] of KINDS) {
  test(`${what} runs nothing, is what it says, and tells nobody where it was`, async () => {
    const reply = await worker.send(...request());
    assert.equal(reply.status, status, reply.text().slice(0, 300));
    assertHarmless(reply, "no-referrer");
    assert.match(reply.headers["content-security-policy"], /^default-src 'none';.*\bsandbox$/);
    assert.equal(reply.headers["access-control-allow-origin"], "*");
    assert.equal(reply.headers["access-control-allow-credentials"], undefined);
  });
}

test("a new image's redirect runs nothing either", async () => {
  worker.upstreams.expect({ image: 1, download: 1 });
  const reply = await worker.get("/", { prompt: "new" }, { headers: own });
  assertRedirect(reply);
  assertHarmless(reply, "no-referrer");
});

for (const file of ["/", "/gui/", "/openapi.json", "/llms.txt", "/robots.txt", "/favicon.ico"]) {
  test(`the file ${file} runs what is its own alone, and its own site may see where it was`, async () => {
    const reply = await worker.send(file);
    assert.equal(reply.status, 200);
    assertHarmless(reply, "same-origin");
    const policy = reply.headers["content-security-policy"];
    assert.match(policy, /^default-src 'none';/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  });
}

test("the owner's page tells no site where it was, and stands in no other page", async () => {
  const reply = await worker.send("/admin/");
  assert.equal(reply.status, 200);
  assertHarmless(reply, "no-referrer");
  assert.match(reply.headers["content-security-policy"], /frame-ancestors 'none'/);
  assert.doesNotMatch(reply.headers["content-security-policy"], /unsafe|\*|https?:/);
});

/** @param {Reply} reply @param {string} referrer */
function assertHarmless({ headers }, referrer) {
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(headers["cross-origin-resource-policy"], "cross-origin");
  assert.equal(headers["referrer-policy"], referrer);
  assert.match(headers["content-security-policy"] ?? "", /default-src 'none'/);
  assert.equal(headers["set-cookie"], undefined);
  assert.equal(headers.server, undefined);
  for (const [name, value] of Object.entries(headers)) assert.match(value, /^[\x20-\x7e]*$/, name);
}

/** Texts that would start a header of their own, or that no header can hold. */
const INJECTED = [
  "a\r\nX-Injected: 1",
  "a\nX-Injected: 1\n\n<svg>",
  "a\rX-Injected: 1",
  "a\u2028b",
  "a\u0085X-Injected: 1",
  "猫 ñ \u{1f600}",
  "a\0b\u007f",
  "%0d%0aX-Injected:%201",
  "a嘊嘍X-Injected: 1",
];

for (const text of INJECTED) {
  test(`nobody starts a header with ${JSON.stringify(text)}`, async () => {
    const { siliconflow, glm } = worker.upstreams;
    siliconflow.allow();
    worker.upstreams.imageHost.allow();
    // The chat API's words are in a header, too.
    glm.allow(glm.says(`${text} in english and more of it`));
    const escaped = encodeURIComponent(text);
    const image = { headers: own };
    const picture = { headers: { ...own, ...IMG } };
    const named = [
      "size",
      "width",
      "seed",
      "model",
      "steps",
      "guidance",
      "optimization",
      "refresh",
      "id",
      "sig",
      "exp",
    ];
    /** @type {[string, RequestOptions][]} */
    const targets = [
      [`/?prompt=${escaped}`, image],
      [`/?prompt=${escaped}&optimization=1`, image],
      [`/?prompt=${escaped}&seed=1`, image],
      [`/prompt/${escaped}`, image],
      [`/?prompt=cat&${escaped}=${escaped}`, image],
      [`/i/${escaped}`, image],
      [`/v1/models/${escaped}`, image],
      [`/${escaped}`, picture],
      ["/v1/images/generations", post({ prompt: text, model: text })],
      ["/v1/images/generations", post({ prompt: text, negative_prompt: text })],
      ["/v1/chat/completions", post({ messages: [{ role: "user", content: text }] })],
      ["/v1/sign", post({ url: `/?prompt=${text}` })],
    ];
    for (const name of named) {
      const target = `/?prompt=cat&${name}=${escaped}`;
      targets.push([target, image], [target, picture]);
    }
    for (const [target, options] of targets) {
      const reply = await worker.send(target, options);
      assert.equal(reply.headers["x-injected"], undefined, target);
      assertHarmless(reply, "no-referrer");
      if (reply.status !== 302) continue;
      assert.match(reply.headers.location, /^\/\?/);
      const seen = await worker.send(reply.target, options);
      assert.equal(seen.headers["x-injected"], undefined, reply.target);
      assertHarmless(seen, "no-referrer");
      assert.doesNotThrow(() => decodeURIComponent(seen.headers["x-prompt"]));
    }
  });
}
