/** Figures: throughput under a load, CPU time of a process, medians. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import autocannon from "autocannon";

/** The middle of some numbers, their least and their greatest. */
export function spread(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const median = sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/**
 * Answers a second under a load of some seconds.
 *
 * @param {{url: string, headers?: Record<string, string>, status: number}} request `status`: what it must be answered with
 */
export async function throughput({ url, headers = {}, status }, connections, seconds) {
  const result = await autocannon({ url, headers, connections, duration: seconds });
  const right = result.statusCodeStats[status]?.count ?? 0;
  if (right === 0 || right !== result.requests.total || result.errors > 0) {
    throw new Error(`${url}: ${JSON.stringify(result.statusCodeStats)}, ${result.errors} errors; ${status} was wanted`);
  }
  return result.requests.total / result.duration;
}

/** This process's own workerd. */
export function workerdPid() {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" }).trim().split("\n");
  const own = processes.map((line) => line.trim().split(/\s+/)).find(([, parent, name]) => Number(parent) === process.pid && /workerd/.test(name));
  return Number(own[0]);
}

/** The CPU time that a process has used, in milliseconds, from the operating system's accounting (Linux). */
export function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  const ticksPerSecond = 100;
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** How long each of some requests takes, one after another, in milliseconds. */
export async function durations(count, send) {
  const times = [];
  for (let at = 0; at < count; at += 1) {
    const start = performance.now();
    await send(at);
    times.push(performance.now() - start);
  }
  return times;
}
