/**
 * Stored pictures under load: from memory; from KV, at URLs that were asked for before and that were not; and known to the
 * caller already.
 */
import { send } from "./load.js";
import { alternate, spread } from "./measure.js";
import { stock } from "./pictures.js";
import { recordLoad } from "./report.js";

/**
 * @typedef {import("./load.js").Load} Load
 * @typedef {import("./workers.js").BenchWorkers} BenchWorkers
 * @typedef {Awaited<ReturnType<typeof stock>>} Stock
 */

/**
 * The sizes, in bytes, and how many pictures a cycle needs of which an isolate has none in memory (it knows 512 ids). It
 * keeps the header fields of each.
 */
const SIZES = [
  { size: "10 KB", bytes: 10_000, count: 1_000 },
  { size: "150 KB", bytes: 150_000, count: 600 },
  { size: "1 MB", bytes: 1_000_000, count: 30 },
];

/** URLs of each picture, so that none is asked for twice. */
const SPELLINGS = 30;

export const CONNECTIONS = 8;

/**
 * Sends loads in turn, and reports each beside the others.
 *
 * @param {string} name
 * @param {Record<string, Load>} loads by side
 * @param {{rounds: number, seconds: number}} effort
 */
async function compare(name, loads, { rounds, seconds }) {
  const sides = Object.entries(loads).map(([side, load]) => [side, () => send(load, CONNECTIONS, seconds)]);
  const figures = await alternate(rounds, /** @type {any} */ (Object.fromEntries(sides)));
  for (const [side, taken] of Object.entries(figures)) {
    recordLoad(name, side, {
      perSecond: spread(taken.map(({ perSecond }) => perSecond)),
      cpu: spread(taken.map(({ cpu }) => cpu)),
      client: spread(taken.map(({ client }) => client)),
    });
  }
}

/**
 * @param {BenchWorkers} workers
 * @param {{rounds: number, seconds: number}} effort
 */
export async function hits(workers, effort) {
  for (const { size, bytes, count } of SIZES) {
    const pictures = await stock(workers, bytes, count);
    /** @param {Stock} those @returns {Record<string, Load>} */
    const loads = (those) => {
      const prompts = those.map(({ prompt }) => `/?prompt=${prompt}`);
      const floor = { origin: workers.floor, paths: prompts, status: 200, bytes };
      return {
        worker: { ...floor, origin: workers.worker },
        floor,
        "floor, headers": { ...floor, paths: prompts.map((path) => `${path}&headers=1`) },
      };
    };
    const one = pictures.slice(0, 1);
    const [{ prompt, id }] = one;
    await compare(`one picture, ${size}`, loads(one), effort);
    const each = loads(pictures);
    await compare(`many pictures, ${size}`, each, effort);
    if (size !== "10 KB") continue;
    const spellings = Array.from({ length: SPELLINGS }, (_, at) => each.worker.paths.map((path) => `${path}&as=${at}`));
    await compare(
      `first asks, ${size}`,
      { worker: { ...each.worker, paths: spellings.flat() }, "floor, headers": each["floor, headers"] },
      effort,
    );
    const byId = { ...loads(one).worker, paths: [`/i/${id}.jpg`] };
    const known = { "if-none-match": `W/"${id}"` };
    await compare(
      `other answers, ${size}`,
      {
        "by permalink": byId,
        "304 by permalink": { ...byId, headers: known, status: 304, bytes: 0 },
        "304 by id": { ...byId, paths: [`/?prompt=${prompt}&id=${id}`], headers: known, status: 304, bytes: 0 },
        "304 by prompt": { ...byId, paths: [`/?prompt=${prompt}`], headers: known, status: 304, bytes: 0 },
        "error as JSON": { origin: workers.worker, paths: ["/?prompt=x&size=1x1"], status: 400 },
        "error as a card": {
          ...{ origin: workers.worker, paths: ["/?prompt=x&size=1x1"], status: 400 },
          headers: { accept: "image/*" },
        },
      },
      effort,
    );
  }
}
