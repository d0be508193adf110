/**
 * Runs the tests: `npm test`, or only some of them: `npm test -- native workerd`.
 *
 *   native    the core, with fakes at its rim: `cargo test`
 *   pages     the pages' modules that need no browser: tests/pages
 *   workerd   the built Worker in Cloudflare's runtime: tests/workerd
 *   clients   other people's clients and readers of its Markdown, against that: tests/clients, with a count of each
 *   browser   the pages in a browser: tests/browser
 *   scripts   deployment and release, with a Cloudflare of this machine: tests/scripts
 *
 * All suites run, also when one fails. The last line is the sum.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

import { build } from "./build.mjs";
import { main, Problem } from "./lib/problem.mjs";
import { run } from "./lib/process.mjs";
import { inProject } from "./lib/project.mjs";
import { setup } from "./setup.mjs";
import { installConformance } from "../tests/clients/support/conformance.mjs";
import { prepare } from "../tests/clients/support/virtualenv.mjs";

/** Each file starts runtimes of its own: more of them at once than this slow one another down. */
const FILES_AT_ONCE = Math.min(2, availableParallelism());

/** The columns of counts. */
const TITLES = { passed: "passed", failed: "failed", skipped: "skipped" };

/** A test that waits for what never comes must not hold up the others for ever. */
const TIMEOUT_MS = 300_000;

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {Counts & { name: string, note: string }} Result
 */

/** @type {Record<string, () => Promise<Counts & { code: number }>>} */
const SUITES = {
  native: runNative,
  pages: () => runNode("pages", FILES_AT_ONCE),
  workerd: () => runOnWorker("workerd", FILES_AT_ONCE),
  clients: runClients,
  // One at a time: a browser is a machine's work in itself.
  browser: () => runOnWorker("browser", 1),
  scripts: () => runOnWorker("scripts", FILES_AT_ONCE),
};

/** Runs `cargo test`, and counts what its "test result:" lines say. */
async function runNative() {
  await setup({ node: false, wasm: false });
  const colour = process.stdout.isTTY ? ["--", "--color", "always"] : [];
  const env = process.stdout.isTTY ? { ...process.env, CARGO_TERM_COLOR: "always" } : process.env;
  let output = "";
  const code = await run("cargo", ["test", "--no-fail-fast", ...colour], {
    env,
    onOutput: (text, stream) => {
      if (stream === "stdout") output += text;
    },
  });
  const counts = { code, passed: 0, failed: 0, skipped: 0 };
  const results = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm;
  for (const [, passed, failed, ignored] of stripVTControlCharacters(output).matchAll(results)) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
    counts.skipped += Number(ignored);
  }
  return counts;
}

/** Builds the Worker, and runs a suite of Node's. @param {string} suite @param {number} filesAtOnce */
async function runOnWorker(suite, filesAtOnce) {
  await build();
  return runNode(suite, filesAtOnce);
}

/** Runs the `*.test.mjs` files of a folder of tests/. @param {string} suite @param {number} filesAtOnce */
async function runNode(suite, filesAtOnce) {
  const folder = inProject("tests", suite);
  const files = readdirSync(folder).filter((name) => name.endsWith(".test.mjs"));
  const reports = mkdtempSync(join(tmpdir(), "free-flux-api-"));
  try {
    const counts = join(reports, "counts.json");
    const code = await run(process.execPath, [
      "--test",
      `--test-concurrency=${filesAtOnce}`,
      `--test-timeout=${TIMEOUT_MS}`,
      ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
      ...[
        `--test-reporter=${new URL("../tests/support/count_reporter.mjs", import.meta.url)}`,
        `--test-reporter-destination=${counts}`,
      ],
      ...files.map((name) => join(folder, name)),
    ]);
    return { code, ...JSON.parse(readFileSync(counts, "utf8")) };
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

/** Runs the clients, PyPI's among them where there is a Python, and prints how each of them fared. */
async function runClients() {
  await prepare();
  await installConformance();
  await build();
  const { groups = [], ...counts } = await runNode("clients", FILES_AT_ONCE);
  for (const { name, passed, failed, skipped } of [{ ...TITLES, name: "client" }, ...groups]) {
    console.log(name.padEnd(44) + [passed, failed, skipped].map((cell) => String(cell).padStart(8)).join(""));
  }
  return counts;
}

/** Runs one suite. One that could not be run, or that ran no test, counts as one failure. @param {string} name */
async function runSuite(name) {
  console.log(`\n── ${name}`);
  try {
    const { code, ...counts } = await SUITES[name]();
    const note = code !== 0 ? `ended with ${code}` : counts.passed === 0 ? "ran no test" : "";
    return counts.failed > 0 || !note ? { name, ...counts, note: "" } : { name, ...counts, failed: 1, note };
  } catch (error) {
    console.error(error instanceof Problem ? error.message : error);
    return { name, passed: 0, failed: 1, skipped: 0, note: "could not be run" };
  }
}

/** @param {Result[]} results */
function print(results) {
  /** @param {string[]} cells */
  const row = (...cells) =>
    console.log(
      cells
        .map((cell, i) => (i === 0 ? cell.padEnd(10) : cell.padStart(8)))
        .join("")
        .trimEnd(),
    );
  console.log("");
  row("suite", "passed", "failed", "skipped");
  for (const { name, passed, failed, skipped, note } of results) {
    row(name, ...[passed, failed, skipped].map(String), note && `   ${note}`);
  }
  const sum = (/** @type {keyof Counts} */ what) => results.reduce((total, result) => total + result[what], 0);
  const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed${skipped}`);
  return sum("failed") > 0 ? 1 : 0;
}

await main(import.meta.url, async () => {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !Object.hasOwn(SUITES, name));
  if (unknown.length > 0) {
    throw new Problem(`There is no suite ${unknown.join(", ")}; there are ${Object.keys(SUITES).join(", ")}.`);
  }
  const results = [];
  for (const name of Object.keys(SUITES)) {
    if (asked.length === 0 || asked.includes(name)) results.push(await runSuite(name));
  }
  return print(results);
});
