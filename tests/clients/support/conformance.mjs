/**
 * The official conformance suite of the Model Context Protocol, from npm, in a folder outside the checkout. It needs a
 * newer Node than this project does, which comes with it.
 */
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Problem } from "../../../scripts/lib/problem.mjs";
import { capture, mustRunQuietly } from "../../../scripts/lib/process.mjs";
import { cacheDir, inProject } from "../../../scripts/lib/project.mjs";

const windows = process.platform === "win32";

/** The oldest Node that the suite runs on. */
const MIN_NODE = 22;

/** What npm reads to install it. */
const FILES = ["package.json", "package-lock.json"];

/**
 * What the suite found out about one requirement.
 *
 * @typedef {object} Check
 * @property {string} id
 * @property {"SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO"} status
 * @property {string} [errorMessage]
 */

const source = (/** @type {string} */ file) => inProject("tests", "clients", "conformance", file);

/** Where it is, once it is installed: once for every checkout, for each lock file. */
function home() {
  const key = createHash("sha256")
    .update(readFileSync(source("package-lock.json")))
    .digest("hex");
  return join(cacheDir(), `conformance-${key.slice(0, 12)}`);
}

/** Installs it, unless it is there. */
export async function installConformance() {
  if (existsSync(home())) return;
  // Made beside its place, and moved there when it is whole: two may do this at once.
  const building = `${home()}.${process.pid}`;
  console.log(`Installing the conformance suite of MCP into ${home()}, once for every checkout …`);
  mkdirSync(building, { recursive: true });
  try {
    for (const file of FILES) copyFileSync(source(file), join(building, file));
    const args = ["ci", "--no-audit", "--no-fund"];
    await mustRunQuietly("npm could not install the suite (see above).", windows ? "npm.cmd" : "npm", args, {
      cwd: building,
      shell: windows,
    });
    renameSync(building, home());
  } catch (error) {
    // Another was first.
    if (error instanceof Problem || !existsSync(home())) throw error;
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** A Node that is new enough. */
function node() {
  if (Number(process.versions.node.split(".")[0]) >= MIN_NODE) return process.execPath;
  return join(home(), "node_modules", "node", "bin", windows ? "node.exe" : "node");
}

/**
 * Runs one scenario against a server.
 *
 * @param {string} url of the endpoint
 * @param {string} version of the protocol
 * @param {string} scenario
 * @returns {Promise<Check[]>}
 */
export async function runScenario(url, version, scenario) {
  const results = mkdtempSync(join(tmpdir(), "free-flux-api-"));
  try {
    const suite = join(home(), "node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js");
    const what = ["--url", url, "--spec-version", version, "--scenario", scenario];
    const { stdout, stderr } = await capture(node(), [suite, "server", ...what, "--output-dir", results]);
    const [folder] = readdirSync(results);
    if (!folder) throw new Problem(`${stdout}${stderr}\nThe suite has no results of ${scenario} (see above).`);
    return JSON.parse(readFileSync(join(results, folder, "checks.json"), "utf8"));
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}
