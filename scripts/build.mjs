/**
 * Builds the Worker into build/index.js, with its .wasm beside it: `npm run build`.
 *
 *   1. cargo compiles the crate to WebAssembly, and beside it the program of tools/bundle;
 *   2. that program, which is wasm-bindgen, writes the JavaScript around the .wasm;
 *   3. esbuild makes one module of it and src/platform/entry.js;
 *   4. wasm-opt makes the .wasm smaller;
 *   5. esbuild makes the pages that are served of those in assets/ (scripts/pages.mjs).
 *
 * Where cargo made nothing new, the rest is left as it is; `-- --force` does it anyway. wrangler runs this too, before
 * a deployment and at every change of a source.
 */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { main, Problem } from "./lib/problem.mjs";
import { capture, mustRun, mustRunQuietly } from "./lib/process.mjs";
import { inProject, readText, WASM_TARGET } from "./lib/project.mjs";
import { buildPages } from "./pages.mjs";
import { addWasmTarget, checkPrerequisites, installNodeModules } from "./setup.mjs";

const WASM = "index_bg.wasm";
const JS = "index.js";

/**
 * The most that each file may weigh compressed, in bytes. A cold start loads and compiles all of it: each 100 KB is
 * felt there, and a dependency that brings its tables along shows here first. It is a tenth of what Cloudflare's free
 * plan takes.
 */
const BUDGETS = { [WASM]: 420_000, [JS]: 12_000 };

/** What the runtime loads, around what wasm-bindgen makes. */
const ENTRY = "src/platform/entry.js";
/** What stands for functions of these names, in what wasm-bindgen makes. */
const INJECTED = ["answer", "microtask", "promises", "traps"].map((name) => `src/platform/${name}.js`);

const BUNDLE = ["--manifest-path", "tools/bundle/Cargo.toml", "--locked"];

/** What else the build is made of. */
const SOURCES = [
  ...[ENTRY, ...INJECTED, "scripts/build.mjs", "package-lock.json"],
  ...["tools/bundle/Cargo.lock", "tools/bundle/src/main.rs"],
];

/** The methods of classes that `worker` exports to JavaScript and nothing here makes an object of. */
const UNCALLED = ["containerstartupoptions", "intounderlying", "minifyconfig", "r2range"];

/**
 * What wasm-opt does: whatever makes what is downloaded smaller, which is not what makes the file smaller. Only functions
 * of a few bytes are put into others (more would be a twentieth of the download, though the file shrinks; without these a
 * hit takes 4 % more CPU, for until V8 optimizes the code each call is dear), and stand in the order of their names, so
 * that compression finds near each other what is alike. The names themselves, a seventh of the download, go last.
 */
const PASSES = [
  ...UNCALLED.map((name) => `--remove-exports=*${name}*`),
  ...["-Oz", "-aimfs=8", "-ocimfs=0", "-fimfs=0"],
  "--skip-pass=local-cse",
  "--reorder-functions-by-name",
  "--strip-debug",
  "--strip-producers",
];

/** What the .wasm may use: what rustc does by default, and nothing that workerd does not know. */
const WASM_FEATURES = [
  ...["mutable-globals", "sign-ext", "nontrapping-float-to-int", "bulk-memory", "multivalue"],
  ...["reference-types", "exception-handling"],
].map((feature) => `--enable-${feature}`);

/**
 * Builds the Worker if it is not up to date.
 *
 * @param {{ force?: boolean }} [options]
 */
export async function build({ force = false } = {}) {
  const compiled = await compile();
  const stamp = stampOf(compiled);
  const isCurrent = readText("build", ".stamp") === stamp && [JS, WASM].every((name) => existsSync(built(name)));
  if (isCurrent && !force) {
    console.log("The Worker is up to date.");
  } else {
    await bundle(compiled);
    writeFileSync(built(".stamp"), stamp);
  }
  await buildPages();
  weigh();
}

const built = (/** @type {string} */ name) => inProject("build", name);

