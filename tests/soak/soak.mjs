/**
 * Soaks the Worker: `npm run soak`, or with other and more requests `npm run soak -- --seed 7 --requests 30000`.
 *
 * 10,000 requests, valid, broken and hostile ones, 64 at a time, against the built Worker in workerd with the tests'
 * fakes around it; then an ordinary one. It fails where the ordinary one does, where an answer was a 5xx that the image
 * API's fake did not cause, where the Worker called what it has no business to, or where the memory does not come back.
 *
 * Memory is that of the Worker's isolate: JavaScript's heap with what hangs on it, and WebAssembly's memory, which never
 * shrinks. It is what the 128 MB of production are counted by. It is taken after the first 1,000 requests, and again after
 * all, while the Worker is left with a few requests a second and is told to collect its garbage; the least that is seen
 * counts. The resident memory of the workerd process is printed beside it, and proves nothing: a local workerd keeps some
 * 160 KB for each Durable Object that it ever had (4,000 of a JavaScript class that stores 5 KB take it from 50 to 700 MiB
 * for good), and this makes 3,000.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { json, RESET, text } from "../workerd/support/answers.mjs";
import { png } from "../workerd/support/images.mjs";
import { startWorker } from "../workerd/support/worker.mjs";
import { build } from "../../scripts/build.mjs";
import { main } from "../../scripts/lib/problem.mjs";
import { atRest, collect, debug, resident } from "./memory.mjs";
import { madeUp, requests, SIGNING_KEY, STRANGERS, TOKEN, UNLUCKY } from "./requests.mjs";

/**
 * @typedef {import("../workerd/support/worker.mjs").TestWorker} TestWorker
 * @typedef {object} Seen what came back
 * @property {Record<string, number>} outcomes how often each status, or end without one
 * @property {Record<string, number>} kinds how many requests of each kind
 * @property {string[]} surprises
 */

const FIRST = 1_000;
const AT_ONCE = 64;
/** After how many requests garbage is collected. */
const COLLECTED = 500;
/** What is measured, by its name in the figures. */
const MEASURED = {
  isolate: "memory, the Worker's isolate",
  heap: "  JavaScript's heap",
  wasm: "  WebAssembly's memory",
  resident: "memory, the process, at rest",
  busy: "memory, the process, right after",
};
/** How much more memory than after the first requests there may be in the end: a tenth. */
const MAX_GROWTH = 0.1;
/** How many requests a minute a visitor may send that KV cannot answer, as wrangler.toml has it. */
const LOOKUPS = 120;
/** The modules around the Worker that measure it. */
const AROUND = ["tests/soak/measured.mjs", "tests/soak/instance.mjs"];

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

/** Lets the fakes answer whatever comes; they still check what they are asked. @param {TestWorker["upstreams"]} upstreams */
function openUpstreams({ siliconflow, imageHost, glm }) {
  /** @type {Map<string, Buffer>} */
  const pictures = new Map();
  siliconflow.allow((call) => {
    if (call.body.prompt.includes(UNLUCKY)) return FAULTS[call.number % FAULTS.length];
    const size = call.body.image_size;
    const [width, height] = size.split("x").map(Number);
    if (!pictures.has(size)) pictures.set(size, png(width, height));
    return siliconflow.draws(pictures.get(size) ?? Buffer.alloc(0))(call);
  });
  imageHost.allow();
  glm.allow();
}

/**
 * Sends `count` requests, `AT_ONCE` at a time, and notes what came back.
 *
 * @param {TestWorker} worker
 * @param {() => import("./requests.mjs").SoakRequest} next
 * @param {number} count
 * @param {Seen} seen
 */
