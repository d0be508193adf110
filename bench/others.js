/** What is not a load: new pictures, base64, crowds, starts. */
import assert from "node:assert/strict";
import { alternate, cpuMs, duration, spread, workerdPid } from "./measure.js";
import { stock } from "./pictures.js";
import { record } from "./report.js";
import { UPSTREAM_MS, startWorkers } from "./workers.js";

/** @typedef {import("./workers.js").BenchWorkers} BenchWorkers */

const CALLERS = 200;
/** Answers for one figure of CPU time. */
const ANSWERS = 40;

/** @param {string} url @param {RequestInit} [init] */
const read = async (url, init) => (await fetch(url, init)).arrayBuffer();

/**
 * How long a new picture takes beyond the image API, and the CPU time of workerd for it, with what the local KV, the sockets
 * and the upstreams' answers take.
 *
 * @param {BenchWorkers} workers
 * @param {number} rounds
 */
export async function newPictures(workers, rounds) {
  const pid = workerdPid();
  /** @param {"worker" | "null"} name */
  const fresh = (name) => async (/** @type {number} */ at) => {
    const before = cpuMs(pid);
    const took = await duration(() => read(`${workers[name]}/?prompt=new${at}`, { redirect: "manual" }));
    return { ms: took - UPSTREAM_MS, cpu: cpuMs(pid) - before };
  };
  const figures = await alternate(rounds, { worker: fresh("worker"), null: fresh("null") });
  console.log(`\na new picture, beyond the ${UPSTREAM_MS} ms of the image API`);
  record("a new picture", spread(figures.worker.map(({ ms }) => ms)));
  record("a new picture, null", spread(figures.null.map(({ ms }) => ms)));
  record("CPU of a new picture", spread(figures.worker.map(({ cpu }) => cpu)));
  record("CPU of a new picture, null", spread(figures.null.map(({ cpu }) => cpu)));
}

/**
 * The CPU time of a picture of 1 MB as base64, and as it is.
 *
 * @param {BenchWorkers} workers
 * @param {number} rounds
 */
export async function base64(workers, rounds) {
  const [{ prompt }] = await stock(workers, 1_000_000, 1);
  const pid = workerdPid();
  /** @param {string} path @param {RequestInit} [init] */
  const each = (path, init) => async () => {
    const before = cpuMs(pid);
    for (let at = 0; at < ANSWERS; at += 1) await read(workers.worker + path, init);
    return (cpuMs(pid) - before) / ANSWERS;
  };
  const body = JSON.stringify({ prompt, size: "512x512", response_format: "b64_json" });
  const figures = await alternate(rounds, {
    get: each(`/?prompt=${prompt}`),
    json: each("/v1/images/generations", { method: "POST", body }),
  });
  console.log("\na picture of 1 MB");
  record("CPU of its GET", spread(figures.get));
  record("CPU of b64_json", spread(figures.json));
}

/**
 * Many callers of one new picture: the image calls that it takes.
 *
 * @param {BenchWorkers} workers
 * @param {number} rounds
 */
export async function crowds(workers, rounds) {
  const before = workers.calls.image;
  /** @param {number} round */
  const crowd = async (round) => {
    const caller = async () => {
      const reply = await fetch(`${workers.worker}/?prompt=crowd${round}`, { redirect: "manual" });
      assert.equal(reply.status, 302);
      return performance.now();
    };
    const ends = await Promise.all(Array.from({ length: CALLERS }, caller));
    return Math.max(...ends) - Math.min(...ends);
  };
  const { window } = await alternate(rounds, { window: crowd });
  console.log(`\n${CALLERS} callers of one new picture`);
  record(`${CALLERS} callers, first to last`, spread(window));
  return (workers.calls.image - before) / rounds;
}

/** What is stored for a first answer: where the floor looks, and where the Worker does, with the least of a record. */
const FIRST_ID = "A".repeat(43);
const FIRST = {
  "floor:start": { type: "image/jpeg" },
  [`image:v1:${FIRST_ID}`]: {
    ...{ type: "image/jpeg", bytes: 8, model: "model", prompt: "start", status: "original", time: 1 },
    asked: { p: "start", s: { width: 512, height: 512 }, m: "model" },
  },
};

/**
 * From spawning workerd to its first answer, a picture that takes one read of KV.
 *
 * @param {number} rounds
 */
export async function starts(rounds) {
  /** @param {"worker" | "floor"} name @param {string} path */
  const start = (name, path) => async () => {
    const began = performance.now();
    const workers = await startWorkers([name]);
    for (const [key, metadata] of Object.entries(FIRST)) await workers.library.put(key, "an image", { metadata });
    const reply = await fetch(workers[name] + path);
    assert.deepEqual([reply.status, await reply.text()], [200, "an image"]);
    const took = performance.now() - began;
    await workers.stop();
    return took;
  };
  const { worker, floor } = await alternate(rounds, {
    worker: start("worker", `/i/${FIRST_ID}`),
    floor: start("floor", "/?prompt=start"),
  });
  console.log("\nfrom spawning workerd to the first answer");
  record("start", spread(worker));
  record("start, floor", spread(floor));
}
