/** The rate limit: whom it counts, and whom it does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { held } from "./support/answers.mjs";
import { assertCard, assertError, assertImage, assertMade, assertRedirect, IMG } from "./support/assertions.mjs";
import { times } from "./support/http.mjs";
import { ERRORS } from "./support/siliconflow.mjs";
import { startWorker } from "./support/worker.mjs";

/** @import { TestWorker } from "./support/worker.mjs" */

/** How much of the limiter's minute a test needs: the local one counts by the minutes of the clock. */
const NEEDED_MS = 20_000;

async function enoughOfTheMinute() {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < NEEDED_MS) await new Promise((resolve) => setTimeout(resolve, left + 100));
}

/**
 * A test with a Worker of its own, where a visitor may have so many new images a minute.
 *
 * @param {string} name
 * @param {number | undefined} rateLimit
 * @param {(worker: TestWorker) => Promise<void>} run
 * @param {Record<string, string | undefined>} [vars]
 */
function limitTest(name, rateLimit, run, vars) {
  test(name, async (context) => {
    const worker = await startWorker({ rateLimit, vars });
    context.after(() => worker.stop());
    await enoughOfTheMinute();
    await run(worker);
    worker.upstreams.check();
  });
}

/** @param {string} address */
const from = (address) => ({ headers: { "cf-connecting-ip": address } });

limitTest(
  "who has had the minute's new images gets 429, when to come back, and a card where a picture is shown",
  2,
  async (worker) => {
    worker.upstreams.expect({ image: 3, download: 3 });
    assertRedirect(await worker.get("/", { prompt: "one" }, from("192.0.2.1")));
    assertMade(await worker.send("/prompt/two", from("192.0.2.1")));
    const refused = await worker.get("/", { prompt: "three" }, from("192.0.2.1"));
    const message = assertError(refused, 429, "rate_limited");
    assert.equal(refused.headers["retry-after"], "60");
    assert.match(message, /60 s/);
    const card = await worker.get(
      "/",
      { prompt: "three", size: "300x200" },
      { headers: { ...IMG, "cf-connecting-ip": "192.0.2.1" } },
    );
    assertCard(card, 429, "rate_limited", 300, 200);
    assert.equal(card.headers["retry-after"], "60");
    assertRedirect(await worker.get("/", { prompt: "three" }, from("192.0.2.2")));
  },
);

limitTest("stored images, pages, HEAD, 304s and what is wrong do not count", 1, async (worker) => {
  const visitor = from("192.0.2.3");
  worker.upstreams.expect({ image: 2, download: 2 });
  const made = await worker.get("/", { prompt: "cat" }, from("192.0.2.4"));
  const id = assertRedirect(made);
  await worker.stored(id);
  const places = ["/?prompt=cat", made.target, `/?id=${id}`, `/i/${id}`, `/i/${id}.png`];
  for (const place of places) {
    assertImage(await worker.send(place, visitor), worker.upstreams.imageHost.published[0], { cache: "HIT" });
    assert.equal((await worker.send(place, { method: "HEAD", ...visitor })).status, 200, place);
    const again = { headers: { ...visitor.headers, "if-none-match": `W/"${id}"` } };
    assert.equal((await worker.send(place, again)).status, 304, place);
  }
  for (const page of ["/", "/gui/", "/v1/models", "/health", "/openapi.json"]) {
    assert.equal((await worker.send(page, visitor)).status, 200, page);
  }
  assert.equal((await worker.send("/?prompt=dog", { method: "HEAD", ...visitor })).status, 404);
  assertError(await worker.send("/?prompt=", visitor), 400, "missing_prompt");
  assertError(await worker.send("/?prompt=dog&size=1x1", visitor), 400, "invalid_parameter");
  assertError(await worker.send("/nowhere", visitor), 404, "not_found");
  assertRedirect(await worker.send("/?prompt=dog", visitor));
  assertError(await worker.send("/?prompt=bird", visitor), 429, "rate_limited");
});

