/** The library in KV: what is written there, and what happens when it cannot be. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertError, assertImage, assertRedirect } from "./support/assertions.mjs";
import { startWorker, useStorage, useWorker } from "./support/worker.mjs";
/** @import { Parameters } from "./support/http.mjs" */

const THIRTY_DAYS = 2_592_000;

describe("an image that is stored", () => {
  const worker = useWorker();

  test("lies under image:v1:{id} as bytes, with what made it as metadata, for thirty days", async () => {
    worker.upstreams.expect({ chat: [worker.upstreams.glm.says("a lighthouse")], image: 1, download: 1 });
    const before = Date.now() / 1_000;
    const id = assertRedirect(await worker.get("/", { prompt: "灯塔", size: "64x96" }));
    const { bytes, metadata } = await worker.stored(id);
    assert.ok(bytes.equals(worker.upstreams.imageHost.published.at(-1) ?? Buffer.alloc(0)));
    const text = JSON.stringify(metadata);
    for (const part of [
      worker.upstreams.imageHost.calls[0].url,
      "black-forest-labs/FLUX.1-schnell",
      "4000000001",
      "a lighthouse",
      "image/png",
    ]) {
      assert.ok(text.includes(part), `${part} in ${text}`);
    }
    assert.ok(
      Object.values(metadata ?? {}).some((value) => typeof value === "number" && Math.abs(value - before) < 60),
      text,
    );

    const { keys } = await (await worker.library()).list();
    const [key] = keys.filter(({ name }) => name === `image:v1:${id}`);
    assert.ok(Math.abs((key.expiration ?? 0) - before - THIRTY_DAYS) < 60, `expires at ${key.expiration}`);
  });

  for (const [what, prompt] of [
    ["of 2,000 Chinese characters", "长".repeat(2_000)],
    ["of quotation marks and backslashes", '\\"'.repeat(1_000)],
    ["of emoji", "👩‍👧".repeat(600)],
  ]) {
    test(`the metadata of a prompt ${what} stays under KV's limit, and the header X-Prompt is cut the same way`, async () => {
      worker.upstreams.glm.allow(worker.upstreams.glm.says("")); // no rewriting: the prompt stays long
      worker.upstreams.expect({ image: 1, download: 1 });
      const reply = await worker.get("/", { prompt });
      assert.equal(reply.status, 302, reply.text());
      const id = reply.headers["x-image-id"];
      const { metadata } = await worker.stored(id);
      assert.ok(Buffer.byteLength(JSON.stringify(metadata)) <= 1_024);
      const told = decodeURIComponent((await worker.get(`/i/${id}`)).headers["x-prompt"]);
      assert.match(told, /…$/);
      assert.ok(prompt.startsWith(told.slice(0, -1)) && told.length > 100, told);
    });
  }

  test("costs one read of the store when it is asked for, at whichever of its URLs, and soon not even that", async (context) => {
    const counted = await startWorker({ instrumented: true });
    context.after(() => counted.stop());
    counted.upstreams.expect({ image: 1, download: 1 });
    const made = await counted.get("/", { prompt: "counted" });
    const id = assertRedirect(made);
    await counted.stored(id);
    const read = [`get image:v1:${id}`];
    for (const [target, operations] of /** @type {[string, string[]][]} */ ([
      ["/?prompt=counted", read],
      [made.target, read],
      [`/?id=${id}`, []],
      [`/i/${id}.png`, []],
    ])) {
      await counted.instruments.forget();
      assert.equal((await counted.send(target)).status, 200);
      assert.deepEqual(await counted.instruments.operations(), operations, target);
    }
    counted.upstreams.check();
  });
});

