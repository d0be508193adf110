/** The project's own wrangler, in the version that package-lock.json names. */

import { inProject } from "./project.mjs";

/** Keeps wrangler quiet, offline and from asking questions; what the user has set goes before. */
const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true", // and with it the search for updates
  CLOUDFLARE_CF_FETCH_ENABLED: "false", // else it fetches an example of `request.cf`
};

/**
 * The command line and the environment that run wrangler.
 *
 * A `CLOUDFLARE_…` variable that is empty is left out: a workflow hands on a secret that nobody set
 * as an empty one, which wrangler would take for an account without a name.
 *
 * @param {string[]} args
 * @param {Record<string, string>} [extra] more variables
 * @returns {[command: string, args: string[], env: Record<string, string>]}
 */
export function wrangler(args, extra = {}) {
  const set = Object.entries(process.env).filter(([name, value]) => value !== "" || !name.startsWith("CLOUDFLARE_"));
  const env = { ...QUIET, ...Object.fromEntries(set), ...extra };
  return [process.execPath, [inProject("node_modules", "wrangler", "bin", "wrangler.js"), ...args], env];
}
