/** Replacing an image and removing one: with a token, and with nothing else. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { held } from "./support/answers.mjs";
import { assertError, assertImage, assertRedirect } from "./support/assertions.mjs";
import { signed, SIGNING_KEY } from "./support/signing.mjs";
import { useWorker } from "./support/worker.mjs";

const TOKEN = "token-of-the-owner";
const own = { headers: { authorization: `Bearer ${TOKEN}` } };
const remove = { method: "DELETE", ...own };

describe("with tokens", () => {
  const worker = useWorker({
    instrumented: true,
    vars: { ACCESS_TOKENS: TOKEN, URL_SIGNING_KEY: SIGNING_KEY, ALLOWED_REFERERS: "example.com" },
  });
  const last = () => worker.upstreams.imageHost.published.at(-1);

  /** An image that is stored. @param {string} prompt */
  async function stored(prompt) {
    worker.upstreams.expect({ image: 1, download: 1 });
    const made = await worker.get("/", { prompt }, own);
    const id = assertRedirect(made);
    await worker.stored(id);
    return { id, bytes: last(), target: made.target };
  }

  test("a refreshed image takes the place of the stored one, and says so in its tag", async () => {
    const { id, bytes, target } = await stored("refreshed");
    worker.upstreams.expect({ image: 1, download: 1 });
    const fresh = await worker.get("/", { prompt: "refreshed", refresh: "1" }, own);
    assertImage(fresh, last(), { cache: "MISS" });
    assert.ok(!last()?.equals(bytes ?? Buffer.alloc(0)));
    assert.equal(fresh.headers["cache-control"], "no-store");
    assert.equal(fresh.headers["x-image-id"], id);
    assert.equal(fresh.headers.etag, undefined);
    while (!(await worker.stored(id)).bytes.equals(last() ?? Buffer.alloc(0)))
      await new Promise((resolve) => setTimeout(resolve, 20));
    for (const place of ["/?prompt=refreshed", target, `/i/${id}.png`]) {
      const reply = await worker.send(place);
      assertImage(reply, last(), { cache: "HIT" });
      assert.match(reply.headers.etag, new RegExp(`^W/"${id}-\\d{10}"$`));
    }
    const old = await worker.send("/?prompt=refreshed", { headers: { "if-none-match": `W/"${id}"` } });
    assert.equal(old.status, 200);
  });

  test("an image that is not stored is made by a refresh, too, at a URL with its id as well", async () => {
    worker.upstreams.expect({ image: 2, download: 2 });
    const made = await worker.get("/", { prompt: "never made", refresh: "yes" }, own);
    assertImage(made, last(), { cache: "MISS" });
    const id = made.headers["x-image-id"];
    assertImage(await worker.get("/", { prompt: "never made", refresh: "yes", id }, own), last(), { cache: "MISS" });
  });

  test("HEAD refreshes nothing", async () => {
    const { bytes } = await stored("only looked at");
    const head = await worker.send("/?prompt=only+looked+at&refresh=1", { method: "HEAD", ...own });
    assert.equal(`${head.status} ${head.headers["content-length"]}`, `200 ${bytes?.length}`);
  });

  test("a failed refresh leaves the stored image as it was", async () => {
    const { bytes } = await stored("kept");
    worker.upstreams.expect({ image: [{ status: 400, body: JSON.stringify({ code: 20015, message: "no" }) }] });
    assertError(await worker.get("/", { prompt: "kept", refresh: "1" }, own), 422, "prompt_rejected");
    assertImage(await worker.get("/", { prompt: "kept" }), bytes);
  });

  test("a refresh and a removal need a token: neither a signature, nor a listed page, nor a wrong token will do", async () => {
    const { id, bytes } = await stored("guarded");
    const page = { headers: { referer: "https://example.com/" } };
    const wrong = { headers: { authorization: "Bearer wrong" } };
    for (const caller of [{}, page, wrong]) {
      for (const target of [
        "/?prompt=guarded&refresh=1",
        signed("/?prompt=guarded&refresh=1"),
        "/prompt/guarded?refresh=on",
      ]) {
        assertError(await worker.send(target, caller), 401, "unauthorized");
      }
      for (const target of [`/i/${id}`, `/i/${id}.png`, "/i/nonsense", signed(`/i/${id}`)]) {
        assertError(await worker.send(target, { method: "DELETE", ...caller }), 401, "unauthorized");
      }
    }
    assertImage(await worker.send(`/i/${id}`), bytes, { cache: "HIT" });
  });

  test("a removed image is gone everywhere, and is made again where it is asked for", async () => {
    const { id, target } = await stored("removed");
    const gone = await worker.send(`/i/${id}.png`, remove);
    assert.equal(`${gone.status} ${gone.body.length}`, "204 0");
    const library = await worker.library();
    assert.equal(await library.get(`image:v1:${id}`), null);
    for (const place of [`/i/${id}`, `/i/${id}.png`, `/?id=${id}`])
      assertError(await worker.send(place), 404, "image_not_found");
    worker.upstreams.expect({ image: 1, download: 1 });
    assertImage(await worker.send(target, own), last(), { cache: "MISS" });
  });

  test("an image that was just made, and is not in KV's reach yet, can be removed", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    await worker.instruments.writes("fail");
    try {
      const id = assertRedirect(await worker.get("/", { prompt: "only its maker has it" }, own));
      assert.equal((await worker.send(`/i/${id}`)).status, 200);
      assert.equal((await worker.send(`/i/${id}`, remove)).status, 204);
      assertError(await worker.send(`/i/${id}`), 404, "image_not_found");
    } finally {
      await worker.instruments.writes("work");
    }
  });

  test("a removal says nothing of whether there was an image, and what is no id is not found", async () => {
    assert.equal((await worker.send(`/i/${"A".repeat(43)}`, remove)).status, 204);
    for (const name of ["nonsense", "A".repeat(44), `${"A".repeat(42)}%2F`, "..%2F..%2Fsecret"]) {
      assertError(await worker.send(`/i/${name}`, remove), 404, "image_not_found");
    }
    assertError(await worker.send(`/i/${"A".repeat(43)}/more`, remove), 404, "not_found");
    for (const path of ["/", "/?prompt=cat", "/v1/models", "/prompt/cat"]) {
      assertError(await worker.send(path, remove), 405, "method_not_allowed");
    }
  });

  test("who waits for an image gets it, also where somebody removes it meanwhile, and nobody after them", async () => {
    const { id } = await stored("removed too early");
    assert.equal((await worker.send(`/i/${id}`, remove)).status, 204);
    const { siliconflow } = worker.upstreams;
    const gate = held((call) => siliconflow.ordinary(call));
    worker.upstreams.expect({ image: [gate.answer], download: 1 });
    const made = worker.get("/", { prompt: "removed too early" }, own);
    await siliconflow.called(2);
    assert.equal((await worker.send(`/i/${id}`, remove)).status, 204);
    gate.release();
    const reply = await made;
    assertImage(reply, last());
    assert.deepEqual([reply.status, reply.headers["cache-control"]], [200, "no-store"]);
    assert.deepEqual([reply.headers["content-location"], reply.headers.etag], [undefined, undefined]);
    for (const path of [`/i/${id}`, `/?id=${id}`]) assertError(await worker.send(path), 404, "image_not_found");
    assert.equal((await (await worker.library()).list()).keys.filter(({ name }) => name.includes(id)).length, 0);
  });
});

