/** Figures: throughput under a load, CPU time of a process, medians. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import autocannon from "autocannon";

/** @typedef {{median: number, min: number, max: number}} Spread */

/** The middle of some numbers, their least and their greatest. @param {number[]} numbers */
export function spread(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const median = sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}

/**
 * Takes figures in alternating rounds, so that a machine that drifts bears on all alike.
 *
 * @template {string} Name
 * @param {number} rounds
 * @param {Record<Name, (round: number) => Promise<number>>} sides what is measured, each by one figure a round
 * @returns {Promise<Record<Name, Spread>>}
 */
export async function alternate(rounds, sides) {
  const names = /** @type {Name[]} */ (Object.keys(sides));
  /** @type {Map<Name, number[]>} */
  const figures = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, numbers] of figures) numbers.push(await sides[name](round));
  }
  const spreads = names.map((name) => [name, spread(figures.get(name) ?? [])]);
  return /** @type {Record<Name, Spread>} */ (Object.fromEntries(spreads));
}

/**
 * @typedef {{url: string, headers?: Record<string, string>, status: number}} Load a request, and its answer's status
 */

/**
 * Answers a second under a load of some seconds.
 *
 * @param {Load} load
 * @param {number} connections
 * @param {number} seconds
 */
export async function throughput({ url, headers = {}, status }, connections, seconds) {
  const result = await autocannon({ url, headers, connections, duration: seconds });
  const right = result.statusCodeStats?.[`${status}`]?.count ?? 0;
  if (right === 0 || right !== result.requests.total || result.errors > 0) {
    throw new Error(`${url}: ${JSON.stringify(result.statusCodeStats)}, ${result.errors} errors; ${status} was wanted`);
  }
  return result.requests.total / result.duration;
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
