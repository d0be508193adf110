/**
 * Child processes that end when the script ends.
 *
 * Each child leads a process group of its own, and a signal to the script (Ctrl-C, `kill`, a closed terminal) goes on
 * to all of that group: no run leaves a compiler behind. Only a child that reads the terminal stays in the script's own
 * group, for the terminal would not let it read otherwise; it gets Ctrl-C from there.
 */

import { spawn } from "node:child_process";
import { constants } from "node:os";

import { errorCode, Problem } from "./problem.mjs";
import { root } from "./project.mjs";

/** How long a child may take to end by itself once it was told to. `wrangler` needs about one second. */
const GRACE_MS = 5_000;

/**
 * @typedef {import("node:child_process").SpawnOptions} SpawnOptions
 * @typedef {(text: string, stream: "stdout" | "stderr") => void} OnOutput
 */

/**
 * Each running child, with what a signal goes to: its process, or as a negative number its group.
 *
 * @type {Map<import("node:child_process").ChildProcess, number>}
 */
const children = new Map();
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
 * @param {SpawnOptions & { onOutput?: OnOutput, input?: string }} [options] `onOutput` sees what is printed, which is
 *   passed on to the script's own `stdout` and `stderr`; `input` is what the command reads from its `stdin`
 * @returns {Promise<number>} the exit code; 127 where there is no such command
 */
export function run(command, args, { onOutput, input, ...options } = {}) {
  const output = onOutput ? "pipe" : "inherit";
  const child = start(command, args, { stdio: [input === undefined ? "ignore" : "pipe", output, output], ...options });
  // A command that ended without reading it all says why by itself.
  if (input !== undefined) child.stdin?.on("error", () => {}).end(input);
  if (onOutput) {
    read(child, (text, stream) => {
      process[stream].write(text);
      onOutput(text, stream);
    });
  }
  return ended(child);
}

/**
 * Runs a command and keeps what it prints.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {SpawnOptions} [options]
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>} code 127 where there is no such command
 */
export async function capture(command, args, options = {}) {
  const child = start(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const kept = { stdout: "", stderr: "" };
  read(child, (text, stream) => (kept[stream] += text));
  return { code: await ended(child), ...kept };
}

/**
 * Runs a command, and throws a {@link Problem} with this message when it fails.
 *
 * @param {string} message
 * @param {Parameters<typeof run>} command
 */
export async function mustRun(message, ...command) {
  if ((await run(...command)) !== 0) throw new Problem(message);
}

/**
 * As {@link mustRun}, but what it prints is shown only when it fails: for what runs beside another command.
 *
 * @param {string} message
 * @param {Parameters<typeof capture>} command
 */
export async function mustRunQuietly(message, ...command) {
  const { code, stdout, stderr } = await capture(...command);
  if (code !== 0) throw new Problem(`${stdout}${stderr}\n${message}`);
}

/** @param {string} command @param {string[]} args @param {SpawnOptions} options */
function start(command, args, options) {
  if (process.listenerCount("SIGTERM") === 0) {
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, stop);
    if (process.env.npm_lifecycle_event) stopWithNpm();
  }
  const detached = options.stdio !== "inherit" && process.platform !== "win32";
  const child = spawn(command, args, { cwd: root, ...options, detached });
  if (child.pid !== undefined) children.set(child, detached ? -child.pid : child.pid);
  return child;
}

/** @param {import("node:child_process").ChildProcess} child @param {OnOutput} onText */
function read(child, onText) {
  for (const stream of /** @type {const} */ (["stdout", "stderr"])) {
    child[stream]?.setEncoding("utf8").on("data", (text) => onText(text, stream));
  }
}

/** @param {import("node:child_process").ChildProcess} child @returns {Promise<number>} its exit code */
function ended(child) {
  return new Promise((resolve, reject) => {
    /** @param {() => void} settle */
    const finish = (settle) => {
      children.delete(child);
      // While the script is being stopped nothing goes on after a child: `stop` ends the process.
      if (!stopping) settle();
    };
    child.on("error", (error) => finish(() => (errorCode(error) === "ENOENT" ? resolve(127) : reject(error))));
    child.on("close", (code, signal) => finish(() => resolve(code ?? (signal ? exitCode(signal) : 1))));
  });
}

/** The exit code by which a shell says that a signal ended a command. @param {NodeJS.Signals} signal */
const exitCode = (signal) => 128 + constants.signals[signal];

/**
 * Stops when the shell that npm started this script with is gone. npm passes a SIGTERM to that shell, and few shells
 * pass it on: the script would run on after the `npm start` that was stopped.
 */
function stopWithNpm() {
  const shell = process.ppid;
  setInterval(() => process.ppid !== shell && stop("SIGTERM"), 100).unref();
}

/** @param {NodeJS.Signals} signal */
function stop(signal) {
  if (stopping) return;
  stopping = true;
  const targets = [...children.values()];
  for (const target of targets) tell(target, signal);
  const deadline = Date.now() + GRACE_MS;
  const watch = setInterval(() => {
    if (children.size > 0 && Date.now() < deadline) return;
    clearInterval(watch);
    // A group may have outlived its leader.
    for (const target of targets) tell(target, "SIGKILL");
    process.exit(normalStop ? 0 : exitCode(signal));
  }, 20);
}

/** @param {number} target @param {NodeJS.Signals} signal */
function tell(target, signal) {
  try {
    process.kill(target, signal);
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
