/**
 * Runs the Worker on this machine, at http://localhost:8787: `npm start`.
 *
 * Everything is local and nothing is sent anywhere: Cloudflare's own runtime with a store, objects
 * and rate limit of its own, kept in .wrangler/state from one start to the next. What follows `--`
 * goes to `wrangler dev`: `npm start -- --port 9000`. A change of a source builds and reloads.
 */

import { constants, copyFileSync } from "node:fs";

import { build } from "./build.mjs";
import { main } from "./lib/problem.mjs";
import { run, stoppingIsNormal } from "./lib/process.mjs";
import { inProject } from "./lib/project.mjs";

/** Keeps wrangler quiet, offline and from asking questions; what the user has set goes before. */
const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true", // and with it the search for updates
  CLOUDFLARE_CF_FETCH_ENABLED: "false", // else it fetches an example of `request.cf`
};

/** Makes .dev.vars, where wrangler reads settings and secrets, when there is none. */
function provideDevVars() {
  try {
    copyFileSync(inProject(".dev.vars.example"), inProject(".dev.vars"), constants.COPYFILE_EXCL);
  } catch (error) {
    if (error.code === "EEXIST") return;
    throw error;
  }
  console.log("Made .dev.vars from .dev.vars.example: demo pictures, no key needed. Your own keys go in there.");
}

await main(import.meta.url, async () => {
  await build();
  provideDevVars();
  stoppingIsNormal();
  const wrangler = inProject("node_modules", "wrangler", "bin", "wrangler.js");
  const options = ["--show-interactive-dev-session=false", ...process.argv.slice(2)];
  return run(process.execPath, [wrangler, "dev", ...options], { env: { ...QUIET, ...process.env } });
});
