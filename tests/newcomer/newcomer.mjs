/**
 * Does what a newcomer does, on a machine that has Rust and Node and nothing else: clones, `npm start`, asks for a picture;
 * and prints the minutes: `npm run newcomer`, or with another Node `npm run newcomer -- --node 24`.
 *
 * HOME, CARGO_HOME and npm's cache are new and empty, and of the environment only what the network needs is left. The
 * Rust toolchain is the one that is installed. What is cloned is the last commit. Linux and macOS.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { main, Problem } from "../../scripts/lib/problem.mjs";
import { capture, mustRunQuietly } from "../../scripts/lib/process.mjs";
import { root } from "../../scripts/lib/project.mjs";
import { freePort } from "../support/free_port.mjs";

/** What a machine needs to reach the registries from where it is. */
const NETWORK = /^(https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR))$/i;

/** The goal, on two cores with nothing else to do. */
const GOAL_MINUTES = 5;

/** When it is given up. */
const PATIENCE_MS = 30 * 60_000;

const minutes = (/** @type {number} */ since) => ((Date.now() - since) / 60_000).toFixed(1);

/** Where a command is. @param {string} command */
async function whereIs(command) {
  const { code, stdout } = await capture("sh", ["-c", `command -v ${command}`]);
  if (code !== 0) throw new Problem(`${command} is not found.`);
  return stdout.trim();
}

/**
 * A folder with nothing in it but Node, of a version that npm's package `node` has or else the one that runs this, and npm.
 *
 * @param {string} home
 * @param {string | undefined} version
 */
async function nodeIn(home, version) {
  const bin = join(home, "bin");
  mkdirSync(bin);
  let node = process.execPath;
  if (version) {
    const install = ["install", "--prefix", join(home, "node"), "--no-audit", "--no-fund", `node@${version}`];
    await mustRunQuietly(`Node ${version} could not be installed.`, "npm", install);
    node = join(home, "node", "node_modules", "node", "bin", "node");
  }
  symlinkSync(node, join(bin, "node"));
  const { stdout } = await capture("npm", ["root", "--global"]);
  for (const name of ["npm", "npx"]) {
    const script = join(bin, name);
    writeFileSync(
      script,
      `#!/bin/sh\nexec "${join(bin, "node")}" "${join(stdout.trim(), "npm/bin", `${name}-cli.js`)}" "$@"\n`,
    );
    chmodSync(script, 0o755);
  }
  return bin;
}

/** Waits for the first picture. @param {string} origin @param {import("node:child_process").ChildProcess} child */
async function firstPicture(origin, child) {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(500)) {
    if (child.exitCode !== null) throw new Problem(`npm start ended with ${child.exitCode} (see above).`);
    const answer = await fetch(`${origin}/?prompt=a+cat`).catch(() => undefined);
    if (answer) return answer;
  }
  throw new Problem(`There is no picture after ${PATIENCE_MS / 60_000} minutes.`);
}

await main(import.meta.url, async () => {
  const { node: version } = parseArgs({ options: { node: { type: "string" } } }).values;
  const home = mkdtempSync(join(tmpdir(), "newcomer-"));
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let child;
  try {
    const bin = await nodeIn(home, version);
    const network = Object.fromEntries(Object.entries(process.env).filter(([name]) => NETWORK.test(name)));
    const env = {
      ...network,
      ...{ HOME: home, CARGO_HOME: join(home, "cargo"), npm_config_cache: join(home, "npm") },
      RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), ".rustup"),
      PATH: [bin, dirname(await whereIs("cargo")), "/usr/bin", "/bin"].join(":"),
    };
    const options = { env, cwd: home };
    const { stdout: name } = await capture("node", ["--version"], options);
    const start = Date.now();
    const clone = join(home, "clone");
    await mustRunQuietly("The clone failed.", "git", ["clone", "--quiet", `file://${root}`, clone], options);

    const port = await freePort();
    const more = ["--port", String(port), "--inspector-port", String(await freePort())];
    child = spawn("npm", ["start", "--", ...more], {
      cwd: clone,
      env,
      stdio: ["ignore", "inherit", "inherit"],
      detached: true,
    });
    const answer = await firstPicture(`http://localhost:${port}`, child);
    const type = answer.headers.get("content-type");
    if (answer.status !== 200 || !type?.startsWith("image/"))
      throw new Problem(`It answered ${answer.status}, ${type}.`);
    console.log(
      `\nNode ${name.trim()}: ${minutes(start)} minutes from the clone to the first picture (goal: ${GOAL_MINUTES}).`,
    );
  } finally {
    if (child?.pid) {
      const ended = once(child, "exit");
      if (child.exitCode === null) process.kill(-child.pid, "SIGTERM");
      if (child.exitCode === null) await ended;
    }
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
});
