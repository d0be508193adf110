/** The project as a user runs it: `wrangler dev` with the real wrangler.toml. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertCard, assertImage, assertRedirect, IMG } from "./support/assertions.mjs";
import { withinAMinute } from "./support/http.mjs";
import { startUpstreams } from "./support/upstreams.mjs";
import { startWrangler } from "./support/wrangler.mjs";

/** @import { Upstreams } from "./support/upstreams.mjs" */

/** @type {Upstreams} */
let upstreams;
/** @type {Awaited<ReturnType<typeof startWrangler>>} */
let worker;

before(async () => {
  upstreams = await startUpstreams({ imageKeys: ["image-key-1"], chatKeys: ["chat-key-1"], local: true });
  worker = await startWrangler({
    IMAGE_API_KEYS: "image-key-1",
    PROCESS_API_KEY: "chat-key-1",
    // Its calls cannot be sent elsewhere, so that the vendors' addresses are settings here.
    IMAGE_API_URL: upstreams.imageUrl,
    PROCESS_API_URL: upstreams.chatUrl,
  });
});

after(async () => {
  await worker?.stop();
  await upstreams?.stop();
});

test("a Chinese prompt becomes an image, stored for the next visitor", async () => {
  upstreams.reset();
  upstreams.expect({ chat: 1, image: 1, download: 1 });
  const address = { prompt: "一位女孩", size: "512x512", optimization: "1" };
  const made = await worker.get("/", address);
  const id = assertRedirect(made);
  const bytes = upstreams.imageHost.published.at(-1);
  assertImage(await worker.send(made.target), bytes, { cache: "HIT" });
  assertImage(await worker.get(`/i/${id}.png`), bytes, { cache: "HIT" });
  assertImage(await worker.get("/", address), bytes);
  upstreams.check();
});

test("the pages are there, with the headers that assets/_headers gives them", async () => {
  for (const target of ["/", "/gui/"]) {
    const { status, headers } = await worker.send(target);
    assert.equal(status, 200);
    assert.match(headers["content-type"], /^text\/html\b/);
    assert.match(headers["content-security-policy"], /default-src 'none'/);
  }
  const gui = await worker.send("/gui");
  assert.ok(gui.status >= 301 && gui.status <= 308 && gui.target === "/gui/");
});

test("the limit of wrangler.toml holds: five new images a minute for each visitor", async () => {
  await withinAMinute(async (attempt) => {
    upstreams.reset();
    upstreams.expect({ image: 5, download: 5 });
    const visitor = { headers: { "cf-connecting-ip": `192.0.2.${attempt}` } };
    const statuses = [];
    for (let seed = 0; seed < 6; seed += 1) {
      const address = { prompt: `cat ${attempt}`, seed: String(seed) };
      statuses.push((await worker.get("/", address, visitor)).status);
    }
    assert.deepEqual(statuses, [302, 302, 302, 302, 302, 429]);
    upstreams.check();
  });
});

test("an error is a card for a browser", async () => {
  assertCard(
    await worker.get("/", { prompt: "cat", size: "1x1", seed: "2" }, { headers: IMG }),
    400,
    "invalid_parameter",
    512,
    512,
  );
});
