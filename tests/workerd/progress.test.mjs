/** An image's making, as it happens: streams of events from objects, through the Worker, to whoever reads them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { held, json } from "./support/answers.mjs";
import { assertError, assertImage } from "./support/assertions.mjs";
import { watch } from "./support/events.mjs";
import { times } from "./support/http.mjs";
import { ERRORS } from "./support/siliconflow.mjs";
import { useWorker } from "./support/worker.mjs";

const STEPS = ["prompt", "drawing", "fetching", "storing", "done"];

describe("one key", () => {
  const worker = useWorker({ rateLimit: 1_000 });

  /** An image call that waits until it is released. */
  const gate = () => held((call) => worker.upstreams.siliconflow.ordinary(call));

  test("every step of an image is an event, and the last one names it", async () => {
    worker.upstreams.expect({ chat: 1, image: 1, download: 1 });
    const stream = await watch(worker.origin, { prompt: "一步一步", seed: "7" });
    assert.equal(stream.status, 200);
    assert.match(stream.headers["content-type"], /^text\/event-stream/);
    assert.deepEqual([stream.headers["cache-control"], stream.headers.vary], ["no-store", "Accept"]);
    assert.deepEqual(await stream.end(), ["rewriting", ...STEPS]);
    const { data } = await stream.until("done");
    const { data: drawing } = await stream.until("drawing");
    assert.deepEqual([drawing.model, drawing.provider], [data.model, "SiliconFlow"]);
    assert.deepEqual([data.seed, data.cached, data.prompt_status], [7, false, "translated"]);
    assert.equal(data.url, `${worker.origin}/i/${data.id}.png`);
    const picture = await worker.send(new URL(data.url).pathname);
    assertImage(picture, worker.upstreams.imageHost.published.at(-1));
    assert.equal(picture.body.length, data.bytes);
    await worker.stored(data.id);
    const again = await watch(worker.origin, { prompt: "一步一步", seed: "7" });
    assert.deepEqual(await again.end(), ["done"]);
    assert.equal((await again.until("done")).data.cached, true);
  });

  test("twenty listen to one image, one leaves, one stalls, one comes late: it is made once and told to all", async () => {
    const hold = gate();
    worker.upstreams.expect({ image: [hold.answer], download: 1 });
    const streams = await times(20, () => watch(worker.origin, { prompt: "twenty listen" }));
    await Promise.all(streams.map((stream) => stream.until("drawing")));
    const [leaving, stalled, ...rest] = streams;
    leaving.leave();
    stalled.stall();
    const late = await watch(worker.origin, { prompt: "twenty listen" });
    await late.until("drawing");
    assert.deepEqual(late.brief, ["prompt", "drawing"]);
    hold.release();
    for (const stream of [...rest, late]) assert.deepEqual(await stream.end(), STEPS);
    assert.ok(!stalled.ended);
    stalled.resume();
    assert.deepEqual(await stalled.end(), STEPS);
    const ids = await Promise.all(rest.map((stream) => stream.until("done")));
    assert.equal(new Set(ids.map(({ data }) => data.id)).size, 1);
  });

  test("when all who listened have left, the image is made", async () => {
    const hold = gate();
    worker.upstreams.expect({ image: [hold.answer], download: 1 });
    const stream = await watch(worker.origin, { prompt: "nobody listens" });
    await stream.until("drawing");
    stream.leave();
    hold.release();
    await worker.upstreams.imageHost.called(1);
    const after = await watch(worker.origin, { prompt: "nobody listens" });
    assert.equal((await after.end()).at(-1), "done");
  });

  test("a failure is an event; the same before anything is begun is an ordinary answer", async () => {
    worker.upstreams.expect({ image: [ERRORS.rejected] });
    const stream = await watch(worker.origin, { prompt: "refused" });
    assert.deepEqual(await stream.end(), ["prompt", "drawing", "error"]);
    const { data } = await stream.until("error");
    assert.deepEqual([data.code, data.status, data.param], ["prompt_rejected", 422, null]);
    const accept = "text/event-stream";
    assertError(await worker.get("/", { prompt: "x", size: "1" }, { headers: { accept } }), 400, "invalid_parameter");
  });

  test("callers in line are told their places, once a second at most, and move up", async () => {
    const { siliconflow, imageHost } = worker.upstreams;
    imageHost.allow();
    const holds = [0, 1, 2, 3].map(gate);
    siliconflow.expect(...holds.map(({ answer }) => answer));
    const streams = [];
    for (const n of [0, 1, 2, 3]) {
      const stream = await watch(worker.origin, { prompt: `in line ${n}` });
      await stream.until(n === 0 ? "drawing" : `waiting ${n}`);
      streams.push(stream);
    }
    for (const [n, stream] of streams.entries()) {
      await stream.until("drawing");
      holds[n].release();
      await stream.end();
      const next = streams[n + 2];
      if (next) await next.until("waiting 1");
    }
    for (const stream of streams) {
      const told = stream.all.filter(({ data }) => data?.step === "waiting");
      const gaps = told.slice(1).map(({ at }, before) => at - told[before].at);
      assert.ok(
        gaps.every((gap) => gap > 900),
        `${gaps} ms apart`,
      );
    }
  });

  test("a key that rests is waited for with a countdown that is true", async () => {
    const busy = json({ message: "Too many requests", data: null }, { status: 429, headers: { "retry-after": "3" } });
    worker.upstreams.expect({ image: [busy, 1], download: 1 });
    const stream = await watch(worker.origin, { prompt: "a countdown" });
    const waiting = await stream.until("waiting 1");
    await stream.end();
    const drawings = stream.all.filter(({ data }) => data?.step === "drawing");
    const error = waiting.at + waiting.data.ready_in_ms - drawings[1].at;
    assert.ok(Math.abs(error) < 1_000, `${error} ms`);
  });

  test("the steps of a stand-in come from another object, and are forwarded", async () => {
    const hold = gate();
    worker.upstreams.glm.allow(() => json({ error: { message: "no" } }, { status: 500 }));
    worker.upstreams.expect({ image: [hold.answer], download: 1 });
    const stream = await watch(worker.origin, { prompt: "另一个对象画的图" });
    await stream.until("drawing");
    const late = await watch(worker.origin, { prompt: "另一个对象画的图" });
    await late.until("drawing");
    hold.release();
    assert.deepEqual(await stream.end(), ["rewriting", ...STEPS]);
    assert.deepEqual(await late.end(), STEPS);
    const { data } = await stream.until("prompt");
    assert.deepEqual(data, { prompt: "另一个对象画的图", status: "fallback" });
  });
});

