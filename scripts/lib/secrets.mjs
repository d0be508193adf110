/** The Worker's secrets: their names, and where a deployment finds their values. */

import { existsSync, readFileSync } from "node:fs";
import { Writable } from "node:stream";
import { createInterface } from "node:readline";

import { Problem } from "./problem.mjs";

/** Every secret that src/config.rs knows. */
export const SECRETS = ["IMAGE_API_KEYS", "PROCESS_API_KEY", "ACCESS_TOKENS", "URL_SIGNING_KEY", "IMAGE_ENDPOINTS"];

/** What is asked for at a terminal. The others are for those who know that they want them. */
const QUESTIONS = {
  IMAGE_API_KEYS: "SiliconFlow keys (cloud.siliconflow.cn): key1,key2,…",
  PROCESS_API_KEY: "BigModel key (open.bigmodel.cn), which translates prompts",
};

/**
 * Reads lines of `NAME=value`, as .dev.vars has them: blank lines and comments are passed over, and
 * quotes around a value are not part of it.
 *
 * @param {string} text
 * @param {string} name of the file, for messages
 * @returns {Record<string, string>}
 */
export function parseSettings(text, name) {
  /** @type {Record<string, string>} */
  const settings = {};
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const found = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line);
    // The line itself may be a key, so it is not shown.
    if (!found) throw new Problem(`${name}: line ${index + 1} is not NAME=value.`);
    const [, setting, value] = found;
    const quoted = /^(["'`])(.*)\1(?:\s+#.*)?$/.exec(value);
    settings[setting] = quoted ? quoted[2] : value.replace(/(^|\s+)#.*$/, "");
  }
  return settings;
}

/**
 * The secrets among some settings. A blank one is a missing one.
 *
 * @param {Record<string, string | undefined>} settings
 * @returns {Record<string, string>}
 */
export function secretsAmong(settings) {
  /** @type {Record<string, string>} */
  const secrets = {};
  for (const name of SECRETS) {
    const value = settings[name]?.trim();
    if (!value) continue;
    if (value.endsWith("...")) {
      throw new Problem(`${name} still has the example's value. Put yours there, or remove the line.`);
    }
    secrets[name] = value;
  }
  return secrets;
}

/**
 * Reads the secrets of a file; says which of its lines are something else.
 *
 * @param {string} path
 */
export function secretsOfFile(path) {
  if (!existsSync(path))
    throw new Problem(`There is no file ${path}. It holds lines such as IMAGE_API_KEYS=key1,key2.`);
  const settings = parseSettings(readFileSync(path, "utf8"), path);
  const others = Object.keys(settings).filter((name) => !SECRETS.includes(name));
  if (others.length > 0) {
    console.log(
      `Not secrets, so left out: ${others.join(", ")} (in ${path}). Settings go under [vars] in wrangler.toml.`,
    );
  }
  return secretsAmong(settings);
}

/**
 * Asks at the terminal for the keys that are not set, without showing what is typed.
 *
 * @param {string[]} present the names that are set
 * @returns {Promise<Record<string, string>>}
 */
export async function askForSecrets(present) {
  /** @type {Record<string, string>} */
  const answers = {};
  for (const [name, question] of Object.entries(QUESTIONS)) {
    if (present.includes(name) || (name === "IMAGE_API_KEYS" && present.includes("IMAGE_ENDPOINTS"))) continue;
    answers[name] = await ask(`${name}: ${question}\n  (not shown; Enter for none) `);
  }
  return secretsAmong(answers);
}

/** @param {string} question @returns {Promise<string>} */
async function ask(question) {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stdout.write(question);
  try {
    return await new Promise((resolve, reject) => {
      lines.on("SIGINT", () => reject(new Problem("Stopped: nothing was deployed.")));
      lines.question("", resolve);
    });
  } finally {
    lines.close();
    process.stdout.write("\n");
  }
}
