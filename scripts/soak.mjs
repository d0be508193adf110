/**
 * Soaks the Worker: `npm run soak`, or with other requests `npm run soak -- --seed 7`.
 *
 * 10,000 requests, valid, broken and hostile ones, 64 at a time, against the built Worker in workerd with the tests'
 * fakes around it; then an ordinary one. It fails where the ordinary one does, where an answer was a 5xx that the image
 * API's fake did not cause, where the Worker called what it has no business to, or where the memory does not come back.
 *
 * Memory is the resident set of the workerd process, as `ps` has it: the Worker, and around it Miniflare's own workers
 * that stand for KV, the assets and the network. The local runtime knows no limit of memory and collects garbage when it
 * pleases, so the Worker's isolate is told to after each 500 requests (see soak/collecting.mjs). After the first 1,000
 * requests, and again after all, the process is left with a few requests a second, so that idle objects are let go;
 * what counts is the least that is seen meanwhile.
 */

import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";

import { json, RESET, text } from "../tests/workerd/support/answers.mjs";
import { png } from "../tests/workerd/support/images.mjs";
import { startWorker } from "../tests/workerd/support/worker.mjs";
import { build } from "./build.mjs";
import { main } from "./lib/problem.mjs";
import { requests, SIGNING_KEY, TOKEN, UNLUCKY } from "./soak/requests.mjs";

const TOTAL = 10_000;
const FIRST = 1_000;
const AT_ONCE = 64;
/** After how many requests garbage is collected. */
const COLLECTED = 500;
/** How much more memory than after the first requests there may be in the end. */
const MAX_GROWTH = 0.1;
/** How long the process is given to come to rest: an idle Durable Object is let go after ten seconds. */
const REST_SECONDS = 40;

const SETTINGS = {
  IMAGE_API_KEYS: Array.from({ length: 32 }, (_, at) => `image-key-${at}`).join(),
  ACCESS_TOKENS: TOKEN,
  URL_SIGNING_KEY: SIGNING_KEY,
  ALLOWED_REFERERS: "example.com",
};

/** What the image API does with an unlucky prompt, in turn. */
const FAULTS = [
  text("Internal Server Error", { status: 500 }),
  text("<html>502</html>", { status: 502, type: "text/html" }),
  RESET,
  json({ code: 20015, message: "The prompt contains sensitive content.", data: null }, { status: 400 }),
  json({ images: [{ url: "https://127.0.0.1/a.png" }] }),
  text("{", { status: 200 }),
];

/** Lets the fakes answer whatever comes; they still check what they are asked. */
function openUpstreams({ siliconflow, imageHost, glm }) {
  const pictures = new Map();
  siliconflow.allow((call) => {
    if (call.body.prompt.includes(UNLUCKY)) return FAULTS[call.number % FAULTS.length];
    const size = call.body.image_size;
    if (!pictures.has(size)) pictures.set(size, png(...size.split("x").map(Number)));
    return siliconflow.draws(pictures.get(size))(call);
  });
  imageHost.allow();
  glm.allow();
}

/** The resident memory of this process's workerd, in bytes. */
async function memory() {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "ppid=,rss=,comm="]);
  const rows = stdout.trim().split("\n").map((line) => line.trim().split(/\s+/));
  const own = rows.filter(([parent, , command]) => Number(parent) === process.pid && command.includes("workerd"));
  if (own.length !== 1) throw new Error(`there are ${own.length} workerd processes`);
  return Number(own[0][1]) * 1_024;
}

/** Has the Worker's isolate collect its garbage. */
const collect = (worker) => worker.get("/__collect");

/** The least memory that is seen while the process comes to rest. */
async function restingMemory(worker) {
  let least = Infinity;
  for (let second = 0; second < REST_SECONDS; second += 1) {
    for (let at = 0; at < 5; at += 1) await worker.get("/health");
    if (second % 10 === 0) await collect(worker);
    await sleep(900);
    least = Math.min(least, await memory());
  }
  return least;
}

