/**
 * Checks format, lints and documentation of Rust, and format, lints and types of JavaScript: `npm run lint`.
 *
 * Half of the Rust exists natively only (the tests) or on wasm32 only (`src/platform`), so either target alone would
 * miss some. Warnings are errors here, and here only. All checks run, also when one fails.
 */

import { basename } from "node:path";

import { main } from "./lib/problem.mjs";
import { capture, mustRun, run } from "./lib/process.mjs";
import { inProject, WASM_TARGET } from "./lib/project.mjs";
import { setup } from "./setup.mjs";

const WASM = ["--target", WASM_TARGET];
const BUNDLE = ["--manifest-path", "tools/bundle/Cargo.toml"];
const FUZZ = ["--manifest-path", "fuzz/Cargo.toml"];
// `RUSTFLAGS` would have every dependency compiled again; clippy's own flag does not.
const DENY = ["--", "-D", "warnings"];
const DOC = ["doc", "--no-deps", "--document-private-items"];

const RUST_CHECKS = [
  { name: "format", args: ["fmt", "--all", "--check"] },
  { name: "format, tools/bundle", args: ["fmt", ...BUNDLE, "--check"] },
  { name: "format, fuzz", args: ["fmt", ...FUZZ, "--check"] },
  { name: "clippy, native", args: ["clippy", "--all-targets", ...DENY] },
  { name: "clippy, wasm32", args: ["clippy", "--lib", ...WASM, ...DENY] },
  { name: "clippy, tools/bundle", args: ["clippy", ...BUNDLE, "--locked", ...DENY] },
  { name: "clippy, fuzz", args: ["clippy", ...FUZZ, "--locked", ...DENY] },
  { name: "documentation, native", args: DOC },
  { name: "documentation, wasm32", args: [...DOC, "--lib", ...WASM] },
].map((check) => ({ command: "cargo", ...check }));

/** @param {string} name @param {string} path of the tool @param {string[]} args */
const node = (name, path, ...args) => ({ name, command: process.execPath, args: [`node_modules/${path}`, ...args] });
const types = (/** @type {string} */ project) => node(`types, ${project}`, "typescript/bin/tsc", "--project", project);

const JS_CHECKS = [
  node("ESLint", "eslint/bin/eslint.js", "--max-warnings=0", "."),
  node("Prettier", "prettier/bin/prettier.cjs", "--check", "**/*.{js,mjs,ts}"),
  ...["tsconfig.json", "tsconfig.pages.json", "tests/tsconfig.json"].map(types),
];

const ENV = {
  ...process.env,
  RUSTDOCFLAGS: `${process.env.RUSTDOCFLAGS ?? ""} -D warnings`.trim(),
  // Nothing is linked here, so libFuzzer need not be compiled, which takes a C++ compiler.
  CUSTOM_LIBFUZZER_PATH: inProject("fuzz", "libfuzzer.a"),
};

/** Adds what of rustfmt and clippy this Rust lacks. */
async function addComponents() {
  for (const [component, subcommand] of [
    ["rustfmt", "fmt"],
    ["clippy", "clippy"],
  ]) {
    if ((await capture("cargo", [subcommand, "--version"])).code === 0) continue;
    await mustRun(
      `${component} is missing, and rustup could not add it. It comes with rustup, or from where your Rust is from.`,
      "rustup",
      ["component", "add", component],
    );
  }
}

await main(import.meta.url, async () => {
  await setup();
  await addComponents();
  const failed = [];
  for (const { name, command, args } of [...RUST_CHECKS, ...JS_CHECKS]) {
    console.log(`\n── ${name}: ${basename(command)} ${args.join(" ")}`);
    if ((await run(command, args, { env: ENV })) !== 0) failed.push(name);
  }
  console.log(failed.length > 0 ? `\nFailed: ${failed.join("; ")}.` : "\nAll checks pass.");
  return failed.length > 0 ? 1 : 0;
});
