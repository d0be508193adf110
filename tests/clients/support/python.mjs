/**
 * PyPI's clients. They run in one process of Python for each test file, which takes calls line by line: see
 * python/serve.py. Where there is no Python, a test that needs it is skipped, and says so.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { findPython, install } from "./virtualenv.mjs";

const file = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

const found = await findPython();

/** Why a test that needs Python is skipped; `false` where it is not. @type {string | false} */
export const NO_PYTHON = "missing" in found && found.missing;

/** What a Python client raised. */
export class Raised extends Error {
  /** @param {{type: string, message: string, status?: number, code?: string, param?: string}} raised */
  constructor({ type, message, status, code, param }) {
    super(`${type}: ${message}`);
    Object.assign(this, { type, status, code, param });
    this.type = type;
    this.status = status;
    this.code = code;
    this.param = param;
  }
}

/** @typedef {{call: (client: string, does: string, args: Record<string, unknown>) => Promise<import("./pictures.mjs").Answer>}} Clients */

/**
 * The clients, for all tests of a file: `clients.call("openai", "image", { origin, prompt })` calls `image` of
 * python/with_openai.py.
 *
 * @returns {Clients}
 */
export function usePython() {
  const waiting = new Map();
  let last = 0;
  /** @type {import("node:child_process").ChildProcessWithoutNullStreams} */
  let served;
  let home = "";
  let said = "";

  /** Python is started by the first call: a file's hooks have no order. @type {Promise<void> | undefined} */
  let started;
  async function start() {
    if ("missing" in found) throw new Error(found.missing);
    const python = await install(found);
    home = mkdtempSync(join(tmpdir(), "free-flux-api-"));
    const env = { ...process.env, ...QUIET, LLM_USER_PATH: home, HF_HOME: home };
    served = spawn(python, [file("../python/serve.py")], { cwd: home, env });
    served.stderr.setEncoding("utf8").on("data", (text) => (said = (said + text).slice(-4_000)));
    createInterface(served.stdout).on("line", (line) => {
      const { id, ...result } = JSON.parse(line);
      waiting.get(id)?.(result);
      waiting.delete(id);
    });
    served.on("close", (code) => {
      for (const finish of waiting.values()) {
        finish({ raised: { type: "Ended", message: `Python ended with ${code}: ${said}` } });
      }
    });
  }
  after(async () => {
    if (!served) return;
    const ended = new Promise((resolve) => served.on("close", resolve));
    served.stdin.end();
    await ended;
    rmSync(home, { recursive: true, force: true });
  });

  return {
    async call(client, does, args) {
      started ??= start();
      await started;
      last += 1;
      const id = last;
      const result = await new Promise((resolve) => {
        waiting.set(id, resolve);
        served.stdin.write(`${JSON.stringify({ id, client, does, args })}\n`);
      });
      if (result.raised) throw new Raised(result.raised);
      return result.value;
    },
  };
}

/** Nothing of a client may call home, or look for what a user of this machine has set up. */
const QUIET = {
  PYTHONDONTWRITEBYTECODE: "1",
  PYTHONUTF8: "1",
  NO_PROXY: "127.0.0.1,localhost",
  OPENAI_API_KEY: "any",
  LITELLM_LOCAL_MODEL_COST_MAP: "True",
  LITELLM_MODE: "PRODUCTION",
  LANGSMITH_TRACING: "false",
  LANGCHAIN_TRACING_V2: "false",
  HF_HUB_DISABLE_TELEMETRY: "1",
  HF_HUB_DISABLE_IMPLICIT_TOKEN: "1",
};
