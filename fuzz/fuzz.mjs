/**
 * Fuzzes what reads the words of strangers and of upstreams: `npm run fuzz`, or for longer and only some of it
 * `npm run fuzz -- --seconds 600 request upstream`.
 *
 * The targets are in fuzz/fuzz_targets, and say what each of them holds to. They run one after another, each from the
 * corpus that belongs to the project; what is found on top of it is kept in fuzz/target/found for the next run here.
 * No sanitizer: the crate forbids unsafe code, and a panic, an overflow or a wrong answer needs none to be seen.
 */

import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { main, Problem } from "../scripts/lib/problem.mjs";
import { capture, mustRun, run } from "../scripts/lib/process.mjs";
import { inProject } from "../scripts/lib/project.mjs";

/** How long each target runs, unless it is said. */
const SECONDS = "20";

const NEEDED =
  "Fuzzing needs a nightly Rust and cargo-fuzz:\n  rustup toolchain install nightly\n  cargo install cargo-fuzz --locked";

const FUZZ = ["+nightly", "fuzz"];
const options = { cwd: inProject("fuzz") };

/** Fuzzes one target, and counts. @param {string} target @param {string} seconds */
async function fuzz(target, seconds) {
  const [found, corpus] = [["target", "found"], ["corpus"]].map((folder) => inProject("fuzz", ...folder, target));
  mkdirSync(found, { recursive: true });
  mkdirSync(corpus, { recursive: true });
  const limits = [
    `-max_total_time=${seconds}`,
    "-max_len=4096",
    "-timeout=20",
    "-rss_limit_mb=1500",
    "-print_final_stats=1",
  ];
  let output = "";
  const code = await run("cargo", [...FUZZ, "run", "--sanitizer", "none", target, found, corpus, "--", ...limits], {
    ...options,
    onOutput: (text) => (output += text),
  });
  const runs = /stat::number_of_executed_units: (\d+)/.exec(output)?.[1];
  const took = /Done \d+ runs in (\d+) second/.exec(output)?.[1];
  return { target, runs: Number(runs ?? 0), took, failed: code !== 0 };
}

await main(import.meta.url, async () => {
  const { values, positionals } = parseArgs({
    options: { seconds: { type: "string", default: SECONDS } },
    allowPositionals: true,
  });
  const all = readdirSync(inProject("fuzz", "fuzz_targets"))
    .map((file) => file.replace(/\.rs$/, ""))
    .sort();
  const unknown = positionals.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Problem(`There is no target ${unknown.join(", ")}; there are ${all.join(", ")}.`);
  if (!/^[1-9]\d*$/.test(values.seconds)) throw new Problem("--seconds takes a whole number.");
  if ((await capture("cargo", [...FUZZ, "--version"])).code !== 0) throw new Problem(NEEDED);
  await mustRun("The fuzz targets cannot be built.", "cargo", [...FUZZ, "build", "--sanitizer", "none"], options);

  const results = [];
  for (const target of positionals.length > 0 ? positionals : all) results.push(await fuzz(target, values.seconds));
  console.log("");
  for (const { target, runs, took, failed } of results) {
    const outcome = failed ? `failed; what did it is in ${join("fuzz", "artifacts", target)}` : `${took} s`;
    console.log(`${target.padEnd(14)}${runs.toLocaleString("en").padStart(14)} inputs   ${outcome}`);
  }
  return results.some(({ failed }) => failed) ? 1 : 0;
});
