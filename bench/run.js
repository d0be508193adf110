/**
 * Holds the built Worker against the least Worker that could do its job: `npm run bench`.
 *
 * Throughput in alternating rounds, so that a drifting machine bears on both alike; medians with their spread; ratios.
 * `--quick` takes fewer and shorter rounds; `--json FILE` writes the figures.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { cpuMs, durations, spread, throughput, workerdPid } from "./measure.js";
import { UPSTREAM_MS, picture, startWorkers } from "./workers.js";

const quick = process.argv.includes("--quick");
const ROUNDS = quick ? 3 : 5;
const SECONDS = quick ? 1 : 2;
const SIZES = { "10 KB": 10_000, "150 KB": 150_000, "1 MB": 1_000_000 };
const CONNECTIONS = [1, 8, 64];

const figures = { rounds: ROUNDS, seconds: SECONDS, throughput: [], cpu: {}, added: {}, crowd: {} };
const round1 = (number) => Math.round(number * 10) / 10;

/** Puts a picture where each Worker looks for it, under the same prompt. */
async function stock(workers, prompt, bytes) {
  const image = picture(bytes);
  const wanted = await fetch(`${workers.worker}/?prompt=${prompt}`, { method: "HEAD" });
  assert.equal(wanted.status, 404);
  const made = await fetch(`${workers.worker}/?prompt=${prompt}`, { redirect: "manual" });
  const id = new URL(made.headers.get("location")).searchParams.get("id");
  await made.arrayBuffer();
  const key = `image:v1:${id}`;
  let stored = null;
  while (!stored?.metadata) stored = await workers.library.getWithMetadata(key, "arrayBuffer");
  const value = image.buffer.slice(image.byteOffset, image.byteOffset + image.length);
  await workers.library.put(key, value, { metadata: { ...stored.metadata, bytes } });
  await workers.library.put(`floor:${prompt}`, value, { metadata: { type: "image/jpeg" } });
  return id;
}

/** One case in alternating rounds, as a row of the table. */
async function compare(name, connections, request, floor) {
  const own = [];
  const least = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    own.push(await throughput(request, connections, SECONDS));
    least.push(await throughput(floor, connections, SECONDS));
  }
  const [worker, base] = [spread(own), spread(least)];
  const row = { name, connections, worker, floor: base, ratio: worker.median / base.median };
  figures.throughput.push(row);
  const show = ({ median, min, max }) => `${median.toFixed(0)} (${min.toFixed(0)}–${max.toFixed(0)})`;
  console.log(
    `${name.padEnd(26)} ${String(connections).padStart(3)}  ${show(worker).padStart(18)} ${show(base).padStart(18)}  ${row.ratio.toFixed(2)}`,
  );
}

const startedAt = performance.now();
const workers = await startWorkers();
try {
  const first = await fetch(`${workers.worker}/health`);
  assert.equal(first.status, 200);
  figures.startMs = performance.now() - startedAt;

  console.log(`answers a second, median (min–max) of ${ROUNDS} alternating rounds of ${SECONDS} s\n`);
  console.log(`${"case".padEnd(26)} con  ${"worker".padStart(18)} ${"floor's hit".padStart(18)}  ratio`);
  const floorHit = (prompt) => ({ url: `${workers.floor}/?prompt=${prompt}`, status: 200 });
  for (const [size, bytes] of Object.entries(SIZES)) {
    const prompt = `hit${bytes}`;
    const id = await stock(workers, prompt, bytes);
    const byPrompt = { url: `${workers.worker}/?prompt=${prompt}`, status: 200 };
    for (const connections of CONNECTIONS) await compare(`hit ${size}`, connections, byPrompt, floorHit(prompt));
    if (bytes !== SIZES["150 KB"]) continue;
    await compare("permalink 150 KB", 8, { url: `${workers.worker}/i/${id}.jpg`, status: 200 }, floorHit(prompt));
    const known = { url: `${byPrompt.url}&id=${id}`, headers: { "if-none-match": `W/"${id}"` }, status: 304 };
    await compare("304", 8, known, floorHit(prompt));
    const wrong = { url: `${workers.worker}/?prompt=x&size=1x1`, status: 400 };
    await compare("error as JSON", 8, wrong, floorHit(prompt));
    await compare("error as a card", 8, { ...wrong, headers: { accept: "image/*" } }, floorHit(prompt));
  }

  const pid = workerdPid();
  const cpu = async (name, count, send) => {
    const before = cpuMs(pid);
    await durations(count, send);
    figures.cpu[name] = (cpuMs(pid) - before) / count;
  };
  const read = async (url, options) => (await fetch(url, options)).arrayBuffer();
  const hits = quick ? 500 : 2_000;
  await cpu("hit, worker", hits, () => read(`${workers.worker}/?prompt=hit150000`));
  await cpu("hit, floor", hits, () => read(floorHit("hit150000").url));
  const news = quick ? 20 : 50;
  const fresh = (base, name) => (at) => read(`${base}/?prompt=${name}${at}`, { redirect: "manual" });
  await cpu("new image, worker", news, fresh(workers.worker, "cpu"));
  await cpu("new image, null", news, fresh(workers.null, "cpu"));
  console.log("\nCPU of workerd for a request, KV and upstream sockets included, ms");
  for (const [name, ms] of Object.entries(figures.cpu)) console.log(`${name.padEnd(26)} ${ms.toFixed(2)}`);

  const own = spread((await durations(news, fresh(workers.worker, "new"))).map((ms) => ms - UPSTREAM_MS));
  const least = spread((await durations(news, fresh(workers.null, "new"))).map((ms) => ms - UPSTREAM_MS));
  figures.added = { worker: own, null: least };
  console.log(`\na new image, beyond the upstream's ${UPSTREAM_MS} ms: worker ${round1(own.median)} ms, null ${round1(least.median)} ms`);

  const callsBefore = workers.calls.image;
  const ends = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const reply = await fetch(`${workers.worker}/?prompt=crowd`, { redirect: "manual" });
      assert.equal(reply.status, 302);
      return performance.now();
    }),
  );
  figures.crowd = { calls: workers.calls.image - callsBefore, windowMs: Math.max(...ends) - Math.min(...ends) };
  console.log(`200 callers of one new image: ${figures.crowd.calls} image call, last ${round1(figures.crowd.windowMs)} ms after the first`);
  console.log(`start-up of workerd with all three, to the first answer: ${round1(figures.startMs)} ms`);
} finally {
  await workers.stop();
}

const at = process.argv.indexOf("--json");
if (at > 0) writeFileSync(process.argv[at + 1], `${JSON.stringify(figures, null, 2)}\n`);
