/**
 * Measures what costly requests take of the runtime: `npm run cost`, on Linux.
 *
 * Each is sent to a Worker of its own, after an ordinary one. Memory is that of the workerd process: the most while it was
 * at work, and what is left a moment later; beside it WebAssembly's memory, which is never given back. The processor's
 * time is the process's own. Nothing is asserted: the figures are for a human, before and after a change.
 */

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { byteByByte, bytes } from "../workerd/support/answers.mjs";
import { noisePng, png } from "../workerd/support/images.mjs";
import { workerd } from "../workerd/support/process.mjs";
import { startWorker } from "../workerd/support/worker.mjs";
import { main } from "../../scripts/lib/problem.mjs";

/** The modules that say how much memory WebAssembly has. */
const AROUND = ["tests/soak/measured.mjs", "tests/soak/instance.mjs"];
/** The clock ticks of a second, in which Linux counts a process's time. */
const TICKS = 100;
/** How long memory has time to be given back, in milliseconds. */
const REST_MS = 2_000;

const MIB = 1_048_576;

/** A file of half a megabyte, and one of five. */
const SIDES = { half: 410, five: 1_320 };

const API = "/v1/images/generations";
const CHAT = "/v1/chat/completions";
const post = (/** @type {object} */ body) => ({ method: "POST", body: JSON.stringify(body) });

/** @typedef {Awaited<ReturnType<typeof startWorker>>} TestWorker */

/** What is sent, by its name. @type {Record<string, (worker: TestWorker) => Promise<{status: number}>>} */
const COSTLY = {
  "a body of 65,000 bytes, whole": (worker) => worker.send(API, post({ prompt: "", user: "x".repeat(64_950) })),
  "a body of 65,000 bytes, byte by byte": (worker) =>
    worker.send(API, { ...post({ prompt: "", user: "x".repeat(64_950) }), bytewise: true }),
  "a chat of 4 MiB, long messages": (worker) =>
    worker.send(CHAT, conversation({ role: "user", content: "x".repeat(MIB / 4 - 60) }, 16)),
  "a chat of 4 MiB, short messages": (worker) =>
    worker.send(CHAT, conversation({ role: "user", content: "a question about a picture" }, 67_000)),
  "a chat of 4 MiB, a picture in it": (worker) =>
    worker.send(
      CHAT,
      conversation({ role: "user", content: [{ type: "image_url", image_url: pictureOf(4 * MIB - 300) }] }, 1),
    ),
  "a chat of 4 MiB, a million arrays": (worker) =>
    worker.send(CHAT, conversation({ role: "user", content: Array(1_300_000).fill([]) }, 1)),
  "an image of 0.5 MB, whole": (worker) => drawn(worker, bytes(noisePng(SIDES.half, SIDES.half), "image/png")),
  "an image of 0.5 MB, byte by byte": (worker) =>
    drawn(worker, byteByByte(bytes(noisePng(SIDES.half, SIDES.half), "image/png"))),
  "b64_json, four of 5 MB": (worker) => {
    const { siliconflow } = worker.upstreams;
    siliconflow.allow(siliconflow.draws(noisePng(SIDES.five, SIDES.five), "image/png"));
    return worker.send(API, post({ prompt: "large", n: 4, response_format: "b64_json" }));
  },
  "an answer of 27 MB and nine million values": (worker) => {
    worker.upstreams.siliconflow.allow(bytes(`{"images":[${"{},".repeat(9_000_000)}{}]}`, "application/json"));
    return worker.get("/", { prompt: "many values" });
  },
};

/** A conversation whose last message has no text: it is read, and nothing is drawn. @param {object} message @param {number} count */
const conversation = (message, count) =>
  post({ messages: [...Array.from({ length: count }, () => message), { role: "user", content: "" }] });

/** @param {number} length */
const pictureOf = (length) => ({ url: `data:image/png;base64,${"A".repeat(length)}` });

/** Has an image made whose host answers so. @param {TestWorker} worker @param {import("../workerd/support/answers.mjs").Answer} answer */
function drawn(worker, answer) {
  const url = "https://cdn.example.com/a.png";
  worker.upstreams.at(url).allow(answer);
  worker.upstreams.siliconflow.allow(worker.upstreams.siliconflow.pointsTo(url));
  return worker.image({ prompt: "from its host" });
}

/** The resident memory of a process, in bytes. @param {number} pid */
const memoryOf = (pid) => Number(/^VmRSS:\s+(\d+)/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1_024;

/** The time that a process has computed, in milliseconds. @param {number} pid */
function timeOf(pid) {
  // The name in parentheses may hold spaces; the 12th and 13th field after it are what is counted.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /su, "")
    .split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS;
}

/** Sends one, and prints what it took. @param {string} name @param {(typeof COSTLY)[string]} send */
async function measure(name, send) {
  const worker = await startWorker({ around: AROUND, vars: { KEY_IMAGES_PER_MINUTE: "100" } });
  try {
    const { siliconflow, imageHost } = worker.upstreams;
    siliconflow.allow(siliconflow.draws(png(64, 64), "image/png"));
    imageHost.allow();
    await worker.image({ prompt: "an ordinary one" });
    const pid = workerd();
    const wasm = async () => (await worker.get("/__collect")).json();
    const before = { memory: memoryOf(pid), wasm: await wasm(), time: timeOf(pid) };
    let most = 0;
    const timer = setInterval(() => (most = Math.max(most, memoryOf(pid))), 10);
    const { status } = await send(worker);
    clearInterval(timer);
    const time = timeOf(pid) - before.time;
    await sleep(REST_MS);
    const after = { memory: memoryOf(pid), wasm: await wasm() };
    const mib = (/** @type {number} */ count) => `${(count / MIB).toFixed(0)} MB`.padStart(8);
    const figures = [most - before.memory, after.memory - before.memory, after.wasm - before.wasm].map(mib);
    console.log(`${name.padEnd(44)}${String(status).padStart(6)}${figures.join("")}${time.toFixed(0).padStart(9)} ms`);
  } finally {
    await worker.stop();
  }
}

await main(import.meta.url, async () => {
  console.log(`${"".padEnd(44)}answer    most    left    WASM    processor`);
  for (const [name, send] of Object.entries(COSTLY)) await measure(name, send);
});