describe("a maker that dies", () => {
  const worker = useWorker({
    around: ["tests/workerd/support/dying.mjs"],
    vars: { IMAGE_API_KEYS: "k1,k2,k3" },
  });

  /** Kills the maker of the image that this stream is about. @param {string} prompt */
  async function kill(prompt) {
    const { headers } = await worker.get("/", { prompt }, { method: "HEAD" });
    await worker.get("/__die", { id: headers["x-image-id"] });
  }

  test("once is asked again; twice is an error event, and the stream ends", async () => {
    const { siliconflow, imageHost } = worker.upstreams;
    imageHost.allow();
    const gates = [0, 1, 2].map(() => held((call) => siliconflow.ordinary(call)));
    siliconflow.expect(...gates.map(({ answer }) => answer));
    const stream = await watch(worker.origin, { prompt: "dies twice" });
    await siliconflow.called(1);
    await kill("dies twice");
    await siliconflow.called(2);
    assert.ok(!stream.ended);
    await kill("dies twice");
    assert.equal((await stream.end()).at(-1), "error");
    const { data } = await stream.until("error");
    assert.deepEqual([data.code, data.status], ["upstream_error", 502]);

    const once = await watch(worker.origin, { prompt: "dies once" });
    await siliconflow.called(3);
    await kill("dies once");
    gates.forEach(({ release }) => release());
    siliconflow.allow();
    assert.equal((await once.end()).at(-1), "done");
  });
});

describe("a trap", () => {
  const worker = useWorker({ around: ["tests/workerd/support/trapping.mjs", "tests/workerd/support/traps.mjs"] });

  test("ends the streams that it breaks within two seconds, and the next one works", async () => {
    const { siliconflow, imageHost } = worker.upstreams;
    imageHost.allow();
    const hold = held((call) => siliconflow.ordinary(call));
    siliconflow.expect(hold.answer);
    const stream = await watch(worker.origin, { prompt: "broken off" });
    await stream.until("drawing");
    const start = Date.now();
    await worker.get("/", { prompt: "a trap" }, { headers: { "x-trap": "at-once" } });
    await stream.end();
    assert.ok(Date.now() - start < 2_000, `${Date.now() - start} ms`);
    assert.ok(!stream.brief.includes("done"), `${stream.brief}`);
    hold.release();
    siliconflow.allow();
    const next = await watch(worker.origin, { prompt: "after the trap" });
    assert.equal((await next.end()).at(-1), "done");
  });
});
