/** Python on this machine, and a virtual environment of it that has PyPI's clients, outside the checkout. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../../../scripts/lib/problem.mjs";
import { capture, mustRunQuietly } from "../../../scripts/lib/process.mjs";
import { cacheDir, inProject } from "../../../scripts/lib/project.mjs";

const windows = process.platform === "win32";

/** @typedef {{command: string, version: string}} Python */

/** The oldest Python that requirements.txt installs on. */
const [MAJOR, MINOR] = [3, 11];

/** What is installed, as a folder's name. */
const NAME = "clients";

/**
 * The first Python that is new enough, or the words that say what is there instead.
 *
 * @returns {Promise<Python | {missing: string}>}
 */
export async function findPython() {
  let found = "none is found";
  for (const command of windows ? ["python", "python3"] : ["python3", "python"]) {
    const { code, stdout } = await capture(command, ["-c", "import sys; print(*sys.version_info[:3])"]);
    if (code !== 0) continue;
    const version = stdout.trim().split(" ").map(Number);
    if (version[0] !== MAJOR || version[1] < MINOR) {
      found = `${command} is ${version[0]}.${version[1]}`;
      continue;
    }
    const { code: hasVenv } = await capture(command, ["-c", "import ensurepip, venv"]);
    if (hasVenv === 0) return { command, version: version.join(".") };
    found = `${command} cannot make a virtual environment (Debian and Ubuntu: sudo apt-get install python3-venv)`;
  }
  return { missing: `Python ${MAJOR}.${MINOR} or newer is needed, and ${found}` };
}

/**
 * Installs what requirements.txt names, unless it is there: once for every checkout, for each list and each Python.
 *
 * @param {Python} python
 * @returns {Promise<string>} the environment's Python
 */
export async function install(python) {
  const requirements = inProject("tests", "clients", "requirements.txt");
  const key = createHash("sha256")
    .update(`${python.version}\n${readFileSync(requirements, "utf8")}`)
    .digest("hex");
  const home = join(cacheDir(), `${NAME}-${key.slice(0, 12)}`);
  const executable = (/** @type {string} */ folder) =>
    windows ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
  const complete = join(home, "complete");
  if (existsSync(complete)) return executable(home);

  // Made beside its place, and moved there when it is whole: two may do this at once. Of what is in it only Python
  // itself is called, which may be moved.
  const building = `${home}.${process.pid}`;
  console.log(`Installing PyPI's clients into ${home}: some minutes, once for every checkout …`);
  mkdirSync(cacheDir(), { recursive: true });
  try {
    await mustRunQuietly("Python could not make a virtual environment (see above).", python.command, [
      ...["-m", "venv", building],
    ]);
    await mustRunQuietly("PyPI's packages could not be installed (see above).", executable(building), [
      ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check"],
      ...["--requirement", requirements],
    ]);
    writeFileSync(join(building, "complete"), "");
    if (existsSync(home) && !existsSync(complete)) rmSync(home, { recursive: true, force: true });
    renameSync(building, home);
  } catch (error) {
    // Another was first.
    if (error instanceof Problem || !existsSync(complete)) throw error;
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return executable(home);
}

/** Installs them where there is a Python: before the tests, whose time is limited. */
export async function prepare() {
  const python = await findPython();
  if ("missing" in python) console.log(`PyPI's clients are skipped: ${python.missing}.`);
  else await install(python);
}
