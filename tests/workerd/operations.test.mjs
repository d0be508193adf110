/**
 * The cost of each kind of request, as the free plan counts: reads and writes of KV, calls of objects and upstreams.
 * `tests/native/operations.rs` asserts the same of many more cases in simulated time.
 */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { times } from "./support/http.mjs";
import { ERRORS } from "./support/siliconflow.mjs";
import { useWorker } from "./support/worker.mjs";

/** How long is waited for what an answer may have set off, beyond what was foreseen, in milliseconds. */
const AFTERMATH_MS = 300;

const TOKEN = "token-of-the-owner";
const own = { headers: { authorization: `Bearer ${TOKEN}` } };
const worker = useWorker({ instrumented: true, vars: { IMAGE_API_KEYS: "key-a,key-b,key-c", ACCESS_TOKENS: TOKEN } });

beforeEach(() => worker.instruments.forget());

/**
 * Asserts what was asked of KV and of the objects, by kind; the keys of KV are left out.
 *
 * @param {Record<string, number>} costs
 */
async function assertCost(costs) {
  await sleep(AFTERMATH_MS);
  /** @type {Record<string, number>} */
  const counted = {};
  for (const operation of await worker.instruments.operations()) {
    const kind = operation.replace(/ image:v1:.*/, "");
    counted[kind] = (counted[kind] ?? 0) + 1;
  }
  assert.deepEqual(counted, costs);
}

/** An image that is stored, and nothing counted of how it came there. @param {string} prompt */
async function stored(prompt) {
  worker.upstreams.expect({ image: 1, download: 1 });
  const made = await worker.get("/", { prompt }, own);
  const id = made.headers["x-image-id"];
  await worker.stored(id);
  await worker.instruments.forget();
  return { id, target: made.target };
}

test("a new image: a read, a write, its maker once, the key ring twice", async () => {
  worker.upstreams.expect({ image: 1, download: 1 });
  const made = await worker.get("/", { prompt: "new" }, own);
  await worker.stored(made.headers["x-image-id"]);
  await assertCost({ get: 1, "ask ImageMaker": 1, "ask KeyRing": 2, put: 1 });
});

test("a new image and the redirect's target, where KV remembers that it was not there: its maker twice", async () => {
  worker.upstreams.expect({ image: 1, download: 1 });
  await worker.instruments.reads("miss");
  assert.equal((await worker.image({ prompt: "new, and followed" }, own)).status, 200);
  await worker.instruments.reads("work");
  await assertCost({ get: 2, "ask ImageMaker": 2, "ask KeyRing": 2, put: 1 });
});

test("a rewritten prompt: a call of the chat API more, and nothing else", async () => {
  worker.upstreams.expect({ chat: 1, image: 1, download: 1 });
  const made = await worker.get("/", { prompt: "rewritten", optimization: "1" }, own);
  await worker.stored(made.headers["x-image-id"]);
  await assertCost({ get: 1, "ask ImageMaker": 1, "ask KeyRing": 2, put: 1 });
});

test("a key that is refused: at most two calls more of the key ring", async () => {
  worker.upstreams.expect({ image: [ERRORS.perMinute, 1], download: 1 });
  const made = await worker.get("/", { prompt: "after a refusal" }, own);
  await worker.stored(made.headers["x-image-id"]);
  await sleep(AFTERMATH_MS);
  const asked = (await worker.instruments.operations()).filter((operation) => operation === "ask KeyRing").length;
  assert.ok(asked <= 4, `the key ring was asked ${asked} times`);
});

test("a crowd for one new image: one generation, and a read and a call of its maker for each", async () => {
  worker.upstreams.expect({ image: 1, download: 1 });
  const replies = await times(50, () => worker.get("/", { prompt: "a crowd" }, own));
  await worker.stored(replies[0].headers["x-image-id"]);
  await assertCost({ get: 50, "ask ImageMaker": 50, "ask KeyRing": 2, put: 1 });
});

test("a stored image, at each of its URLs, by GET and HEAD: a read and nothing else, and from the third time on not even that", async () => {
  const { id, target } = await stored("stored");
  let asked = 0;
  for (const path of ["/?prompt=stored", "/prompt/stored", target, `/?id=${id}`, `/i/${id}`, `/i/${id}.png`]) {
    for (const method of ["GET", "HEAD"]) {
      await worker.instruments.forget();
      assert.equal((await worker.send(path, { method })).status, 200, path);
      const reads = asked < 2 ? [`get image:v1:${id}`] : [];
      assert.deepEqual(await worker.instruments.operations(), reads, `${method} ${path}`);
      asked += 1;
    }
  }
});

