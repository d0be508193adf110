/** How much memory the Worker takes. */

import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

// Node has a WebSocket of its own only since version 22; Miniflare brings one.
const { WebSocket } = createRequire(createRequire(import.meta.url).resolve("miniflare"))("ws");

/**
 * @typedef {import("../workerd/support/worker.mjs").TestWorker} TestWorker
 * @typedef {{usedSize: number, embedderHeapUsedSize: number, backingStorageSize: number}} HeapUsage in bytes
 * @typedef {"heap" | "wasm" | "isolate" | "resident"} Figure
 */

/** How long the Worker is given to come to rest: an idle Durable Object is let go after ten seconds. */
const REST_SECONDS = 40;

/** Opens the runtime's debugger on the Worker. @param {TestWorker} worker */
export async function debug(worker) {
  const socket = new WebSocket(new URL("/core:user:main", await worker.inspector()));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  /** @type {Map<number, (result: any) => void>} */
  const waiting = new Map();
  socket.on("message", (/** @type {string} */ data) => {
    const { id, result } = JSON.parse(data);
    waiting.get(id)?.(result);
  });
  let last = 0;
  /** @param {string} method @returns {Promise<any>} */
  const call = (method) =>
    new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve);
      socket.send(JSON.stringify({ id: last, method }));
    });
  return {
    /** The use of JavaScript's heap, without what the debugger itself keeps there: the last thousand lines of the log. @returns {Promise<HeapUsage>} */
    async heap() {
      await call("Runtime.discardConsoleEntries");
      return call("Runtime.getHeapUsage");
    },
    close: () => socket.close(),
  };
}

/**
 * Has the Worker's isolate collect its garbage; says how many bytes of WebAssembly memory it has.
 *
 * @param {TestWorker} worker
 * @returns {Promise<number>}
 */
export const collect = async (worker) => (await worker.get("/__collect")).json();

/** The resident memory of this process's workerd, in bytes. */
export async function resident() {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "ppid=,rss=,comm="]);
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const own = rows.filter(([parent, , command]) => Number(parent) === process.pid && command.includes("workerd"));
  if (own.length !== 1) throw new Error(`there are ${own.length} workerd processes`);
  return Number(own[0][1]) * 1_024;
}

/**
 * The least memory that is seen while the Worker comes to rest, in bytes: of its isolate (JavaScript's heap with what
 * hangs on it, and WebAssembly's memory: what the 128 MB of production are counted by), and of the whole process.
 *
 * @param {TestWorker} worker
 * @param {Awaited<ReturnType<typeof debug>>} debugged
 */
export async function atRest(worker, debugged) {
  /** @type {Record<Figure, number>} */
  const least = { heap: Infinity, wasm: Infinity, isolate: Infinity, resident: Infinity };
  for (let second = 0; second < REST_SECONDS; second += 1) {
    for (let at = 0; at < 5; at += 1) await worker.get("/health");
    const wasm = await collect(worker);
    const { usedSize, embedderHeapUsedSize, backingStorageSize } = await debugged.heap();
    const heap = usedSize + embedderHeapUsedSize + backingStorageSize;
    least.heap = Math.min(least.heap, heap);
    least.wasm = Math.min(least.wasm, wasm);
    least.isolate = Math.min(least.isolate, heap + wasm);
    least.resident = Math.min(least.resident, await resident());
    await sleep(900);
  }
  return least;
}