describe("without tokens", () => {
  const worker = useWorker({ vars: { URL_SIGNING_KEY: SIGNING_KEY } });
  const open = useWorker();

  test("a refresh, a removal and /v1/sign are always 401", async () => {
    for (const each of [worker, open]) {
      for (const headers of [{}, { authorization: "Bearer " }, { authorization: "Bearer x" }]) {
        assertError(await each.send(signed("/?prompt=cat&refresh=1"), { headers }), 401, "unauthorized");
        assertError(await each.send(`/i/${"A".repeat(43)}`, { method: "DELETE", headers }), 401, "unauthorized");
        assertError(
          await each.send("/v1/sign", { method: "POST", headers, body: '{"url":"/?prompt=cat"}' }),
          401,
          "unauthorized",
        );
      }
    }
  });
});

describe("with a token and no signing key", () => {
  const worker = useWorker({ vars: { ACCESS_TOKENS: TOKEN }, kv: false });

  test("/v1/sign names the setting that is missing", async () => {
    const reply = await worker.send("/v1/sign", { method: "POST", ...own, body: '{"url":"/?prompt=cat"}' });
    assert.match(assertError(reply, 500, "misconfigured"), /URL_SIGNING_KEY/);
  });

  test("without KV an image is refreshed and removed where it was made", async () => {
    worker.upstreams.expect({ image: 2, download: 2 });
    const made = await worker.get("/", { prompt: "cat" }, own);
    const id = made.headers["x-image-id"];
    const fresh = await worker.get("/", { prompt: "cat", refresh: "1" }, own);
    assert.ok(!fresh.body.equals(made.body));
    assertImage(await worker.get(`/i/${id}`), fresh.body);
    assert.equal((await worker.send(`/i/${id}`, remove)).status, 204);
    assertError(await worker.get(`/i/${id}`), 404, "image_not_found");
  });
});
