/** schemathesis, from PyPI, in a virtualenv of its own. */

import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Problem } from "../../scripts/lib/problem.mjs";
import { capture, mustRun, run } from "../../scripts/lib/process.mjs";
import { cacheDir, inProject, readText } from "../../scripts/lib/project.mjs";

const REQUIREMENTS = ["tests", "fuzz_api", "requirements.txt"];

/** The oldest Python that schemathesis runs on. */
const MIN_PYTHON = [3, 11];

const windows = process.platform === "win32";

/**
 * Installs schemathesis, unless it is there: outside the checkout, once for each version of it and of Python.
 *
 * @returns {Promise<string>} its command
 */
export async function install() {
  const python = await findPython();
  const requirements = readText(...REQUIREMENTS);
  const [, version] = /^schemathesis==(.+)$/m.exec(requirements ?? "") ?? [];
  const key = createHash("sha256").update(`${python.version}\n${requirements}`).digest("hex").slice(0, 12);
  const home = join(cacheDir(), `schemathesis-${version}-${key}`);
  const bin = join(home, windows ? "Scripts" : "bin");
  const done = join(home, "complete");
  if (!existsSync(done)) {
    console.log(`Installing schemathesis ${version} from PyPI into ${home}, once for every checkout …`);
    rmSync(home, { recursive: true, force: true });
    await mustRun(
      "Python could not make a virtualenv (see above). On Debian and Ubuntu: sudo apt-get install python3-venv",
      python.command,
      ["-m", "venv", home],
    );
    const pip = [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--disable-pip-version-check",
      "--requirement",
      inProject(...REQUIREMENTS),
    ];
    await mustRun(
      "schemathesis could not be installed (see above).",
      join(bin, windows ? "python.exe" : "python"),
      pip,
    );
    writeFileSync(done, "");
  }
  return join(bin, windows ? "schemathesis.exe" : "schemathesis");
}

async function findPython() {
  let found = "none is found";
  for (const command of windows ? ["python", "python3"] : ["python3", "python"]) {
    const { code, stdout } = await capture(command, ["-c", "import sys; print(*sys.version_info[:3])"]);
    if (code !== 0) continue;
    const [major, minor, patch] = stdout.trim().split(" ").map(Number);
    if (major === MIN_PYTHON[0] && minor >= MIN_PYTHON[1]) return { command, version: `${major}.${minor}.${patch}` };
    found = `${command} is ${major}.${minor}`;
  }
  throw new Problem(
    `The fuzz test needs Python ${MIN_PYTHON.join(".")} or newer, and ${found}.\n` +
      "  Get it at https://www.python.org, or on Debian and Ubuntu with: sudo apt-get install python3 python3-venv",
  );
}

/**
 * Runs schemathesis against a Worker.
 *
 * @param {string} command
 * @param {{origin: string, args: string[], env: Record<string, string>}} options
 * @returns {Promise<{passed: number, failed: number}>} cases; a run that did not come to its end is one that failed
 */
export async function schemathesis(command, { origin, args, env }) {
  const folder = mkdtempSync(join(tmpdir(), "free-flux-api-"));
  try {
    const report = join(folder, "report.json");
    const own = (/** @type {string} */ name) => inProject("tests", "fuzz_api", name);
    const all = [
      "--config-file",
      own("schemathesis.toml"),
      "run",
      inProject("assets", "openapi.json"),
      "--url",
      origin,
      ...args,
    ];
    const code = await run(command, [...all, "--report-json-path", report], {
      cwd: folder,
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", SCHEMATHESIS_HOOKS: own("hooks.py"), ...env },
    });
    if (!existsSync(report)) throw new Problem("schemathesis could not run (see above).");
    const { complete, test_cases: cases, errors } = JSON.parse(readFileSync(report, "utf8"));
    const failed = cases.with_failures + cases.errored;
    const unfinished = code !== 0 || !complete || errors.length > 0 ? 1 : 0;
    return { passed: cases.generated - failed - cases.without_checks, failed: Math.max(failed, unfinished) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
