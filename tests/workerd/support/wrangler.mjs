/** `wrangler dev` itself, with the project's own wrangler.toml, as `npm start` runs it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../support/free_port.mjs";
import { path, request } from "./http.mjs";

const project = fileURLToPath(new URL("../../../", import.meta.url));

/** Settings that keep wrangler quiet and offline. */
const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  NO_COLOR: "1",
};

/**
 * @typedef {import("node:child_process").ChildProcessByStdio<null, import("node:stream").Readable, import("node:stream").Readable>} Child
 */

/** How long it may take until it serves: it may build the Worker first. */
const START_MS = 180_000;

/**
 * Starts it on a free port, with storage of its own; the user's .dev.vars is not read.
 *
 * @param {Record<string, string>} vars settings
 */
export async function startWrangler(vars) {
  const folder = await mkdtemp(join(tmpdir(), "free-flux-api-"));
  // A file of settings that is named takes the place of .dev.vars.
  const settings = join(folder, "settings.env");
  await writeFile(
    settings,
    Object.entries(vars)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}\n`)
      .join(""),
  );
  const [port, inspectorPort] = [await freePort(), await freePort()];
  const child = spawn(
    process.execPath,
    [
      join(project, "node_modules/wrangler/bin/wrangler.js"),
      ...["dev", "--local", "--var", "WORKERS_AI:off"],
      ...["--ip", "127.0.0.1", "--port", String(port), "--inspector-port", String(inspectorPort)],
      ...["--persist-to", join(folder, "state"), "--env-file", settings, "--show-interactive-dev-session=false"],
    ],
    // A group of its own, so that all that it starts ends with it.
    { cwd: project, env: { ...process.env, ...QUIET }, stdio: ["ignore", "pipe", "pipe"], detached: true },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  const origin = `http://127.0.0.1:${port}`;

  async function stop() {
    if (child.exitCode === null && child.signalCode === null) {
      process.kill(-Number(child.pid), "SIGTERM");
      const ended = once(child, "exit");
      const patience = setTimeout(() => process.kill(-Number(child.pid), "SIGKILL"), 10_000);
      await ended;
      clearTimeout(patience);
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  try {
    await serving(child, () => output);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    origin,
    /**
     * @param {string} pathname
     * @param {import("./http.mjs").Parameters} [parameters]
     * @param {import("./http.mjs").RequestOptions} [options]
     */
    get: (pathname, parameters, options) => request(origin, path(pathname, parameters), options),
    /** @param {string} rawPath @param {import("./http.mjs").RequestOptions} [options] */
    send: (rawPath, options) => request(origin, rawPath, options),
    /** Its output so far. */
    output: () => output,
    stop,
  };
}

/** Resolves when it says that it serves. @param {Child} child @param {() => string} output @returns {Promise<void>} */
function serving(child, output) {
  return new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ what) => reject(new Error(`wrangler dev ${what}:\n${output()}`));
    const patience = setTimeout(() => fail("did not start in time"), START_MS);
    child.once("exit", (code) => fail(`ended with ${code}`));
    child.stdout.on("data", () => {
      if (!/Ready on http/.test(output())) return;
      clearTimeout(patience);
      resolve();
    });
  });
}
