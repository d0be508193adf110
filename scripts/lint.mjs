/**
 * Checks format, lints and documentation, natively and for wasm32: `npm run lint`.
 *
 * Half of the code exists natively only (the tests) or on wasm32 only (`src/platform`), so either target alone would
 * miss some. Warnings are errors here, and here only. All checks run, also when one fails.
 */

import { main } from "./lib/problem.mjs";
import { capture, mustRun, run } from "./lib/process.mjs";
import { WASM_TARGET } from "./lib/project.mjs";
import { setup } from "./setup.mjs";

const WASM = ["--target", WASM_TARGET];
const BUNDLE = ["--manifest-path", "tools/bundle/Cargo.toml"];
// `RUSTFLAGS` would have every dependency compiled again; clippy's own flag does not.
const DENY = ["--", "-D", "warnings"];
const DOC = ["doc", "--no-deps", "--document-private-items"];

const CHECKS = [
  { name: "format", args: ["fmt", "--all", "--check"] },
  { name: "format, tools/bundle", args: ["fmt", ...BUNDLE, "--check"] },
  { name: "clippy, native", args: ["clippy", "--all-targets", ...DENY] },
  { name: "clippy, wasm32", args: ["clippy", "--lib", ...WASM, ...DENY] },
  { name: "clippy, tools/bundle", args: ["clippy", ...BUNDLE, "--locked", ...DENY] },
  { name: "documentation, native", args: DOC },
  { name: "documentation, wasm32", args: [...DOC, "--lib", ...WASM] },
];

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
  await setup({ node: false });
  await addComponents();
  const failed = [];
  for (const { name, args } of CHECKS) {
    console.log(`\n── ${name}: cargo ${args.join(" ")}`);
    const env = { ...process.env, RUSTDOCFLAGS: `${process.env.RUSTDOCFLAGS ?? ""} -D warnings`.trim() };
    if ((await run("cargo", args, { env })) !== 0) failed.push(name);
  }
  console.log(failed.length > 0 ? `\nFailed: ${failed.join("; ")}.` : "\nFormat, lints and documentation are clean.");
  return failed.length > 0 ? 1 : 0;
});
