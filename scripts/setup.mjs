/**
 * Makes a fresh clone ready to be built: `npm run setup`.
 *
 * Checks what only the user can install, and installs the rest: the npm packages and Rust's wasm32 target. What is there
 * already is left alone, so the other scripts call this first, each time; it needs nothing but Node's own modules.
 */

import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";

import { main, Problem } from "./lib/problem.mjs";
import { capture, mustRun, mustRunQuietly } from "./lib/process.mjs";
import { inProject, minimumRust, MIN_NODE, readText, root, WASM_TARGET } from "./lib/project.mjs";

/**
 * Installs what is missing.
 *
 * @param {{ node?: boolean, wasm?: boolean }} [parts] what is needed beside Rust and Node: the npm packages, the wasm32
 *   target; by default both
 */
export async function setup({ node = true, wasm = true } = {}) {
  await checkPrerequisites();
  if (node) await installNodeModules();
  if (wasm) await addWasmTarget();
}

/** Throws a {@link Problem} where Rust or Node is missing or too old. */
export async function checkPrerequisites() {
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
    const remedy = isThere
      ? `It is in ${bin}, which is not on your PATH: open a new terminal, or add it.`
      : "Get it with rustup, at https://rustup.rs, then open a new terminal.";
    return `${cargo.code === 127 ? "cargo" : "rustc"} (Rust) is not found.\n  ${remedy}`;
  }
  if (cargo.code !== 0 || rustc.code !== 0) {
    const said = (cargo.stderr || rustc.stderr).trim().split("\n").join("\n  ");
    return `cargo (Rust) does not run:\n  ${said}\n  \`rustup default stable\` mostly helps.`;
  }
  const [major, minor] = minimumRust();
  const [, hasMajor, hasMinor] = (/(\d+)\.(\d+)/.exec(rustc.stdout) ?? []).map(Number);
  if (hasMajor < major || (hasMajor === major && hasMinor < minor)) {
    return `Rust ${major}.${minor} or newer is needed, and this is ${hasMajor}.${hasMinor}.\n  Get it with \`rustup update stable\`.`;
  }
  return undefined;
}

/** Runs `npm ci` unless what package-lock.json names is what is installed. */
export async function installNodeModules() {
  if (nodeModulesFit()) return;
  console.log("Installing the npm packages …");
  const [command, ...args] = npm();
  // Set here because npm hands the options of the `npm start` that this may run in to whatever it runs. No package needs
  // its install script: what is compiled comes as an optional package.
  const packages = ["--include=dev", "--include=optional", "--ignore-scripts"];
  const flags = ["--prefix", root, ...packages, "--no-audit", "--no-fund"];
  await mustRunQuietly("`npm ci` failed (see above).", command, [...args, "ci", ...flags], {
    shell: command === "npm.cmd",
  });
}

/**
 * Whether the packages that are installed are those of package-lock.json. npm keeps a list of what it installed;
 * comparing it with the lock is right where time stamps are not (a fresh clone, a restored cache), and an installation
 * that was interrupted has no such list.
 */
function nodeModulesFit() {
  const installed = readText("node_modules", ".package-lock.json");
  if (installed === undefined) return false;
  const has = JSON.parse(installed).packages ?? {};
  return Object.entries(JSON.parse(readFileSync(inProject("package-lock.json"), "utf8")).packages)
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

/** Adds the wasm32 target to Rust, unless it is there. */
export async function addWasmTarget() {
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
