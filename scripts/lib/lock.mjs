/** Lets one process at a time do a thing, such as two terminals that both start the project. */

import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { isAlive } from "./process.mjs";

/** A lock without a process id this long after it was made belongs to one that died in between. */
const UNSIGNED_MS = 10_000;

/**
 * Holds the lock file `path` while `action` runs; waits while another process holds it.
 *
 * The file names the process that holds it. It is removed however this process ends, except by
 * SIGKILL, and whoever comes next removes the lock of a process that is gone.
 *
 * @param {string} path
 * @param {string} what what is being done, for the message to those who wait
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 * @template T
 */
export async function withLock(path, what, action) {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  while (!take(path)) {
    if (!told) console.log(`Waiting for another run that is ${what} …`);
    told = true;
    await sleep(200);
  }
  const release = () => rmSync(path, { force: true });
  process.on("exit", release);
  try {
    return await action();
  } finally {
    process.off("exit", release);
    release();
  }
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  if (isAbandoned(path)) rmSync(path, { force: true });
  return false;
}

function isAbandoned(path) {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    return pid > 0 ? !isAlive(pid) : Date.now() - statSync(path).mtimeMs > UNSIGNED_MS;
  } catch {
    return false; // It was released just now.
  }
}
