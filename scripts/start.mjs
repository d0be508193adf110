/**
 * Runs the Worker on this machine, at http://localhost:8787: `npm start`.
 *
 * Everything is local and nothing is sent anywhere: Cloudflare's own runtime with a store, objects
 * and rate limit of its own, kept in .wrangler/state from one start to the next. What follows `--`
 * goes to `wrangler dev`: `npm start -- --port 9000`. A change of a source builds and reloads.
 *
 * There is no Workers AI without an account: its binding is switched off, unless it is asked for by `--remote-ai`, which
 * needs `npx wrangler login` and uses that account's free allocation.
 */

import { constants, copyFileSync } from "node:fs";

import { build } from "./build.mjs";
import { errorCode, main } from "./lib/problem.mjs";
import { stoppingIsNormal } from "./lib/process.mjs";
import { inProject } from "./lib/project.mjs";
import { runWrangler } from "./lib/wrangler.mjs";

/** Makes .dev.vars, where wrangler reads settings and secrets, when there is none. */
function provideDevVars() {
  try {
    copyFileSync(inProject(".dev.vars.example"), inProject(".dev.vars"), constants.COPYFILE_EXCL);
  } catch (error) {
    if (errorCode(error) === "EEXIST") return;
    throw error;
  }
  console.log("Made .dev.vars from .dev.vars.example: demo pictures, no key needed. Your own keys go in there.");
}

await main(import.meta.url, async () => {
  await build();
  provideDevVars();
  stoppingIsNormal();
  const options = process.argv.slice(2);
  const rest = options.filter((option) => option !== "--remote-ai");
  const offline = options.length === rest.length ? ["--local", "--var", "WORKERS_AI:off"] : [];
  return runWrangler(["dev", "--show-interactive-dev-session=false", ...offline, ...rest]);
});
