/**
 * Looks at what the project depends on: `npm run audit`.
 *
 * cargo-deny holds the Worker's crates to deny.toml: their licences, duplicates, and where they come from. It needs no
 * network, and fails where something is wrong. `npm audit` then asks npm's registry about the tools, none of which is
 * part of the Worker: it informs, and not every registry answers.
 */

import { join } from "node:path";

import { main, Problem } from "./lib/problem.mjs";
import { capture, mustRun, run } from "./lib/process.mjs";
import { cacheDir } from "./lib/project.mjs";
import { setup } from "./setup.mjs";

const CARGO_DENY = "0.20.2";

const NPM_TIMEOUT_MS = 30_000;

/** Installs cargo-deny, unless it is there in this version, and returns its command. */
async function cargoDeny() {
  const home = join(cacheDir(), `cargo-deny-${CARGO_DENY}`);
  const command = join(home, "bin", "cargo-deny");
  if ((await capture(command, ["--version"])).code === 0) return command;
  console.log(`Installing cargo-deny ${CARGO_DENY} into ${home}, once for every checkout: some three minutes …`);
  const install = ["install", "cargo-deny", "--version", CARGO_DENY, "--locked", "--root", home];
  await mustRun("cargo-deny could not be installed (see above).", "cargo", install);
  return command;
}

await main(import.meta.url, async () => {
  await setup({ wasm: false });
  const code = await run(await cargoDeny(), ["--offline", "check", "licenses", "bans", "sources"]);
  if (code !== 0) throw new Problem("deny.toml does not allow what Cargo.lock has (see above).");
  const windows = process.platform === "win32";
  const args = ["audit", `--fetch-timeout=${NPM_TIMEOUT_MS}`, "--fetch-retries=0"];
  if ((await run(windows ? "npm.cmd" : "npm", args, { shell: windows })) !== 0) {
    console.log("This is for your information: none of these tools is part of the Worker.");
  }
});
