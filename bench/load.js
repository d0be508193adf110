/** A load on a Worker: its throughput, and the CPU time that it takes workerd, and the client. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cpuMs, workerdPid } from "./measure.js";

const here = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));

/** How often the client's CPU time is looked at, in milliseconds: it is gone with its process. */
const SAMPLE_MS = 50;

/** The client that sends the load: wrk takes some 5 % of a core for a thousand answers, autocannon ten times that. */
export const CLIENT = spawnSync("wrk", ["--version"]).error ? "autocannon" : "wrk";

/**
 * @typedef {object} Load
 * @property {string} origin
 * @property {string[]} paths asked for in turn
 * @property {Record<string, string>} [headers]
 * @property {number} status of every answer
 * @property {number} [bytes] of every answer, at least
 */

/**
 * @typedef {object} LoadFigures
 * @property {number} perSecond answers
 * @property {number} cpu of workerd for an answer, in milliseconds
 * @property {number} client the client's share of a core
 */

/** Where each load goes on with its paths, so that a cycle stays one over several rounds. @type {Map<Load, number>} */
const positions = new Map();

/**
 * Sends a load for some seconds.
 *
 * @param {Load} load
 * @param {number} connections
 * @param {number} seconds
 * @returns {Promise<LoadFigures>}
 */
export async function send(load, connections, seconds) {
  await check(load);
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const start = positions.get(load) ?? 0;
    const file = join(folder, "paths");
    writeFileSync(file, `${[...load.paths.slice(start), ...load.paths.slice(0, start)].join("\n")}\n`);
    const workerd = workerdPid();
    const before = cpuMs(workerd);
    const { answers, took, bytes, failed, client } = await run(command(load, file, connections, seconds));
    const cpu = (cpuMs(workerd) - before) / answers;
    const wrong = load.status < 400 ? failed : answers - failed;
    if (wrong > 0 || bytes / answers < (load.bytes ?? 0)) {
      throw new Error(`${load.origin}${load.paths[0]}: ${wrong} of ${answers} answers were wrong, ${bytes} bytes`);
    }
    positions.set(load, (start + answers) % load.paths.length);
    return { perSecond: answers / took, cpu, client };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** wrk tells no 200 from a 304: one request beforehand does. @param {Load} load */
async function check({ origin, paths, headers, status }) {
  // One that was idle for the length of a load may be closed by now.
  const reply = await fetch(origin + paths[0], { headers: { ...headers, connection: "close" } });
  await reply.arrayBuffer();
  if (reply.status !== status) throw new Error(`${origin}${paths[0]}: ${reply.status}; ${status} was wanted`);
}

/**
 * @param {Load} load
 * @param {string} file
 * @param {number} connections
 * @param {number} seconds
 * @returns {[command: string, args: string[]]}
 */
function command({ origin, headers = {} }, file, connections, seconds) {
  if (CLIENT === "autocannon") {
    const numbers = [connections, seconds].map(String);
    return [process.execPath, [here("autocannon.js"), origin, file, ...numbers, JSON.stringify(headers)]];
  }
  const fields = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const numbers = ["-t1", `-c${connections}`, `-d${seconds}s`];
  return ["wrk", [...numbers, ...fields, "-s", here("wrk.lua"), origin, "--", "GET", file]];
}

/**
 * Runs a client to its end: the figures that it prints last, and its share of a core.
 *
 * @param {[command: string, args: string[]]} command
 */
async function run([command, args]) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  let used = 0;
  const began = performance.now();
  const sampler = setInterval(() => {
    try {
      used = cpuMs(Number(child.pid)) / (performance.now() - began);
    } catch {
      // It has ended.
    }
  }, SAMPLE_MS);
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  clearInterval(sampler);
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${output}`);
  const figures = JSON.parse(output.trim().split("\n").at(-1) ?? "");
  const { answers, seconds: took, bytes, failed } = /** @type {Record<string, number>} */ (figures);
  return { answers, took, bytes, failed, client: used };
}
