/** A deployment that has another one as its endpoint; and two that have one another. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { endpoint, useChain } from "./support/chain.mjs";
import { ERRORS } from "./support/siliconflow.mjs";

const FIRST = { IMAGE_API_KEYS: "image-key-1", ACCESS_TOKENS: "a-token-of-it" };
/** @param {object} [more] */
const through = (more) => ({ IMAGE_ENDPOINTS: JSON.stringify([endpoint("first", more)]) });

/** The status and code of an error. @param {{status: number, headers: {get(name: string): string | null}}} reply */
const failure = ({ status, headers }) => `${status} ${headers.get("x-error-code")}`;

describe("a deployment behind a deployment", () => {
  const chain = useChain({ first: FIRST, second: through() });

  test("an image comes through, is kept by both, and says its model and seed", async () => {
    chain.upstreams.expect({ image: 1, download: 1 });
    const made = await chain.ask("second", "/?prompt=a+cat&model=Kwai-Kolors/Kolors&seed=7&size=64x64");
    assert.equal(made.status, 302, await made.text());
    const { pathname, search } = new URL(made.headers.get("location"), "http://worker");
    const image = await chain.ask("second", pathname + search);
    assert.deepEqual(Buffer.from(await image.arrayBuffer()), chain.upstreams.imageHost.published[0]);
    assert.deepEqual([image.headers.get("x-model"), image.headers.get("x-seed")], ["Kwai-Kolors/Kolors", "7"]);
    const { body, headers } = chain.upstreams.siliconflow.calls[0];
    assert.deepEqual(
      [body.model, body.seed, body.image_size, headers["x-free-flux-hop"]],
      ["Kwai-Kolors/Kolors", 7, "64x64", "2"],
    );
    assert.deepEqual(chain.calls, [{ from: "second", to: "first", hops: "1", authorization: "Bearer a-token-of-it" }]);
    const there = await chain.ask("first", `/i/${made.headers.get("x-image-id")}`);
    assert.equal(there.status, 200, "the same request has the same id at both");
    await there.arrayBuffer();
  });

  test("what the first has already it gives at once", async () => {
    chain.upstreams.expect({ image: 1, download: 1 });
    const headers = { authorization: "Bearer a-token-of-it" };
    assert.equal((await chain.ask("first", "/?prompt=a+dog", { headers })).status, 302);
    const reply = await chain.post("second", { prompt: "a dog", response_format: "b64_json" });
    const [{ b64_json }] = (await reply.json()).data;
    assert.deepEqual(Buffer.from(b64_json, "base64"), chain.upstreams.imageHost.published.at(-1));
  });

  test("a refused prompt comes through with the vendor's words", async () => {
    chain.upstreams.expect({ image: [ERRORS.rejected] });
    const reply = await chain.post("second", { prompt: "something refused" });
    assert.equal(failure(reply), "422 prompt_rejected");
    assert.match((await reply.json()).error.message, /sensitive content/);
    assert.equal(chain.calls.length, 1);
  });

  test("a prompt that brings no image but trouble is tried twice, and is the upstream's error", async () => {
    chain.upstreams.siliconflow.allow(ERRORS.gateway);
    const reply = await chain.post("second", { prompt: "bad luck" });
    assert.equal(failure(reply), "502 upstream_error");
    assert.equal(chain.calls.length, 2);
  });

  // The last one here: it leaves the keys cooling.
  test("a first one without a key to spare cools the second one's, for as long as it says", async () => {
    chain.upstreams.expect({ image: [ERRORS.perMinute] });
    const reply = await chain.post("second", { prompt: "a busy cat" });
    assert.equal(failure(reply), "503 keys_exhausted");
    const seconds = Number(reply.headers.get("retry-after"));
    assert.ok(seconds > 50 && seconds <= 65, `Retry-After is ${seconds}`);
    const next = await chain.post("second", { prompt: "another busy cat" });
    assert.equal(failure(next), "503 keys_exhausted");
    assert.equal(chain.calls.length, 1, "the first one was asked again");
  });
});

describe("a deployment whose token for the other is wrong", () => {
  const chain = useChain({ first: FIRST, second: through({ key: "wrong" }) });

  test("its key is set aside, and the vendor is never called", async () => {
    const reply = await chain.post("second", { prompt: "a cat" });
    assert.equal(failure(reply), "502 upstream_error");
    const next = await chain.post("second", { prompt: "another cat" });
    assert.equal(failure(next), "502 upstream_error");
    assert.equal(chain.calls.length, 1, "a refused key was used again");
  });
});

for (const [
  what,
  first,
  second,
] of /** @type {[string, {models?: Record<string, string>}, {models?: Record<string, string>}][]} */ ([
  ["the same image", {}, {}],
  // Each has a name of its own for the model, so that what comes back is another image.
  ["another image each time", { models: { a: "b", c: "d" } }, { models: { b: "c", d: "e" } }],
])) {
  describe(`two deployments in a circle, asked for ${what}`, () => {
    const models = Object.keys({ ...first.models, ...second.models }).join(",");
    /** @param {"first" | "second"} other @param {object} more */
    const settings = (other, more) => ({
      IMAGE_ENDPOINTS: JSON.stringify([endpoint(other, more)]),
      ...(models && { IMAGE_MODELS: models }),
    });
    const chain = useChain({ first: settings("second", first), second: settings("first", second) });

    test("the request ends with the upstream's error, soon and after a few calls", async () => {
      const start = Date.now();
      const reply = await chain.post("first", { prompt: "round and round" });
      assert.equal(failure(reply), "502 upstream_error", await reply.text());
      assert.ok(Date.now() - start < 20_000, `it took ${Date.now() - start} ms`);
      const hops = chain.calls.map((call) => Number(call.hops));
      assert.ok(hops.length <= 16, `there were ${hops.length} calls`);
      assert.deepEqual(
        hops.filter((hop) => ![1, 2, 3].includes(hop)),
        [],
      );
      assert.ok(hops.includes(2), "it did not come back");
    });
  });
}

describe("a request that came through three deployments", () => {
  const chain = useChain({ first: { IMAGE_API_KEYS: "image-key-1" } });

  test("goes no further, unless its image is there", async () => {
    /** @param {string} hops */
    const ask = (hops) =>
      chain.ask("first", "/v1/images/generations", {
        method: "POST",
        headers: { "x-free-flux-hop": hops },
        body: JSON.stringify({ prompt: "a far cat" }),
      });
    for (const hops of ["3", "4", "255", "256", "-1", "two"]) {
      assert.equal(failure(await ask(hops)), "502 upstream_error", hops);
    }
    chain.upstreams.expect({ image: 1, download: 1 });
    assert.equal((await ask("2")).status, 200);
    assert.equal(chain.upstreams.siliconflow.calls[0].headers["x-free-flux-hop"], "3");
    assert.equal((await ask("3")).status, 200);
  });
});