async function send(worker, next, count, seen) {
  let left = count;
  const sender = async () => {
    while (left > 0) {
      left -= 1;
      if (left % COLLECTED === 0) await collect(worker);
      const { kind, path, leaves, headers: all = {}, ...rest } = next();
      const headers = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
      const options = { ...rest, headers, signal: leaves ? AbortSignal.timeout(leaves) : undefined };
      const outcome = await worker.send(path, options).then(
        (reply) => {
          const isForeseen = reply.status < 500 || path.includes(UNLUCKY);
          if (!isForeseen)
            seen.surprises.push(
              `${reply.status} ${reply.headers["x-error-code"]}: ${options.method ?? "GET"} ${path.slice(0, 200)}`,
            );
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

const mib = (/** @type {number} */ bytes) => `${(bytes / 1_048_576).toFixed(1)} MiB`;
const list = (/** @type {Record<string, number>} */ counts) =>
  Object.entries(counts)
    .sort()
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");

/** Soaks, prints the figures, and returns what was wrong. @param {number} seed @param {number} total */
async function soak(seed, total) {
  // On disk, as in production: else what is stored would count as memory.
  const storage = mkdtempSync(join(tmpdir(), "soak-"));
  const worker = await startWorker({ vars: SETTINGS, around: AROUND, inspected: true, storage, lookupLimit: LOOKUPS });
  const debugged = await debug(worker);
  try {
    openUpstreams(worker.upstreams);
    const next = requests(seed);
    const start = Date.now();
    /** @type {Seen} */
    const seen = { outcomes: {}, kinds: {}, surprises: [] };
    await send(worker, next, FIRST, seen);
    const first = { busy: await resident(), ...(await atRest(worker, debugged)) };
    const middle = Date.now();
    await send(worker, next, total - FIRST, seen);
    const seconds = (Date.now() - middle) / 1_000;
    const last = { busy: await resident(), ...(await atRest(worker, debugged)) };
    // A minute that was begun counts as one.
    const minutes = Math.ceil((Date.now() - start) / 60_000) + 1;
    const names = /** @type {string[]} */ ((await worker.get("/__woken")).json());
    const woken = names.filter((name) => madeUp.has(name)).length;
    const own = { headers: { authorization: `Bearer ${TOKEN}` } };
    const ordinary = await worker.image({ prompt: "an ordinary picture in the end" }, own);

    console.log(
      `${total} requests, ${AT_ONCE} at a time, seed ${seed}: ${((total - FIRST) / seconds).toFixed(0)} a second`,
    );
    console.log(`kinds      ${list(seen.kinds)}`);
    console.log(`answers    ${list(seen.outcomes)}`);
    console.log(`upstreams  ${list(worker.upstreams.counts)}`);
    for (const name of /** @type {(keyof typeof MEASURED)[]} */ (Object.keys(MEASURED))) {
      const change = ((last[name] / first[name] - 1) * 100).toFixed(1);
      console.log(
        `${MEASURED[name].padEnd(36)}${mib(first[name])} after ${FIRST}, ${mib(last[name])} after ${total}: ${change} %`,
      );
    }
    console.log(`objects woken for ids that nothing has: ${woken} of ${madeUp.size} ids`);
    console.log(`an ordinary request in the end: ${ordinary.status} ${ordinary.headers["content-type"]}`);

    const wrong = seen.surprises.slice(0, 20);
    if (ordinary.status !== 200 || ordinary.headers["content-type"] !== "image/png")
      wrong.push("The ordinary request failed.");
    if (last.isolate > first.isolate * (1 + MAX_GROWTH))
      wrong.push(`The Worker's memory grew by more than ${MAX_GROWTH * 100} %.`);
    if (woken === 0 || woken > LOOKUPS * STRANGERS.length * minutes)
      wrong.push(`${woken} objects were woken for nothing in ${minutes} minutes.`);
    try {
      worker.upstreams.check();
    } catch (error) {
      wrong.push(/** @type {Error} */ (error).message.slice(0, 1_000));
    }
    return wrong;
  } finally {
    debugged.close();
    await worker.stop();
    rmSync(storage, { recursive: true, force: true });
  }
}

await main(import.meta.url, async () => {
  const { values } = parseArgs({
    options: { seed: { type: "string", default: "1" }, requests: { type: "string", default: "10000" } },
  });
  await build();
  const wrong = await soak(Number(values.seed), Number(values.requests));
  for (const line of wrong) console.error(line);
  console.log(wrong.length === 0 ? "All is well." : `${wrong.length} things were wrong.`);
  return wrong.length === 0 ? 0 : 1;
});
