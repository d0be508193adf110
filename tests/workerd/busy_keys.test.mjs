/** Keys with limits: every image they can give is given, few calls are refused, and a visitor waits for a turn. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { json } from "./support/answers.mjs";
import { assertError, assertImage, assertRedirect } from "./support/assertions.mjs";
import { times } from "./support/http.mjs";
import { ERRORS } from "./support/siliconflow.mjs";
import { useWorker } from "./support/worker.mjs";

/**
 * @import { SiliconFlow } from "./support/siliconflow.mjs"
 * @import { TestWorker } from "./support/worker.mjs"
 */

const FOUR_KEYS = { IMAGE_API_KEYS: "key-a,key-b,key-c,key-d" };

/** An account's limit as SiliconFlow keeps it: two images a minute for each key. @param {SiliconFlow} siliconflow */
function twoAMinute(siliconflow) {
  /** @type {Map<string, number[]>} when each key drew */
  const given = new Map();
  /** @type {string[]} */
  const refused = [];
  siliconflow.allow((call) => {
    const times = (given.get(call.key ?? "") ?? []).filter((at) => Date.now() - at < 60_000);
    given.set(call.key ?? "", times);
    if (times.length >= 2) {
      refused.push(call.key ?? "");
      return ERRORS.perMinute;
    }
    times.push(Date.now());
    return siliconflow.ordinary(call);
  });
  return { refused };
}

/** Twelve new images at once. @param {TestWorker} worker @param {string} name */
async function twelve(worker, name) {
  worker.upstreams.imageHost.allow();
  const replies = await times(12, (at) => worker.get("/", { prompt: `${name} ${at}` }));
  const made = replies.filter(({ status }) => status === 302);
  const turnedAway = replies.filter(({ status }) => status !== 302);
  for (const reply of turnedAway) {
    assertError(reply, 503, "keys_exhausted");
    const seconds = Number(reply.headers["retry-after"]);
    assert.ok(seconds >= 1 && seconds <= 62, `Retry-After: ${seconds}`);
  }
  return { made, turnedAway };
}

describe("four keys at two images a minute and twelve requests at once", () => {
  const worker = useWorker({ vars: { ...FOUR_KEYS, GENERATION_TIMEOUT: "8" } });

  test("give eight images, cost at most one refused call a key, and tell the other four when to come back", async () => {
    const { refused } = twoAMinute(worker.upstreams.siliconflow);
    const { made, turnedAway } = await twelve(worker, "off");
    assert.equal(made.length, 8);
    assert.equal(turnedAway.length, 4);
    assert.ok(refused.length <= 4 && new Set(refused).size === refused.length, `refused: ${refused}`);
  });
});

describe("the same with KEY_IMAGES_PER_MINUTE=2", () => {
  const worker = useWorker({ vars: { ...FOUR_KEYS, GENERATION_TIMEOUT: "8", KEY_IMAGES_PER_MINUTE: "2" } });

  test("cost no refused call at all", async () => {
    const { refused } = twoAMinute(worker.upstreams.siliconflow);
    const { made } = await twelve(worker, "set");
    assert.equal(made.length, 8);
    assert.deepEqual(refused, []);
  });
});

describe("one key", () => {
  const worker = useWorker({ vars: { ACCESS_TOKENS: "token-of-the-owner", ALLOWED_REFERERS: "example.com" } });
  const page = { headers: { referer: "https://example.com/" } };

  test("that says when it is back is waited for, and the visitor gets the image", async () => {
    worker.upstreams.expect({ image: [ERRORS.perMinute], download: 1 });
    const [busy] = [
      json({ message: "Too many requests", data: null }, { status: 429, headers: { "retry-after": "2" } }),
    ];
    worker.upstreams.siliconflow.reset();
    worker.upstreams.siliconflow.expect(busy, 1);
    const start = Date.now();
    const made = await worker.get("/", { prompt: "worth a wait" }, page);
    assertRedirect(made);
    assert.ok(Date.now() - start >= 1_900, "the key was called again before it was back");
    assertImage(await worker.send(made.target), worker.upstreams.imageHost.published.at(-1));
  });

  test("that is refused is set aside, and the owner sees it", async () => {
    worker.upstreams.siliconflow.expect(ERRORS.wrongKey);
    assertError(await worker.get("/", { prompt: "refused" }, page), 502, "upstream_error");
    assertError(await worker.get("/", { prompt: "refused again" }, page), 502, "upstream_error");
    const health = await worker.get("/health", {}, { headers: { authorization: "Bearer token-of-the-owner" } });
    assert.deepEqual(health.json().keys, { ready: 0, cooling: 0, disabled: 1 });
    assert.doesNotMatch(health.text(), /image-key-1/);
    const stranger = await worker.get("/health");
    assert.deepEqual(Object.keys(stranger.json()).sort(), ["draws", "rewrites", "status", "version"]);
  });
});
