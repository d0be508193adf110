/**
 * Makes a fresh clone ready to be built: `npm run setup`.
 *
 * Checks what only the user can install, and installs the rest: the npm packages, Rust's wasm32
 * target and the two cargo tools of the build. What is there already is left alone, so the other
 * scripts call this first, each time; it needs nothing but Node's own modules.
 */

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";

import { withLock } from "./lib/lock.mjs";
import { main, Problem } from "./lib/problem.mjs";
import { capture, mustRun } from "./lib/process.mjs";
import { inProject, minimumRust, MIN_NODE, readText, WASM_TARGET } from "./lib/project.mjs";
import { installCargoTools } from "./lib/tools.mjs";

/**
 * Installs what is missing.
 *
 * @param {object} [parts] what is needed: `node` for the npm packages, `wasm` for the wasm32
 *   target, `tools` for the cargo tools; all by default
 */
export async function setup({ node = true, wasm = true, tools = true } = {}) {
  await checkPrerequisites();
  if (node) await installNodeModules();
  if (wasm) await addWasmTarget();
  if (tools) await installCargoTools();
}

async function checkPrerequisites() {
  const missing = [];
  if (Number.parseInt(process.versions.node, 10) < MIN_NODE) {
    missing.push(
      `Node.js ${MIN_NODE} or newer is needed, and this is ${process.versions.node}.\n` +
        "  Get it at https://nodejs.org, or with your version manager (nvm install 22).",
    );
  }
  const rust = await rustProblem();
  if (rust) missing.push(rust);
  if (missing.length > 0) throw new Problem(missing.join("\n"));
}

async function rustProblem() {
  const [cargo, rustc] = await Promise.all([capture("cargo", ["--version"]), capture("rustc", ["--version"])]);
  if (cargo.code === 127 || rustc.code === 127) {
    const bin = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "bin");
    const isThere = ["cargo", "cargo.exe"].some((name) => existsSync(join(bin, name)));
    return (
      `${cargo.code === 127 ? "cargo" : "rustc"} (Rust) is not found.\n` +
      (isThere
        ? `  It is in ${bin}, which is not on your PATH: open a new terminal, or add it.`
        : "  Get it with rustup, at https://rustup.rs, then open a new terminal.")
    );
  }
  if (cargo.code !== 0 || rustc.code !== 0) {
    const said = (cargo.stderr || rustc.stderr).trim().split("\n").join("\n  ");
    return `cargo (Rust) does not run:\n  ${said}\n  \`rustup default stable\` mostly helps.`;
  }
  const [major, minor] = minimumRust();
  const [, hasMajor, hasMinor] = /(\d+)\.(\d+)/.exec(rustc.stdout).map(Number);
  if (hasMajor < major || (hasMajor === major && hasMinor < minor)) {
    return `Rust ${major}.${minor} or newer is needed, and this is ${hasMajor}.${hasMinor}.\n  Get it with \`rustup update stable\`.`;
  }
}

/** Runs `npm ci` unless what package-lock.json names is what is installed. */
async function installNodeModules() {
  if (nodeModulesFit()) return;
  await withLock(inProject(".npm-ci.lock"), "installing the npm packages", async () => {
    if (nodeModulesFit()) return;
    console.log("Installing the npm packages …");
    const [command, ...args] = npm();
    // No package needs its install script: what is compiled comes as an optional package. Newer npm
    // versions hold these scripts back anyway, and so every version does the same.
    const flags = ["ci", "--include=dev", "--include=optional", "--ignore-scripts", "--no-audit", "--no-fund"];
    await mustRun("`npm ci` failed (see above).", command, [...args, ...flags], {
      env: npmEnvironment(),
      shell: command === "npm.cmd",
    });
  });
}

/**
 * Whether the packages that are installed are those of package-lock.json. npm keeps a list of what
 * it installed; comparing it with the lock is right where time stamps are not (a fresh clone, a
 * restored cache), and an installation that was interrupted has no such list.
 */
function nodeModulesFit() {
  const installed = readText("node_modules", ".package-lock.json");
  if (installed === undefined) return false;
  const has = JSON.parse(installed).packages ?? {};
  return Object.entries(JSON.parse(readText("package-lock.json")).packages)
    .filter(([path]) => path !== "")
    .every(([path, { version, optional, peer }]) =>
      has[path] ? has[path].version === version : Boolean(optional || peer),
    );
}

/** The npm that runs this script, else the one on the PATH. */
function npm() {
  const running = process.env.npm_execpath ?? "";
  if (basename(running) === "npm-cli.js") return [process.execPath, running];
  return [process.platform === "win32" ? "npm.cmd" : "npm"];
}

/**
 * The environment without the options of the `npm start` that this may run in: npm hands them all
 * to what it runs, and `--omit=dev` or `--prefix` is not meant for the `npm ci` in it. Where the
 * packages come from (registry, proxy, cache, certificates) is kept.
 */
function npmEnvironment() {
  const notMeant =
    /^npm_config_(local_prefix|prefix|global|location|omit|include|only|also|production|dev|optional|dry_run|workspaces?|include_workspace_root|package_lock(_only)?|ignore_scripts|json|install_links|install_strategy|loglevel)$/i;
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !notMeant.test(name) && name !== "NODE_ENV"),
  );
}

async function addWasmTarget() {
  // Asks the compiler itself, which knows whether Rust came from rustup or from a distribution.
  const { stdout } = await capture("rustc", ["--print", "target-libdir", "--target", WASM_TARGET]);
  if (existsSync(stdout.trim())) return;
  if ((await capture("rustup", ["--version"])).code !== 0) {
    throw new Problem(
      `Rust's ${WASM_TARGET} target is not installed, and there is no rustup to add it.\n` +
        "  Get rustup at https://rustup.rs, or the target from where your Rust is from (Debian: libstd-rust-dev-wasm32).",
    );
  }
  console.log(`Adding Rust's ${WASM_TARGET} target …`);
  await mustRun(`\`rustup target add ${WASM_TARGET}\` failed (see above).`, "rustup", ["target", "add", WASM_TARGET]);
}

await main(import.meta.url, async () => {
  await setup();
  console.log("Everything is there: `npm start` runs the Worker, `npm test` tests it.");
});
