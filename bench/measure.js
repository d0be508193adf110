/** Figures: alternating rounds, medians and spreads, CPU time of a process. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** @typedef {{median: number, min: number, max: number}} Spread */

/** The middle of some numbers, their least and their greatest. @param {number[]} numbers */
export function spread(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const median = sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}

/** How far apart the least and the greatest are, of the median: on a machine with nothing else to do, under a tenth. @param {Spread} figures */
export const unrest = ({ median, min, max }) => (max - min) / median;

/**
 * Measures several sides in alternating rounds, so that a machine that drifts bears on all alike.
 *
 * @template {string} Name
 * @template Figure
 * @param {number} rounds
 * @param {Record<Name, (round: number) => Promise<Figure>>} sides
 * @returns {Promise<Record<Name, Figure[]>>} the figure of each round
 */
export async function alternate(rounds, sides) {
  const names = /** @type {Name[]} */ (Object.keys(sides));
  const figures = /** @type {Record<Name, Figure[]>} */ (
    /** @type {unknown} */ (Object.fromEntries(names.map((name) => [name, []])))
  );
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) figures[name].push(await sides[name](round));
  }
  return figures;
}

/** This process's own workerd; there may be one at a time. */
export function workerdPid() {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" }).trim().split("\n");
  const own = processes
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, name]) => Number(parent) === process.pid && /workerd/.test(name));
  if (own.length !== 1) throw new Error(`there are ${own.length} workerd processes`);
  return Number(own[0][0]);
}

/**
 * The CPU time that a process's threads have used, in milliseconds, from the scheduler's accounting (Linux).
 *
 * @param {number} pid
 */
export function cpuMs(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  /** @param {string} thread */
  const nanoseconds = (thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  return threads.reduce((sum, thread) => sum + nanoseconds(thread), 0) / 1e6;
}

/** How long something takes, in milliseconds. @param {() => Promise<unknown>} work */
export async function duration(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
