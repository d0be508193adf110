/**
 * Holds the built Worker against the least Worker that could do its job: `npm run bench`.
 *
 * All figures are medians of alternating rounds, with their spread. `--quick` takes fewer and shorter rounds; `--only hits`
 * or another part takes that alone; `--json FILE` writes the figures.
 */
import { parseArgs } from "node:util";
import { CONNECTIONS, hits } from "./hits.js";
import { CLIENT } from "./load.js";
import { base64, crowds, newPictures, starts } from "./others.js";
import { LOAD_HEADINGS, conclude, difference, median, ratio, write } from "./report.js";
import { startWorkers } from "./workers.js";

const { values: options } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string" }, json: { type: "string" } },
});
const effort = options.quick ? { rounds: 3, seconds: 1 } : { rounds: 5, seconds: 2 };
const wants = (/** @type {string} */ part) => [undefined, part].includes(options.only);

/** @typedef {[goal: string, figure: number, relation: "<=" | ">=", limit: number]} Goal */

/** @returns {Goal[]} */
function goalsOfHits() {
  /** @param {string} what @param {string} size @param {string} floor @param {"perSecond" | "cpu"} [figure] */
  const hit = (what, size, floor, figure) => ratio(`${what}, ${size}: worker`, `${what}, ${size}: ${floor}`, figure);
  const known = "other answers, 10 KB: 304 by";
  return [
    ["hit from memory, 10 KB: of the floor's throughput", hit("one picture", "10 KB", "floor"), ">=", 1.5],
    ["hit from memory, 150 KB: of the floor's throughput", hit("one picture", "150 KB", "floor"), ">=", 1.25],
    ...["10 KB", "150 KB", "1 MB"].map((size, at) => {
      const figure = hit("many pictures", size, "floor, headers");
      return /** @type {Goal} */ ([
        `hit from KV, ${size}: of the floor with headers`,
        figure,
        ">=",
        [0.85, 0.9, 0.95][at],
      ]);
    }),
    ...["10 KB", "150 KB", "1 MB"].map((size) => {
      const figure = hit("many pictures", size, "floor, headers", "cpu");
      return /** @type {Goal} */ ([`CPU of a hit from KV, ${size}: times that floor's`, figure, "<=", 1.15]);
    }),
    [
      "304 by permalink: of the floor's hit, 10 KB",
      ratio(`${known} permalink`, "one picture, 10 KB: floor"),
      ">=",
      2.2,
    ],
    ["304 by id: of the floor's hit, 10 KB", ratio(`${known} id`, "one picture, 10 KB: floor"), ">=", 2.2],
  ];
}

/** @type {Goal[]} */
const goals = [];
const workers = await startWorkers(["worker", "floor", "null", "stock"]);
try {
  if (wants("hits")) {
    console.log(
      `${CLIENT}, ${CONNECTIONS} connections; medians (min–max) of ${effort.rounds} rounds of ${effort.seconds} s`,
    );
    console.log(`\n${LOAD_HEADINGS}`);
    await hits(workers, effort);
    goals.push(...goalsOfHits());
  }
  if (wants("new")) {
    await newPictures(workers, options.quick ? 20 : 50);
    goals.push([
      "a new picture: ms more than the null Worker",
      difference("a new picture", "a new picture, null"),
      "<=",
      7,
    ]);
  }
  if (wants("base64")) {
    await base64(workers, effort.rounds);
    goals.push([
      "`b64_json` of 1 MB: ms of CPU more than its GET",
      difference("CPU of b64_json", "CPU of its GET"),
      "<=",
      3,
    ]);
  }
  if (wants("crowds")) {
    const calls = await crowds(workers, effort.rounds);
    goals.push(["200 callers of one new picture: image calls", calls, "<=", 1]);
    goals.push(["200 callers: ms from the first redirect to the last", median("200 callers, first to last"), "<=", 60]);
  }
} finally {
  await workers.stop();
}
if (wants("starts")) {
  await starts(effort.rounds);
  goals.push(["start: ms of its own", difference("start", "start, floor"), "<=", 25]);
}
conclude(goals);
if (options.json) write(options.json);
