/** What was measured, and what is printed of it. */
import { writeFileSync } from "node:fs";
import { unrest } from "./measure.js";

/**
 * @typedef {import("./measure.js").Spread} Spread
 * @typedef {Record<"perSecond" | "cpu" | "client", Spread>} LoadSpread
 */

/** From this spread on a figure is of a machine with something else to do. */
const NOISY = 0.2;

/** @type {Record<string, LoadSpread>} by case and side */
const loads = {};
/** @type {Record<string, Spread>} */
const others = {};

/** @param {Spread} figures */
const show = ({ median, min, max }, digits = 0) =>
  `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;

const noise = (/** @type {Spread[]} */ ...spreads) => (spreads.some((one) => unrest(one) > NOISY) ? "  noisy" : "");

/** @param {string} name @param {string} side @param {LoadSpread} figures */
export function recordLoad(name, side, figures) {
  loads[`${name}: ${side}`] = figures;
  const { perSecond, cpu, client } = figures;
  const columns = [`${name}: ${side}`.padEnd(44), show(perSecond).padStart(20), show(cpu, 3).padStart(22)];
  console.log(`${columns.join("")}${client.median.toFixed(2).padStart(8)}${noise(perSecond, cpu)}`);
}

export const LOAD_HEADINGS = `${"case".padEnd(44)}${"answers a second".padStart(20)}${"CPU, ms".padStart(22)}  client`;

/** @param {string} name @param {Spread} figures @param {string} unit */
export function record(name, figures, unit = "ms") {
  others[name] = figures;
  console.log(`${name.padEnd(44)}${show(figures, 2).padStart(24)} ${unit}${noise(figures)}`);
}

/** The ratio of two loads' throughput, or CPU time. @param {string} one @param {string} other @param {"perSecond" | "cpu"} what */
export const ratio = (one, other, what = "perSecond") => loads[one][what].median / loads[other][what].median;

/** How much greater the first is. @param {string} one @param {string} other */
export const difference = (one, other) => others[one].median - others[other].median;

/** @param {string} name */
export const median = (name) => others[name].median;

/** Prints the goals, and whether they were reached. @param {[goal: string, figure: number, relation: "<=" | ">=", limit: number][]} goals */
export function conclude(goals) {
  console.log("");
  for (const [goal, figure, relation, limit] of goals) {
    const held = relation === ">=" ? figure >= limit : figure <= limit;
    const wanted = `${relation === ">=" ? "at least" : "at most"} ${limit}`;
    console.log(`${held ? "held    " : "not held"}  ${goal.padEnd(60)}${figure.toFixed(2).padStart(8)}  (${wanted})`);
  }
  const all = [...Object.values(loads).map(({ perSecond }) => perSecond), ...Object.values(others)];
  const noisy = all.filter((one) => unrest(one) > NOISY).length;
  const advice = noisy > all.length / 4 ? ": this machine has something else to do, take the figures again" : "";
  console.log(
    `\n${noisy} of ${all.length} figures are spread over more than ${NOISY * 100} % of their median${advice}`,
  );
}

/** @param {string} file */
export function write(file) {
  writeFileSync(file, `${JSON.stringify({ loads, others }, null, 2)}\n`);
}