/**
 * Compiles the crate, and in a fresh clone does beside it whatever else takes time: rustc's longest step is one core's.
 *
 * @returns {Promise<string>} where the .wasm is
 */
async function compile() {
  await checkPrerequisites();
  await addWasmTarget();
  const steps = [
    installNodeModules(),
    mustRun(
      "The Worker could not be compiled (see above). Rust needs a C compiler to link with: where it finds none, install\n" +
        "Debian's and Ubuntu's build-essential, Fedora's gcc, Xcode's command line tools or Visual Studio's build tools.",
      ...["cargo", ["build", "--release", "--lib", "--target", WASM_TARGET]],
    ),
  ];
  // Later on `cargo run` sees to it.
  if (!existsSync(inProject("tools", "bundle", "target"))) {
    steps.push(mustRunQuietly("tools/bundle could not be compiled (see above).", "cargo", ["build", ...BUNDLE]));
  }
  for (const step of await Promise.allSettled(steps)) if (step.status === "rejected") throw step.reason;
  const { stdout } = await capture("cargo", ["metadata", "--no-deps", "--format-version", "1"]);
  return join(JSON.parse(stdout).target_directory, WASM_TARGET, "release", "free_flux_api.wasm");
}

/** What the build is made of, as a hash of its text: time stamps change with a `git checkout`. @param {string} compiled */
function stampOf(compiled) {
  const hash = createHash("sha256");
  for (const path of [compiled, ...SOURCES.map((name) => inProject(name))]) hash.update(readFileSync(path));
  return hash.digest("hex");
}

/**
 * Makes the Worker of the compiled crate, beside the one that may be running, and then puts it in its place.
 *
 * @param {string} compiled the path of its .wasm
 */
async function bundle(compiled) {
  mkdirSync(inProject("build"), { recursive: true });
  const folder = mkdtempSync(built(".new-"));
  try {
    const [js, wasm] = [JS, WASM].map((name) => join(folder, name));
    await mustRun(
      "The .wasm could not be made a module (see above). tools/bundle must have Cargo.lock's version of wasm-bindgen.",
      ...["cargo", ["run", "--quiet", ...BUNDLE, "--", compiled, folder]],
    );
    // Installed by now, which it need not be when this script starts.
    const esbuild = await import("esbuild");
    await esbuild.build({
      entryPoints: [inProject(ENTRY)],
      alias: { "wasm-bindgen": js },
      inject: INJECTED.map((path) => inProject(path)),
      external: ["cloudflare:*", "*.wasm"],
      outfile: join(folder, "bundled.js"),
      ...{ bundle: true, format: "esm", minify: true, logLevel: "warning" },
    });
    const wasmOpt = inProject("node_modules", "binaryen", "bin", "wasm-opt");
    const optimize = [wasmOpt, wasm, "-o", wasm, ...PASSES, ...WASM_FEATURES];
    await mustRun("The .wasm could not be made smaller (see above).", process.execPath, optimize);
    renameSync(wasm, built(WASM));
    renameSync(join(folder, "bundled.js"), built(JS));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints what the build weighs, and fails where that is too much. */
function weigh() {
  const kb = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(1)} KB`;
  const heavy = [];
  for (const [name, budget] of Object.entries(BUDGETS)) {
    const bytes = readFileSync(built(name));
    const gzip = gzipSync(bytes, { level: 9 }).length;
    const sizes = `${kb(bytes.length).padStart(9)}  gzip ${kb(gzip).padStart(9)}`;
    console.log(`${`build/${name}`.padEnd(20)} ${sizes}  (budget ${kb(budget)})`);
    if (gzip > budget) heavy.push(`build/${name} weighs ${kb(gzip)} compressed, over its budget of ${kb(budget)}.`);
  }
  if (heavy.length > 0) {
    const hint = "`cargo tree --target wasm32-unknown-unknown -e normal` shows which dependency came in.";
    throw new Problem([...heavy, hint].join("\n"));
  }
}

await main(import.meta.url, async () => {
  await build({ force: process.argv.includes("--force") });
});