for (const [ttl, expires] of /** @type {[string, number?][]} */ ([["0"], ["60", 60]])) {
  test(`CACHE_TTL=${ttl} keeps an image ${expires ? `for ${expires} seconds` : "for ever"}`, async (context) => {
    const worker = await startWorker({ vars: { CACHE_TTL: ttl } });
    context.after(() => worker.stop());
    worker.upstreams.expect({ image: 1, download: 1 });
    const now = Date.now() / 1_000;
    const id = assertRedirect(await worker.get("/", { prompt: "kept" }));
    await worker.stored(id);
    const { keys } = await (await worker.library()).list();
    assert.deepEqual(
      keys.map(({ name }) => name),
      [`image:v1:${id}`],
    );
    const left = keys[0].expiration && keys[0].expiration - now;
    assert.ok(expires ? Math.abs((left ?? 0) - expires) < 15 : left === undefined, `expires in ${left} s`);
  });
}

describe("a KV in trouble", () => {
  const worker = useWorker({ instrumented: true });

  test("is read once more, and a prompt's URL then goes on to make the image", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    await worker.instruments.reads("fail");
    await worker.instruments.forget();
    const made = await worker.get("/", { prompt: "unreadable" });
    const id = assertRedirect(made);
    const reads = (await worker.instruments.operations()).filter((operation) => operation.startsWith("get "));
    assert.deepEqual(reads, [`get image:v1:${id}`, `get image:v1:${id}`]);
    // What made it still has it.
    for (const target of [made.target, `/?id=${id}`, `/i/${id}`]) {
      assertImage(await worker.send(target), worker.upstreams.imageHost.published.at(-1));
    }
    await worker.instruments.reads("work");
  });

  test("is 503 for a permalink that nobody else has, and says when to come back", async () => {
    await worker.instruments.reads("fail");
    for (const [pathname, parameters] of /** @type {[string, Parameters?][]} */ ([
      [`/i/${"A".repeat(43)}`],
      ["/", { id: "A".repeat(43) }],
    ])) {
      const reply = await worker.get(pathname, parameters);
      assertError(reply, 503, "store_unavailable");
      assert.match(reply.headers["retry-after"], /^[1-9]\d*$/);
    }
    await worker.instruments.reads("work");
  });

  test("costs the caller nothing when it cannot be written: the image is at each of its URLs, and stored later", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    await worker.instruments.writes("fail");
    const made = await worker.get("/", { prompt: "unwritten" });
    const id = assertRedirect(made);
    const bytes = worker.upstreams.imageHost.published.at(-1);
    const assertThere = async () => {
      for (const target of ["/?prompt=unwritten", made.target, `/?id=${id}`, `/i/${id}.png`]) {
        assertImage(await worker.send(target), bytes);
      }
    };
    await assertThere();
    for (let hours = 0; hours < 30; hours += 5) {
      await worker.instruments.pass(5 * 60 * 60);
      await worker.instruments.wake(id);
      await assertThere();
    }
    await worker.instruments.writes("work");
    await worker.instruments.pass(5 * 60 * 60);
    await worker.instruments.wake(id);
    assert.ok((await worker.stored(id)).bytes.equals(bytes ?? Buffer.alloc(0)));
    await assertThere();
  });
});

describe("a Worker that starts again on the same storage", () => {
  const storage = useStorage();

  test("has what was stored before, and what a maker kept while KV would not take it", async () => {
    const first = await startWorker({ instrumented: true, storage: storage.folder });
    first.upstreams.expect({ image: 2, download: 2 });
    const stored = assertRedirect(await first.get("/", { prompt: "stored before" }));
    await first.stored(stored);
    await first.instruments.writes("fail");
    const kept = assertRedirect(await first.get("/", { prompt: "kept before" }));
    first.upstreams.check();
    const [storedBytes, keptBytes] = first.upstreams.imageHost.published;
    await first.stop();

    const second = await startWorker({ storage: storage.folder });
    try {
      assertImage(await second.get("/", { prompt: "stored before" }), storedBytes, { cache: "HIT" });
      assertImage(await second.get(`/i/${stored}`), storedBytes);
      assertImage(await second.get("/", { prompt: "kept before" }), keptBytes);
      assertImage(await second.get(`/i/${kept}`), keptBytes);
      second.upstreams.check();
    } finally {
      await second.stop();
    }
  });
});
