/** Runs the project's scripts as a user would, away from the user's own Cloudflare account. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

export const project = fileURLToPath(new URL("../../../", import.meta.url));

/** A folder of this test file, gone when its tests are done. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), "free-flux-api-"));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/**
 * Runs a script of scripts/ to its end.
 *
 * @param {string} name such as "deploy"
 * @param {string[]} args
 * @param {Record<string, string | undefined>} [env] over the environment; `undefined` takes a variable away
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function runScript(name, args, env = {}) {
  /** @type {Record<string, string | undefined>} */
  const quiet = { NO_COLOR: "1", FORCE_COLOR: undefined, GITHUB_STEP_SUMMARY: undefined };
  const child = spawn(process.execPath, [join(project, "scripts", `${name}.mjs`), ...args], {
    cwd: project,
    env: { ...process.env, ...quiet, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  return { code, output };
}
