/**
 * Holds the built Worker against the least Worker that could do its job: `npm run bench`.
 *
 * All figures are medians of alternating rounds, with their spread. `--quick` takes fewer and shorter rounds; `--json FILE`
 * writes the figures.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { alternate, cpuMs, duration, throughput, workerdPid } from "./measure.js";
import { UPSTREAM_MS, picture, startWorkers } from "./workers.js";

const { values: options } = parseArgs({
  options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
});

const ROUNDS = options.quick ? 3 : 5;
const SECONDS = options.quick ? 1 : 2;
/** @type {Record<string, number>} in bytes */
const SIZES = { "10 KB": 10_000, "150 KB": 150_000, "1 MB": 1_000_000 };
const CONNECTIONS = [1, 8, 64];
/** The size of which the other cases are asked for, and the connections. */
const USUAL = { size: "150 KB", prompt: "hit150000", connections: 8 };
const CALLERS = 200;

/**
 * @typedef {import("./measure.js").Load} Load
 * @typedef {import("./measure.js").Spread} Spread
 * @typedef {import("./workers.js").BenchWorkers} BenchWorkers
 */

/** @type {Record<string, Record<"worker" | "floor", Spread> & {ratio: number}>} by case and connections */
const throughputFigures = {};

/** @param {Spread} figures */
const show = ({ median, min, max }, digits = 0) =>
  `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
/** @param {string} url @param {RequestInit} [init] */
const read = async (url, init) => (await fetch(url, init)).arrayBuffer();
/** @param {BenchWorkers} workers */
const floorHit = (workers, prompt = USUAL.prompt) => ({ url: `${workers.floor}/?prompt=${prompt}`, status: 200 });

/**
 * Puts a picture where each Worker looks for it, under the same prompt; its id.
 *
 * @param {BenchWorkers} workers
 * @param {string} prompt
 * @param {number} bytes
 */
async function stock(workers, prompt, bytes) {
  const image = picture(bytes);
  const made = await fetch(`${workers.worker}/?prompt=${prompt}`, { redirect: "manual" });
  const id = new URL(made.headers.get("location") ?? "").searchParams.get("id");
  await made.arrayBuffer();
  const key = `image:v1:${id}`;
  let stored = null;
  while (!stored?.metadata) stored = await workers.library.getWithMetadata(key, "arrayBuffer");
  const value = image.buffer.slice(image.byteOffset, image.byteOffset + image.length);
  await workers.library.put(key, value, { metadata: { ...stored.metadata, bytes } });
  await workers.library.put(`floor:${prompt}`, value, { metadata: { type: "image/jpeg" } });
  return id;
}

/**
 * The throughput of one case beside the floor's, as a row of the table.
 *
 * @param {string} name
 * @param {number} connections
 * @param {Load} request
 * @param {Load} floor
 */
async function compare(name, connections, request, floor) {
  const sides = await alternate(ROUNDS, {
    worker: () => throughput(request, connections, SECONDS),
    floor: () => throughput(floor, connections, SECONDS),
  });
  const ratio = sides.worker.median / sides.floor.median;
  throughputFigures[`${name}, ${connections}`] = { ...sides, ratio };
  console.log(
    `${name.padEnd(20)}${String(connections).padStart(4)}${show(sides.worker).padStart(20)}${show(sides.floor).padStart(20)}${ratio.toFixed(2).padStart(7)}`,
  );
}

/** @param {BenchWorkers} workers */
async function throughputs(workers) {
  console.log(`answers a second, median (min–max) of ${ROUNDS} alternating rounds of ${SECONDS} s\n`);
  console.log(`${"case".padEnd(20)} con${"worker".padStart(20)}${"floor's hit".padStart(20)}  ratio`);
  for (const [size, bytes] of Object.entries(SIZES)) {
    const prompt = `hit${bytes}`;
    const id = await stock(workers, prompt, bytes);
    const byPrompt = { url: `${workers.worker}/?prompt=${prompt}`, status: 200 };
    for (const connections of CONNECTIONS)
      await compare(`hit ${size}`, connections, byPrompt, floorHit(workers, prompt));
    if (size !== USUAL.size) continue;
    const known = { url: `${byPrompt.url}&id=${id}`, headers: { "if-none-match": `W/"${id}"` }, status: 304 };
    const wrong = { url: `${workers.worker}/?prompt=x&size=1x1`, status: 400 };
    const cases = {
      "by permalink": { url: `${workers.worker}/i/${id}.jpg`, status: 200 },
      304: known,
      "error as JSON": wrong,
      "error as a card": { ...wrong, headers: { accept: "image/*" } },
    };
    for (const [name, request] of Object.entries(cases))
      await compare(name, USUAL.connections, request, floorHit(workers));
  }
}

/** The usage page is a static file: here both Workers have the router of those before them. */
async function usagePage() {
  const workers = await startWorkers(["worker", "floor"], { assets: true });
  try {
    const value = picture(SIZES[USUAL.size]);
    await workers.library.put(`floor:${USUAL.prompt}`, value.buffer, { metadata: { type: "image/jpeg" } });
    await compare("usage page", USUAL.connections, { url: `${workers.worker}/`, status: 200 }, floorHit(workers));
  } finally {
    await workers.stop();
  }
}

/**
 * CPU time of workerd for a request, with what the local KV, the sockets and the upstreams' take.
 *
 * @param {BenchWorkers} workers
 */
async function cpu(workers) {
  const pid = workerdPid();
  let made = 0;
  /** @param {number} count @param {() => Promise<unknown>} send */
  const each = (count, send) => async () => {
    const before = cpuMs(pid);
    for (let at = 0; at < count; at += 1) await send();
    return (cpuMs(pid) - before) / count;
  };
  /** @param {string} origin */
  const fresh = (origin) => () => read(`${origin}/?prompt=cpu${(made += 1)}`, { redirect: "manual" });
  const [hits, news] = options.quick ? [300, 10] : [1_000, 20];
  const figures = {
    ...(await alternate(ROUNDS, {
      "hit, worker": each(hits, () => read(`${workers.worker}/?prompt=${USUAL.prompt}`)),
      "hit, floor": each(hits, () => read(floorHit(workers).url)),
    })),
    ...(await alternate(ROUNDS, {
      "new image, worker": each(news, fresh(workers.worker)),
      "new image, null": each(news, fresh(workers.null)),
    })),
  };
  console.log("\nCPU of workerd for a request, ms");
  for (const [name, ms] of Object.entries(figures)) console.log(`${name.padEnd(24)}${show(ms, 2)}`);
  return figures;
}

/** @param {BenchWorkers} workers */
async function newImages(workers) {
  /** @param {string} origin @param {string} name */
  const beyond = (origin, name) => async (/** @type {number} */ at) =>
    (await duration(() => read(`${origin}/?prompt=${name}${at}`, { redirect: "manual" }))) - UPSTREAM_MS;
  const newImageMs = await alternate(options.quick ? 20 : 50, {
    worker: beyond(workers.worker, "new"),
    null: beyond(workers.null, "new"),
  });
  const { worker, null: least } = newImageMs;
  console.log(
    `\na new image, beyond the upstream's ${UPSTREAM_MS} ms: worker ${show(worker, 1)} ms, null ${show(least, 1)} ms`,
  );
  return newImageMs;
}

