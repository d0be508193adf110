/**
 * The programs that make a Worker of the crate.
 *
 * `worker-build` would download `wasm-bindgen`, `wasm-opt` and `esbuild` from GitHub and npm while
 * it builds, in versions of its own choice. Here they come from crates.io and npm alone, in the
 * versions that Cargo.lock and package-lock.json name, and the build itself needs no network.
 */

import { accessSync, constants, existsSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

import { withLock } from "./lock.mjs";
import { Problem } from "./problem.mjs";
import { capture, run } from "./process.mjs";
import { cacheDir, inProject, lockedVersion } from "./project.mjs";

const exe = process.platform === "win32" ? ".exe" : "";

/** What is installed with cargo: package, command, and its version, or the crate whose version it must have. */
const CARGO_TOOLS = {
  workerBuild: { name: "worker-build", command: "worker-build", follows: "worker" },
  wasmBindgen: { name: "wasm-bindgen-cli", command: "wasm-bindgen", follows: "wasm-bindgen" },
  cargoDeny: { name: "cargo-deny", command: "cargo-deny", version: "0.20.2" },
};

/** Those that the build needs. */
const BUILD_TOOLS = ["workerBuild", "wasmBindgen"];

/** Cargo's settings that belong to the user's own build, and would break or change that of a tool. */
const BUILD_ONLY = ["CARGO_BUILD_TARGET", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "RUSTFLAGS"];

/**
 * Installs the cargo tools that are not there in the right version.
 *
 * @param {(keyof typeof CARGO_TOOLS)[]} [names] by default those of the build
 */
export async function installCargoTools(names = BUILD_TOOLS) {
  for (const name of names) {
    const wanted = describe(CARGO_TOOLS[name]);
    if (await isThere(wanted)) continue;
    const lock = join(cacheDir(), `${wanted.id}.lock`);
    await withLock(lock, `installing ${wanted.id}`, async () => {
      if (!(await isThere(wanted))) await install(wanted);
    });
  }
}

/** Where cargo-deny is, once it is installed. */
export const cargoDeny = () => describe(CARGO_TOOLS.cargoDeny).path;

/**
 * The environment for `worker-build`, with every program it would otherwise download, and the
 * versions of them all.
 */
export function buildTools() {
  const workerBuild = describe(CARGO_TOOLS.workerBuild);
  const wasmBindgen = describe(CARGO_TOOLS.wasmBindgen);
  const wasmOpt = nodeModule("binaryen", () =>
    // A JavaScript file: Windows cannot start it but by npm's wrapper.
    exe ? inProject("node_modules", ".bin", "wasm-opt.cmd") : inProject("node_modules", "binaryen", "bin", "wasm-opt"),
  );
  const esbuild = nodeModule("esbuild", esbuildBinary);
  for (const { path } of [wasmOpt, esbuild]) mustBeExecutable(path);
  return {
    command: workerBuild.path,
    env: {
      // wasm-opt's first line asks for `node`: let it be the one that runs this script.
      ...withPath((path) => [dirname(process.execPath), path]),
      WASM_BINDGEN_BIN: wasmBindgen.path,
      WASM_OPT_BIN: wasmOpt.path,
      ESBUILD_BIN: esbuild.path,
    },
    versions: {
      "worker-build": workerBuild.version,
      "wasm-bindgen": wasmBindgen.version,
      binaryen: wasmOpt.version,
      esbuild: esbuild.version,
    },
  };
}

function describe({ name, command, follows, version = lockedVersion(follows) }) {
  const id = `${name}-${version}`;
  const home = join(cacheDir(), id);
  return { name, version, id, home, path: join(home, "bin", command + exe) };
}

/** Whether the tool starts and says that it is of this version: a file alone proves neither. */
async function isThere({ path, version }) {
  if (!existsSync(path)) return false;
  const { code, stdout } = await capture(path, ["--version"]);
  return code === 0 && stdout.trim().split(" ").at(-1) === version;
}

async function install(tool) {
  console.log(
    `\nInstalling ${tool.name} ${tool.version} with cargo. This takes about 3 to 4 minutes, once: it is kept in\n` +
      `${tool.home} for every checkout.\n`,
  );
  // A folder of its own, so that a run that was interrupted is continued and not begun again.
  const workDir = `${tool.home}.build`;
  const args = ["install", tool.name, "--version", `=${tool.version}`, "--root", tool.home, "--target-dir", workDir];

  let { code, errors } = await cargo(tool, [...args, "--locked", "--force"]);
  if (code !== 0 && /failed to select a version|no matching package/.test(errors)) {
    // A mirror that lags behind, or a version that was withdrawn: the tool's own version stays what
    // it is, and of what it is made of cargo takes the newest that can be had.
    console.log(`\nThe registry lacks a version that ${tool.name} was released with; taking the nearest ones.\n`);
    ({ code, errors } = await cargo(tool, [...args, "--force"]));
  }
  if (code !== 0) throw new Problem(`${tool.name} ${tool.version} could not be installed (see above).${hint(errors)}`);
  if (!(await isThere(tool))) throw new Problem(`${tool.path} was installed, but does not run as ${tool.version}.`);
  rmSync(workDir, { recursive: true, force: true });
}

async function cargo(tool, args) {
  // Else cargo ends with a warning that the folder should be on the PATH, which it need not be.
  const env = withPath((path) => [path, dirname(tool.path)]);
  for (const name of BUILD_ONLY) delete env[name];
  if (process.stderr.isTTY) env.CARGO_TERM_COLOR ??= "always";
  let errors = "";
  const code = await run("cargo", args, { env, onOutput: (text) => (errors += text) });
  return { code, errors };
}

/** The environment with another PATH. On Windows its name is mostly `Path`, and a copy minds the case. */
function withPath(change) {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  return { ...process.env, [name]: change(process.env[name]).join(delimiter) };
}

/** What a failed installation mostly lacks: the C linker, or OpenSSL's headers on Linux. */
function hint(errors) {
  if (!/linker .* not found|openssl|pkg-config/i.test(errors)) return "";
  return (
    "\nIt needs a C compiler, and on Linux OpenSSL's headers as well:\n" +
    "  Debian, Ubuntu   sudo apt-get install build-essential pkg-config libssl-dev\n" +
    "  Fedora           sudo dnf install gcc pkgconf-pkg-config openssl-devel\n" +
    "  macOS            xcode-select --install\n" +
    "  Windows          Visual Studio Build Tools with C++\n" +
    "Then run the same command again."
  );
}

function nodeModule(name, locate) {
  const { version } = JSON.parse(readFileSync(inProject("node_modules", name, "package.json"), "utf8"));
  return { version, path: locate() };
}

/** esbuild's own binary. `node_modules/.bin/esbuild` may be a JavaScript launcher, which is slower to start. */
function esbuildBinary() {
  const require = createRequire(inProject("node_modules", "esbuild", "package.json"));
  const platform = `@esbuild/${process.platform}-${process.arch}`;
  try {
    return require.resolve(exe ? `${platform}/esbuild.exe` : `${platform}/bin/esbuild`);
  } catch {
    return inProject("node_modules", "esbuild", "bin", "esbuild");
  }
}

/** `worker-build` takes a program that it cannot start for none, and goes to download one. */
function mustBeExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Problem(`${path} is missing or cannot be executed. Remove node_modules and run \`npm run setup\`.`);
  }
}
