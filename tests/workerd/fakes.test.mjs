/** The fakes themselves: what is not as it should be fails the test that it happens in. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { breakOff, RESET, text } from "./support/answers.mjs";
import { request } from "./support/http.mjs";
import { gif, jpeg, noisePng, padded, png, webp } from "./support/images.mjs";
import { startUpstreams } from "./support/upstreams.mjs";
import { assertWellFormed } from "./support/xml.mjs";

/** @import { Upstreams } from "./support/upstreams.mjs" */

/** @type {Upstreams} */
let upstreams;
before(async () => (upstreams = await startUpstreams({ imageKeys: ["k1"], chatKeys: ["c1"], local: true })));
after(() => upstreams.stop());
afterEach(() => upstreams.reset());

const good = { model: "Kwai-Kolors/Kolors", prompt: "cat", image_size: "64x64" };

/** Calls a URL of the fakes. @param {string} url @param {unknown} body */
function call(url, body, { method = "POST", key = "k1", ...headers } = {}) {
  const { origin, pathname, search } = new URL(url);
  const own = { "content-type": "application/json", authorization: `Bearer ${key}`, ...headers };
  return request(
    origin,
    pathname + search,
    method === "GET" ? {} : { method, headers: own, body: JSON.stringify(body) },
  );
}

test("calls that are right, and were announced, are no problem", async () => {
  upstreams.expect({ image: 1, download: 1 });
  const { images } = (await call(upstreams.imageUrl, good)).json();
  assert.ok(
    (await call(images[0].url, null, { method: "GET" })).body.equals(
      upstreams.imageHost.published.at(-1) ?? Buffer.alloc(0),
    ),
  );
  upstreams.check();
});

test("a call that was not announced is a problem", async () => {
  await call(upstreams.imageUrl, good);
  assert.throws(() => upstreams.check(), /SiliconFlow: call 1 is one too many/);
});

test("a call that does not come is a problem", () => {
  upstreams.expect({ chat: 2 });
  assert.throws(() => upstreams.check(), /GLM: 2 more calls were expected/);
});

for (const [what, body, options] of /** @type {[string, object, object][]} */ ([
  ["another method", good, { method: "PUT" }],
  ["an unknown key", good, { key: "k2" }],
  ["another content type", good, { "content-type": "text/plain" }],
  ["a field that the API does not take", { ...good, n: 1 }],
  ["a value that the API refuses", { ...good, seed: -1 }],
  ["a field that is null", { ...good, seed: null }],
  ["a missing field", { model: good.model, prompt: "cat" }],
  ["a model that it does not have", { ...good, model: "dall-e-3" }],
])) {
  test(`an image call with ${what} is a problem`, async () => {
    upstreams.expect({ image: 1 });
    await call(upstreams.imageUrl, body, options);
    assert.throws(() => upstreams.check(), /^AssertionError.*SiliconFlow: /s);
  });
}

test("a chat call with a temperature of 0 is a problem", async () => {
  upstreams.expect({ chat: 1 });
  const messages = [{ role: "user", content: "cat" }];
  await call(upstreams.chatUrl, { model: "glm-4-flash", messages, temperature: 0 }, { key: "c1" });
  assert.throws(() => upstreams.check(), /temperature/);
});

test("a key that is sent to the image host is a problem, and so is a URL that was never given out", async () => {
  upstreams.expect({ download: 2 });
  const { origin } = new URL(upstreams.imageUrl);
  await request(origin, "/images/unknown.png");
  const { pathname, search } = new URL(upstreams.imageHost.publish(png(64, 64)));
  await request(origin, pathname + search, { headers: { authorization: "Bearer k1" } });
  assert.throws(() => upstreams.check(), /nothing was published.*a key went to the image host/s);
});

test("a call to anywhere else is a problem", async () => {
  await call(new URL("/v1/models", upstreams.imageUrl).href, good);
  assert.throws(() => upstreams.check(), /elsewhere: call 1 is one too many/);
});

test("resets and bodies that break off are real", async () => {
  upstreams.expect({ image: [RESET, breakOff(text("0123456789"))] });
  await assert.rejects(call(upstreams.imageUrl, good), { code: "ECONNRESET" });
  await assert.rejects(call(upstreams.imageUrl, good), { code: "ECONNRESET" });
  upstreams.check();
});

test("images have the size they say", () => {
  assert.equal(png(300, 200).readUInt32BE(16), 300);
  assert.ok(noisePng(1_024, 900).length > 2 * 1024 * 1024);
  assert.equal(padded(png(64, 64), 5_000).length, 5_000);
  assert.deepEqual(
    [jpeg(3, 5).subarray(0, 3), gif(3, 5).toString("latin1", 0, 6), webp(3, 5).toString("latin1", 8, 12)],
    [Buffer.from([0xff, 0xd8, 0xff]), "GIF89a", "WEBP"],
  );
});

test("what is no well-formed XML is told from what is", () => {
  assertWellFormed("<svg a=\"1\" b='&lt;'><g/><text>x &amp; y</text></svg>");
  for (const broken of [
    "",
    "<svg>",
    "<svg></g>",
    "<svg/><svg/>",
    "<svg a=1/>",
    '<svg a="1" a="2"/>',
    "<svg>&nbsp;</svg>",
    "<svg>a & b</svg>",
    "<svg>\u0001</svg>",
    '<svg a="<"/>',
    "text",
    "<svg/>text",
  ]) {
    assert.throws(() => assertWellFormed(broken), /./, broken);
  }
});
