/**
 * Kills the runtime under load, and starts it again on the same storage, twenty times: `npm run chaos`, or
 * `npm run chaos -- --seed 7 --rounds 5`.
 *
 * Whatever answered 200 once must answer 200 after each restart, with the same bytes, and a new image must be there within
 * five seconds of it.
 */

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { chance } from "../soak/requests.mjs";
import { noisePng } from "../workerd/support/images.mjs";
import { killWorkerd } from "../workerd/support/process.mjs";
import { startWorker } from "../workerd/support/worker.mjs";
import { build } from "../../scripts/build.mjs";
import { main } from "../../scripts/lib/problem.mjs";

/** Callers at once. */
const CALLERS = 24;
/** How long the load lasts before the runtime is killed, in milliseconds: at least, and at most so much more. */
const LOAD_MS = [500, 2_500];
/** How long an upstream takes, in milliseconds: many generations are under way when the runtime is killed. */
const DRAWS_MS = 300;
/** When a new image must be there after a restart, in milliseconds. */
const RECOVERED_MS = 5_000;

const VARS = { IMAGE_API_KEYS: "key-a,key-b,key-c,key-d", KEY_IMAGES_PER_MINUTE: "1000" };

/** @typedef {Awaited<ReturnType<typeof startWorker>>} TestWorker */

const digest = (/** @type {Buffer} */ body) => createHash("sha256").update(body).digest("hex");

/** Lets the upstreams answer whatever comes, each picture another one. @param {TestWorker} worker @param {number} round */
function openUpstreams({ upstreams: { siliconflow, imageHost, glm } }, round) {
  siliconflow.allow(async (call) => {
    await sleep(DRAWS_MS);
    return siliconflow.draws(noisePng(64, 64, round * 10_000 + call.number), "image/png")(call);
  });
  imageHost.allow();
  glm.allow();
}

/**
 * The images that were seen: their ids, and a hash of their bytes.
 *
 * @typedef {Map<string, string>} Known
 * @typedef {ReturnType<typeof chance>} Chance
 */

/**
 * Asks for new and for known images until the runtime is gone; what was seen is noted in `known`.
 *
 * @param {TestWorker} worker
 * @param {Chance} next
 * @param {Known} known
 */
async function load(worker, next, known) {
  const caller = async () => {
    for (;;) {
      const ids = [...known.keys()];
      const path =
        ids.length > 0 && next.below(3) === 0 ? `/i/${next.pick(ids)}` : `/?prompt=a+picture+${next.below(1e6)}`;
      const first = await worker.send(path);
      const reply = first.status === 302 ? await worker.send(first.target) : first;
      if (reply.status === 200) known.set(reply.headers["x-image-id"], digest(reply.body));
    }
  };
  // Each ends with the connection.
  await Promise.all(Array.from({ length: CALLERS }, () => caller().catch(() => {})));
}

/** Checks that all that was seen is there. @param {TestWorker} worker @param {Known} known @returns {Promise<string[]>} what is wrong */
async function lost(worker, known) {
  const wrong = [];
  for (const [id, sha] of known) {
    const reply = await worker.send(`/i/${id}`);
    if (reply.status !== 200) wrong.push(`${id} answers ${reply.status}: ${reply.text().slice(0, 200)}`);
    else if (digest(reply.body) !== sha) wrong.push(`${id} has other bytes`);
  }
  return wrong;
}

/**
 * One start, one load, one death.
 *
 * @param {number} number
 * @param {string} storage
 * @param {Chance} next
 * @param {Known} known
 * @returns {Promise<string[]>} what is wrong
 */
async function round(number, storage, next, known) {
  const worker = await startWorker({ storage, vars: VARS });
  try {
    openUpstreams(worker, number);
    const start = Date.now();
    const fresh = await worker.image({ prompt: `after restart ${number}` });
    const took = Date.now() - start;
    const wrong = await lost(worker, known);
    if (fresh.status !== 200) wrong.push(`a new image answers ${fresh.status}: ${fresh.text().slice(0, 200)}`);
    if (took > RECOVERED_MS) wrong.push(`a new image took ${took} ms`);
    console.log(`round ${number}: a new image after ${took} ms; ${known.size} known, ${wrong.length} things wrong`);
    if (fresh.status === 200) known.set(fresh.headers["x-image-id"], digest(fresh.body));
    const loaded = load(worker, next, known);
    await sleep(LOAD_MS[0] + next.below(LOAD_MS[1]));
    killWorkerd();
    await loaded;
    return wrong.map((what) => `round ${number}: ${what}`);
  } finally {
    await worker.stop().catch(() => {});
  }
}

await main(import.meta.url, async () => {
  const { values } = parseArgs({
    options: { seed: { type: "string", default: "1" }, rounds: { type: "string", default: "20" } },
  });
  await build();
  const storage = mkdtempSync(join(tmpdir(), "chaos-"));
  const [next, known] = [chance(Number(values.seed)), new Map()];
  const wrong = [];
  try {
    for (let number = 0; number <= Number(values.rounds); number += 1) {
      wrong.push(...(await round(number, storage, next, known)));
    }
  } finally {
    rmSync(storage, { recursive: true, force: true });
  }
  for (const line of wrong.slice(0, 20)) console.error(line);
  console.log(wrong.length === 0 ? `All is well: ${known.size} images.` : `${wrong.length} things were wrong.`);
  return wrong.length === 0 ? 0 : 1;
});
