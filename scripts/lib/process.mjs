/**
 * Child processes that end when the script ends.
 *
 * A signal to the script (Ctrl-C, `kill`, a closed terminal) is passed on to whatever it is
 * running. What is then still alive somewhere below, such as a compiler that outlived its
 * `cargo`, is killed: no run leaves a process behind.
 */

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

import { Problem } from "./problem.mjs";
import { root } from "./project.mjs";

/** How long a child may take to end by itself once it was told to. `wrangler` needs about one second. */
const GRACE_MS = 5_000;

const children = new Set();
let stopping = false;
let normalStop = false;

/** Being stopped by a signal is how this script is meant to end, so it exits with 0 then. */
export function stoppingIsNormal() {
  normalStop = true;
}

/**
 * Runs a command with the script's own output, and waits for it.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {object} [options] `cwd`, `env`, `stdio` and `shell` as for `spawn`;
 *   `onOutput(text, stream)` sees what is printed, which is passed on to the script's own
 *   `stdout` and `stderr`; `input` is what the command reads from its `stdin`
 * @returns {Promise<number>} the exit code; 127 where there is no such command
 */
export function run(command, args, { onOutput, input, ...options } = {}) {
  const output = onOutput ? "pipe" : "inherit";
  const stdio = options.stdio ?? [input === undefined ? "ignore" : "pipe", output, output];
  const child = start(command, args, { cwd: root, ...options, stdio });
  // A command that ended without reading it all says why by itself.
  if (input !== undefined) child.stdin.on("error", () => {}).end(input);
  for (const stream of onOutput ? ["stdout", "stderr"] : []) {
    child[stream].setEncoding("utf8").on("data", (text) => {
      process[stream].write(text);
      onOutput(text, stream);
    });
  }
  return ended(child);
}

/**
 * Runs a command and keeps what it prints.
 *
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>} code 127 where there is no such command
 */
export async function capture(command, args, options = {}) {
  const child = start(command, args, { cwd: root, ...options, stdio: ["ignore", "pipe", "pipe"] });
  const kept = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) {
    child[stream].setEncoding("utf8").on("data", (text) => {
      kept[stream] += text;
    });
  }
  return { code: await ended(child), ...kept };
}

/** Runs a command, and throws a {@link Problem} with this message when it fails. */
export async function mustRun(message, command, args, options) {
  if ((await run(command, args, options)) !== 0) throw new Problem(message);
}

function start(command, args, options) {
  if (process.listenerCount("SIGTERM") === 0) {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
    if (process.env.npm_lifecycle_event) stopWithNpm();
  }
  const child = spawn(command, args, options);
  children.add(child);
  return child;
}

function ended(child) {
  return new Promise((resolve, reject) => {
    const finish = (settle, value) => {
      children.delete(child);
      // While the script is being stopped nothing goes on after a child: `stop` ends the process.
      if (!stopping) settle(value);
    };
    child.on("error", (error) => (error.code === "ENOENT" ? finish(resolve, 127) : finish(reject, error)));
    child.on("close", (code, signal) => finish(resolve, code ?? 128 + constants.signals[signal]));
  });
}

/**
 * Stops when the shell that npm started this script with has ended. npm passes a SIGTERM to that
 * shell, and few shells pass it on: the script would run on after the `npm start` that was stopped.
 */
function stopWithNpm() {
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell && isAlive(shell)) return;
    clearInterval(watch);
    stop("SIGTERM");
  }, 100);
  watch.unref();
}

async function stop(signal) {
  if (stopping) return;
  stopping = true;
  const below = [...children].flatMap((child) => descendants(child.pid));
  for (const child of children) tell(child.pid, signal);

  const deadline = Date.now() + GRACE_MS;
  while (children.size > 0 && Date.now() < deadline) await sleep(20);
  // What has lost its parent has been told by it, or never will be.
  const patience = Math.min(deadline, Date.now() + 500);
  while (below.some(isAlive) && Date.now() < patience) await sleep(20);

  for (const pid of [...[...children].map((child) => child.pid), ...below]) {
    if (isAlive(pid)) tell(pid, "SIGKILL");
  }
  process.exit(normalStop ? 0 : 128 + constants.signals[signal]);
}

function tell(pid, signal) {
  if (process.platform === "win32") {
    // Windows has no signals: this ends the process and all below it.
    spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore" });
    return;
  }
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** Whether there is a process of this id. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** The ids of all processes below this one. */
function descendants(pid) {
  const parents = parentOfEach();
  const found = [pid];
  for (const ancestor of found) {
    for (const [child, parent] of parents) if (parent === ancestor) found.push(child);
  }
  return found.slice(1);
}

/** Every process with its parent. From /proc where there is one: small containers have no `ps`. */
function parentOfEach() {
  if (process.platform === "win32") return [];
  if (!existsSync("/proc/self/stat")) {
    const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
    return (stdout ?? "").split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  }
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      // "pid (name) state ppid …", and the name may hold spaces and brackets.
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      return [[Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])]];
    } catch {
      return []; // It ended meanwhile.
    }
  });
}