/** @param {BenchWorkers} workers */
async function crowds(workers) {
  const before = workers.calls.image;
  /** @param {number} round */
  const crowd = async (round) => {
    const ends = await Promise.all(
      Array.from({ length: CALLERS }, async () => {
        const reply = await fetch(`${workers.worker}/?prompt=crowd${round}`, { redirect: "manual" });
        assert.equal(reply.status, 302);
        return performance.now();
      }),
    );
    return Math.max(...ends) - Math.min(...ends);
  };
  const { windowMs } = await alternate(ROUNDS, { windowMs: crowd });
  const calls = (workers.calls.image - before) / ROUNDS;
  console.log(
    `${CALLERS} callers of one new image: image calls ${calls}, the last redirect ${show(windowMs)} ms after the first`,
  );
  return { windowMs, calls };
}

/** From spawning workerd to its first answer, which takes one read of KV. */
async function starts() {
  /** @param {"worker" | "floor"} name @param {string} path */
  const start = (name, path) => async () => {
    const began = performance.now();
    const workers = await startWorkers([name]);
    await workers.library.put("floor:start", "an image", { metadata: { type: "text/plain" } });
    await read(workers[name] + path);
    const took = performance.now() - began;
    await workers.stop();
    return took;
  };
  const { worker, floor } = await alternate(ROUNDS, {
    worker: start("worker", `/i/${"A".repeat(43)}`),
    floor: start("floor", "/?prompt=start"),
  });
  const ownShare = worker.median - floor.median;
  console.log(
    `start of workerd, to the first answer: worker ${show(worker)} ms, floor ${show(floor)} ms: its own share ${ownShare.toFixed(0)} ms`,
  );
  return { worker, floor, ownShare };
}

/** The figures for which all three run at once. */
async function besideEachOther() {
  const workers = await startWorkers(["worker", "floor", "null"]);
  try {
    await throughputs(workers);
    return { cpuMs: await cpu(workers), newImageMs: await newImages(workers), crowd: await crowds(workers) };
  } finally {
    await workers.stop();
  }
}

const { cpuMs: cpuFigures, newImageMs, crowd } = await besideEachOther();
await usagePage();
const startMs = await starts();

const { "hit 150 KB, 8": hit, "304, 8": known } = throughputFigures;
const added = newImageMs.worker.median - newImageMs.null.median;
const cpuRatio = cpuFigures["hit, worker"].median / cpuFigures["hit, floor"].median;
/** @type {[goal: string, figure: number, relation: "<=" | ">=", limit: number][]} */
const GOALS = [
  ["hit, 150 KB, 8 connections: of the floor's throughput", hit.ratio, ">=", 0.8],
  ["304: of the throughput of the floor's hit", known.ratio, ">=", 1.5],
  ["CPU of a hit: times the floor's", cpuRatio, "<=", 1.5],
  ["a new image: ms more than the null Worker", added, "<=", 15],
  [`${CALLERS} callers of one new image: image calls`, crowd.calls, "<=", 1],
  [`${CALLERS} callers of one new image: ms from the first redirect to the last`, crowd.windowMs.median, "<=", 150],
];
console.log("");
for (const [goal, figure, relation, limit] of GOALS) {
  const held = relation === ">=" ? figure >= limit : figure <= limit;
  console.log(`${held ? "held    " : "not held"}  ${goal}: ${figure.toFixed(2)} (wanted ${relation} ${limit})`);
}
if (options.json) {
  const figures = {
    rounds: ROUNDS,
    seconds: SECONDS,
    throughput: throughputFigures,
    cpuMs: cpuFigures,
    newImageMs,
    crowd,
    startMs,
  };
  writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
}
