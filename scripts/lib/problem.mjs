/** Errors that are for a person to read: what is wrong and what to do, without a stack trace. */

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** Something the user can put right. Its message is printed as it is. */
export class Problem extends Error {}

/** The code of an error of the system's, such as "ENOENT". @param {unknown} error */
export const errorCode = (error) => /** @type {NodeJS.ErrnoException} */ (error).code;

/**
 * Runs a script's main function, unless the script was only imported by another. A {@link Problem}
 * is printed and ends the process with 1; any other error is a bug of the script and keeps its
 * stack trace.
 *
 * @param {string} url the script's `import.meta.url`
 * @param {() => Promise<number | void>} action what to run; the number is the exit code
 */
export async function main(url, action) {
  if (realpathSync(process.argv[1]) !== fileURLToPath(url)) return;
  try {
    process.exitCode = (await action()) || 0;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}

/**
 * The script's arguments, as `parseArgs` of node:util reads them; any other is answered with the usage.
 *
 * @template {import("node:util").ParseArgsConfig} T
 * @param {string} usage
 * @param {T} config
 */
export function parseOptions(usage, config) {
  try {
    return parseArgs(config);
  } catch {
    throw new Problem(usage);
  }
}