limitTest("who joins a generation under way does not count, nor does a second look at it", 1, async (worker) => {
  const { siliconflow } = worker.upstreams;
  const gate = held((call) => siliconflow.ordinary(call));
  worker.upstreams.expect({ image: [gate.answer, 1], download: 2 });
  const first = worker.get("/", { prompt: "cat" }, from("192.0.2.5"));
  await siliconflow.called(1);
  const joined = times(8, () => worker.get("/", { prompt: "cat" }, from("192.0.2.6")));
  const starter = worker.get("/", { prompt: "cat" }, from("192.0.2.5"));
  gate.release();
  const id = assertRedirect(await first);
  for (const reply of [...(await joined), await starter]) assert.equal(reply.headers["x-image-id"], id);
  assertRedirect(await worker.get("/", { prompt: "the joiner's own" }, from("192.0.2.6")));
  assertError(await worker.get("/", { prompt: "one more" }, from("192.0.2.5")), 429, "rate_limited");
});

limitTest("a generation that fails counts: it cost a call", 1, async (worker) => {
  worker.upstreams.expect({ image: [ERRORS.rejected] });
  assertError(await worker.get("/", { prompt: "refused" }, from("192.0.2.7")), 422, "prompt_rejected");
  assertError(await worker.get("/", { prompt: "another" }, from("192.0.2.7")), 429, "rate_limited");
});

limitTest(
  "a household of IPv6 is one visitor, by its /64, and an IPv4 address is one however it is written",
  1,
  async (worker) => {
    worker.upstreams.expect({ image: 3, download: 3 });
    assertRedirect(await worker.get("/", { prompt: "one" }, from("2001:db8:1:2:3:4:5:6")));
    for (const neighbour of ["2001:db8:1:2::9", "2001:0db8:0001:0002:ffff:ffff:ffff:ffff", "2001:DB8:1:2:0:0:0:0"]) {
      assertError(await worker.get("/", { prompt: "two" }, from(neighbour)), 429, "rate_limited");
    }
    assertRedirect(await worker.get("/", { prompt: "two" }, from("2001:db8:1:3::9")));
    assertRedirect(await worker.get("/", { prompt: "three" }, from("192.0.2.8")));
    assertError(await worker.get("/", { prompt: "four" }, from("::ffff:192.0.2.8")), 429, "rate_limited");
  },
);

limitTest("the POST APIs count, each of several images for one", 3, async (worker) => {
  /** @param {string} path @param {unknown} body */
  const post = (path, body) => worker.send(path, { method: "POST", body: JSON.stringify(body), ...from("192.0.2.9") });
  worker.upstreams.expect({ image: 3, download: 3 });
  const four = await post("/v1/images/generations", { prompt: "four of them", n: 4, seed: 1 });
  assert.equal(four.status, 200);
  assert.equal(four.json().data.length, 3);
  assertError(await post("/v1/images/generations", { prompt: "another" }), 429, "rate_limited");
  assertError(
    await post("/v1/chat/completions", { messages: [{ role: "user", content: "another" }] }),
    429,
    "rate_limited",
  );
  const again = await post("/v1/images/generations", { prompt: "four of them", seed: 1 });
  assert.equal(again.status, 200);
});

const TOKENS = { ACCESS_TOKENS: "token-of-the-owner" };

limitTest(
  "a valid token is not limited, refreshing included, and a wrong one does not count",
  1,
  async (worker) => {
    const own = { headers: { "cf-connecting-ip": "192.0.2.10", authorization: "Bearer token-of-the-owner" } };
    worker.upstreams.expect({ image: 5, download: 5 });
    for (const prompt of ["one", "two", "three"]) assertRedirect(await worker.get("/", { prompt }, own));
    for (let at = 0; at < 2; at += 1)
      assert.equal((await worker.get("/", { prompt: "one", refresh: "1" }, own)).status, 200);
    assertError(await worker.get("/", { prompt: "four" }, from("192.0.2.10")), 401, "unauthorized");
  },
  TOKENS,
);

limitTest("without the binding there is no limit", undefined, async (worker) => {
  worker.upstreams.expect({ image: 12, download: 12 });
  for (let at = 0; at < 12; at += 1)
    assertRedirect(await worker.get("/", { prompt: `image ${at}` }, from("192.0.2.11")));
});
