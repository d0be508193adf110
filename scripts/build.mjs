/**
 * Builds the Worker into build/index.js, with its .wasm beside it: `npm run build`.
 *
 * Does nothing when all that goes into the build is as it was; `--force` builds anyway. Nothing is
 * downloaded by the build itself (see lib/tools.mjs). wrangler runs this too, before a deployment
 * and at every change of a source.
 */

import { existsSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { gzipSync } from "node:zlib";

import { withLock } from "./lib/lock.mjs";
import { main, Problem } from "./lib/problem.mjs";
import { mustRun } from "./lib/process.mjs";
import { inProject } from "./lib/project.mjs";
import { embeddedFiles, inputs, lastInputs, writeStamp } from "./lib/stamp.mjs";
import { buildTools } from "./lib/tools.mjs";
import { setup } from "./setup.mjs";

const WASM = "build/index_bg.wasm";
const JS = "build/index.js";

/**
 * The most that each file may weigh compressed, in bytes. A cold start loads and compiles all of it:
 * each 100 KB is felt there, and a dependency that brings its tables along shows here first. It is
 * a twelfth of what Cloudflare's free plan takes.
 */
const BUDGETS = { [WASM]: 220_000, [JS]: 12_000 };

/** What the runtime loads, around what `worker-build` made. */
const ENTRY = "src/platform/entry.js";

/** The methods of classes that `worker` exports to JavaScript and nothing here makes an object of. */
const UNCALLED = ["containerstartupoptions", "intounderlying", "minifyconfig", "r2range"];

/**
 * What wasm-opt does: whatever makes what is downloaded smaller, which is not what makes the file
 * smaller. Functions are not put into one another (a tenth of the download, though the file shrinks),
 * and stand in the order of their names, so that compression finds near each other what is alike.
 * The names themselves, a seventh of the download, go last.
 */
const PASSES = [
  ...UNCALLED.map((name) => `--remove-exports=*${name}*`),
  "--no-inline=*",
  "-Oz",
  "--skip-pass=local-cse",
  "--reorder-functions-by-name",
  "--strip-debug",
  "--strip-producers",
];

/** What the .wasm may use, as worker-build has it: nothing that workerd does not know. */
const WASM_FEATURES = [
  "mutable-globals",
  "sign-ext",
  "nontrapping-float-to-int",
  "bulk-memory",
  "multivalue",
  "reference-types",
  "exception-handling",
].map((feature) => `--enable-${feature}`);

/**
 * Builds the Worker if it is not up to date.
 *
 * @param {{ force?: boolean }} [options]
 */
export async function build({ force = false } = {}) {
  await setup();
  await withLock(inProject("build", ".lock"), "building the Worker", async () => {
    const tools = buildTools();
    const last = lastInputs([JS, WASM]);
    const embedded = last ? Object.keys(last.files) : [];
    if (!force && last && isDeepStrictEqual(last, await inputs(tools.versions, embedded))) {
      console.log("The Worker is up to date.");
    } else {
      await make(tools);
    }
  });
  weigh();
}

async function make({ command, env, versions }) {
  // Taken before: a source that is changed while the compiler runs is built again next time.
  const before = await inputs(versions);
  await mustRun("The Worker could not be built (see above).", command, ["--release"], { env });
  for (const name of [JS, WASM]) {
    if (!existsSync(inProject(name))) throw new Problem(`worker-build ended well, but made no ${name}.`);
  }
  await mustRun("The Worker could not be bundled (see above).", env.ESBUILD_BIN, bundling(), { env });
  const optimize = [inProject(WASM), "-o", inProject(WASM), ...PASSES, ...WASM_FEATURES];
  await mustRun("The .wasm could not be made smaller (see above).", env.WASM_OPT_BIN, optimize, { env });
  // Cargo.lock is brought up to date by the build itself when Cargo.toml was changed.
  const now = await inputs(versions, await embeddedFiles());
  writeStamp({ ...now, files: { ...now.files, ...before.files, "Cargo.lock": now.files["Cargo.lock"] } }, [JS, WASM]);
}

/** What esbuild is told: the built module takes the place of that which goes into it. */
function bundling() {
  const into = ["--bundle", "--format=esm", "--minify", `--alias:worker-build=./${JS}`, `--outfile=${inProject(JS)}`, "--allow-overwrite"];
  return [inProject(ENTRY), ...into, "--external:cloudflare:*", "--external:*.wasm", "--log-level=warning"];
}

/** Prints what the build weighs, and fails where that is too much. */
function weigh() {
  const kb = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
  const heavy = [];
  for (const [name, budget] of Object.entries(BUDGETS)) {
    const bytes = readFileSync(inProject(name));
    const gzip = gzipSync(bytes, { level: 9 }).length;
    const sizes = `${kb(bytes.length).padStart(9)}  gzip ${kb(gzip).padStart(9)}`;
    console.log(`${name.padEnd(20)} ${sizes}  (budget ${kb(budget)})`);
    if (gzip > budget) heavy.push(`${name} weighs ${kb(gzip)} compressed, over its budget of ${kb(budget)}.`);
  }
  if (heavy.length > 0) {
    const hint = "`cargo tree --target wasm32-unknown-unknown -e normal` shows which dependency came in.";
    throw new Problem([...heavy, hint].join("\n"));
  }
}

await main(import.meta.url, async () => {
  await build({ force: process.argv.includes("--force") });
});