/** Sends `count` requests, `AT_ONCE` at a time, and notes what came back. */
async function send(worker, next, count, seen) {
  let left = count;
  const sender = async () => {
    while (left > 0) {
      left -= 1;
      if (left % COLLECTED === 0) await collect(worker);
      const { kind, path, leaves, ...options } = next();
      options.headers = Object.fromEntries(Object.entries(options.headers ?? {}).filter(([, value]) => value !== undefined));
      if (leaves) options.signal = AbortSignal.timeout(leaves);
      const outcome = await worker.send(path, options).then(
        (reply) => {
          const isForeseen = reply.status < 500 || path.includes(UNLUCKY);
          if (!isForeseen) seen.surprises.push(`${reply.status} ${reply.headers["x-error-code"]}: ${options.method ?? "GET"} ${path.slice(0, 200)}`);
          return String(reply.status);
        },
        (error) => {
          if (!leaves) seen.surprises.push(`${error.message}: ${options.method ?? "GET"} ${path.slice(0, 200)}`);
          return leaves ? "left" : "broken";
        },
      );
      seen.outcomes[outcome] = (seen.outcomes[outcome] ?? 0) + 1;
      seen.kinds[kind] = (seen.kinds[kind] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
}

const mib = (bytes) => `${(bytes / 1_048_576).toFixed(1)} MiB`;
const list = (counts) => Object.entries(counts).sort().map(([name, count]) => `${name} ${count}`).join(", ");

/** Soaks, prints the figures, and returns what was wrong. */
async function soak(seed) {
  const worker = await startWorker({ vars: SETTINGS, around: "scripts/soak/collecting.mjs" });
  try {
    openUpstreams(worker.upstreams);
    const next = requests(seed);
    const seen = { outcomes: {}, kinds: {}, surprises: [] };
    const start = Date.now();
    await send(worker, next, FIRST, seen);
    const firstBusy = await memory();
    const first = await restingMemory(worker);
    const middle = Date.now();
    await send(worker, next, TOTAL - FIRST, seen);
    const seconds = (Date.now() - middle) / 1_000;
    const busy = await memory();
    const last = await restingMemory(worker);
    const ordinary = await worker.image({ prompt: "an ordinary picture in the end" }, { headers: { authorization: `Bearer ${TOKEN}` } });

    const growth = last / first - 1;
    console.log(`${TOTAL} requests, ${AT_ONCE} at a time, seed ${seed}: ${((TOTAL - FIRST) / seconds).toFixed(0)} a second, ${((Date.now() - start) / 1_000).toFixed(0)} s in all`);
    console.log(`kinds      ${list(seen.kinds)}`);
    console.log(`answers    ${list(seen.outcomes)}`);
    console.log(`upstreams  ${list(worker.upstreams.counts)}`);
    console.log(`memory     ${mib(first)} at rest after ${FIRST} (${mib(firstBusy)} before), ${mib(last)} after ${TOTAL} (${mib(busy)} before): ${(growth * 100).toFixed(1)} %`);
    console.log(`an ordinary request in the end: ${ordinary.status} ${ordinary.headers["content-type"]}`);

    const wrong = seen.surprises.slice(0, 20);
    if (ordinary.status !== 200 || ordinary.headers["content-type"] !== "image/png") wrong.push("the ordinary request failed");
    if (growth > MAX_GROWTH) wrong.push(`the memory grew by more than ${MAX_GROWTH * 100} %`);
    try {
      worker.upstreams.check();
    } catch (error) {
      wrong.push(error.message.slice(0, 1_000));
    }
    return wrong;
  } finally {
    await worker.stop();
  }
}

await main(import.meta.url, async () => {
  const { values } = parseArgs({ options: { seed: { type: "string", default: "1" } } });
  await build();
  const wrong = await soak(Number(values.seed));
  for (const line of wrong) console.error(line);
  console.log(wrong.length === 0 ? "All is well." : `${wrong.length} things were wrong.`);
  return wrong.length === 0 ? 0 : 1;
});