test("a stored image through the OpenAI API: a read and nothing else", async () => {
  await stored("stored for clients");
  const body = JSON.stringify({ prompt: "stored for clients" });
  const reply = await worker.send("/v1/images/generations", {
    method: "POST",
    body,
    headers: { ...own.headers, "content-type": "application/json" },
  });
  assert.equal(reply.status, 200, reply.text());
  await assertCost({ get: 1 });
});

test("a copy that is known, at a URL with an id: nothing at all", async () => {
  const { id, target } = await stored("known");
  for (const path of [target, `/i/${id}.png`]) {
    assert.equal((await worker.send(path, { headers: { "if-none-match": `W/"${id}"` } })).status, 304, path);
  }
  await assertCost({});
});

test("pages, lists, errors and preflights: nothing at all", async () => {
  /** @type {[string, {method: string}?][]} */
  const requests = [
    ["/"],
    ["/health"],
    ["/v1/models"],
    ["/nowhere"],
    ["/?prompt=x&size=1x1"],
    ["/i/none"],
    ["/v1/images/generations", { method: "OPTIONS" }],
  ];
  for (const [path, options] of requests) await worker.send(path, options);
  await assertCost({});
});

test("an image that the caller may not start: a read and a call of its maker, which may have it", async () => {
  assert.equal((await worker.get("/", { prompt: "not allowed" })).status, 401);
  await assertCost({ get: 1, "ask ImageMaker": 1 });
});

test("several images that the caller may not start: a read of each, and a call of one maker", async () => {
  for (const path of ["/v1/images/generations", "/v1/image/generations"]) {
    await worker.instruments.forget();
    const body = JSON.stringify({ prompt: `none of four ${path}`, n: 4 });
    assert.equal((await worker.send(path, { method: "POST", body })).status, 401);
    await sleep(AFTERMATH_MS);
    const asked = (await worker.instruments.operations()).filter((operation) => operation === "ask ImageMaker");
    assert.ok(asked.length <= 1, `${asked.length} makers were asked`);
  }
});

test("an image that is not there: a read and a call of its maker, which sets no alarm", async () => {
  const id = "A".repeat(43);
  for (const path of [`/i/${id}`, `/?id=${id}`]) {
    await worker.instruments.forget();
    assert.equal((await worker.send(path)).status, 404, path);
    await assertCost({ get: 1, "ask ImageMaker": 1 });
  }
  assert.equal(await worker.instruments.alarm(id), null);
});

describe("over a limit", () => {
  const limited = useWorker({
    instrumented: true,
    lookupLimit: 2,
    vars: { URL_SIGNING_KEY: "signing-key-of-the-tests" },
  });

  test("what KV cannot answer is a read, and nothing that wakes an object", async () => {
    const paths = ["A", "E", "I"].map((letter) => `/i/${letter.repeat(43)}`);
    const headers = { "cf-connecting-ip": "192.0.2.7" };
    for (const [at, path] of [...paths, "/?prompt=unsigned", `/?id=${"M".repeat(43)}`].entries()) {
      await limited.instruments.forget();
      const reply = await limited.send(path, { headers });
      assert.equal(reply.status, at < 2 ? 404 : 429, path);
      if (at < 2) continue;
      assert.equal(`${reply.headers["x-error-code"]} ${reply.headers["retry-after"]}`, "rate_limited 60");
      const kinds = (await limited.instruments.operations()).map((operation) => operation.split(" ")[0]);
      assert.deepEqual(kinds, ["get"], path);
    }
  });

  test("a signature that is missing is a read and a call of its maker", async () => {
    await limited.instruments.forget();
    const reply = await limited.send("/?prompt=unsigned+too", { headers: { "cf-connecting-ip": "192.0.2.8" } });
    assert.equal(reply.status, 403);
    const kinds = (await limited.instruments.operations()).map((operation) => operation.replace(/ image:.*/u, ""));
    assert.deepEqual(kinds, ["get", "ask ImageMaker"]);
  });
});

test("a removed image: its maker once, which takes it out of KV", async () => {
  const { id } = await stored("removed");
  assert.equal((await worker.send(`/i/${id}`, { method: "DELETE", ...own })).status, 204);
  await assertCost({ "ask ImageMaker": 1, delete: 1 });
});
