/** The project's own wrangler, in the version that package-lock.json names. */

import { capture, run } from "./process.mjs";
import { inProject } from "./project.mjs";

/** Keeps wrangler quiet, offline and from asking questions; what the user has set goes before. */
const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true", // and with it the search for updates
  CLOUDFLARE_CF_FETCH_ENABLED: "false", // else it fetches an example of `request.cf`
};

/**
 * Runs wrangler as {@link run} runs a command; `env` is beside the script's own environment.
 *
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export const runWrangler = (args, { env, ...options } = {}) =>
  run(...command(args), { ...options, env: environment(env) });

/** Runs wrangler as {@link capture} does. @param {string[]} args @param {{ env?: NodeJS.ProcessEnv }} [options] */
export const captureWrangler = (args, { env } = {}) => capture(...command(args), { env: environment(env) });

/** @param {string[]} args @returns {[string, string[]]} */
const command = (args) => [process.execPath, [inProject("node_modules", "wrangler", "bin", "wrangler.js"), ...args]];

/**
 * A `CLOUDFLARE_…` variable that is empty is left out: a workflow hands on a secret that nobody set as an empty one,
 * which wrangler would take for an account without a name.
 *
 * @param {NodeJS.ProcessEnv} [extra]
 */
function environment(extra) {
  const set = Object.entries(process.env).filter(([name, value]) => value !== "" || !name.startsWith("CLOUDFLARE_"));
  return { ...QUIET, ...Object.fromEntries(set), ...extra };
}
