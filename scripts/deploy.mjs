/**
 * Deploys the Worker and its secrets: `npm run deploy`.
 *
 *   -- --dry-run            builds, and shows what would be bound and what it weighs; works offline
 *   -- --secrets FILE       takes the secrets of this file; by default of .prod.vars, where there is one
 *   -- --secrets-from-env   takes those that stand in the environment, as the deploy workflow has them
 *
 * Without any of them it asks for the keys that the deployed Worker lacks, at a terminal. What is
 * missing is named together with the command that mends it. Secrets go to wrangler by a pipe: they
 * are in no command line, no log and no file. At its end it asks the deployment what it can draw with.
 */

import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { main, parseOptions, Problem } from "./lib/problem.mjs";
import { filesBelow, inProject } from "./lib/project.mjs";
import { askHealth, sayHealth } from "./lib/health.mjs";
import { askForSecrets, SECRETS, secretsAmong, secretsOfFile } from "./lib/secrets.mjs";
import { captureWrangler, runWrangler } from "./lib/wrangler.mjs";
import { setup } from "./setup.mjs";

/** @typedef {Record<string, string>} Secrets by their names */

const USAGE = "Usage: npm run deploy [-- --dry-run] [--secrets FILE | --secrets-from-env]";

/** Where the secrets are when no place is named. Git ignores it. */
const SECRETS_FILE = ".prod.vars";

const NO_LOGIN =
  "This machine is not logged in to Cloudflare. One of these mends it:\n" +
  "  npx wrangler login                 in a browser\n" +
  "  export CLOUDFLARE_API_TOKEN=…      made at https://dash.cloudflare.com/profile/api-tokens,\n" +
  '                                     from the template "Edit Cloudflare Workers"\n' +
  "In GitHub Actions: the repository secret CLOUDFLARE_API_TOKEN (Settings, Secrets and variables, Actions).";

/** What wrangler says when it fails, and what helps. @type {[RegExp, string][]} */
const REMEDIES = [
  [
    /register a workers\.dev subdomain/,
    'Your account has no workers.dev address yet: open https://dash.cloudflare.com, "Workers & Pages", once, and deploy again.',
  ],
  [
    /namespace with this account ID and title already exists/,
    "A KV namespace of that name is left from before: `npx wrangler kv namespace list` tells its id. Write it as\n" +
      'id = "…" below binding = "FLUX_API" in wrangler.toml, and deploy again.',
  ],
  [
    /More than one account available/,
    "Your token is good for several accounts: set CLOUDFLARE_ACCOUNT_ID to the one that is meant.",
  ],
  [
    /Authentication error|Invalid access token|Unable to authenticate|code: (9109|10000|10001)/,
    'Cloudflare refused the token, or it may not do this. Make a new one from the template "Edit Cloudflare Workers"\n' +
      "at https://dash.cloudflare.com/profile/api-tokens.",
  ],
];

/** @param {Secrets} secrets */
async function dryRun(secrets) {
  if ((await runWrangler(["deploy", "--dry-run"])) !== 0) throw new Problem("The dry run failed (see above).");
  const files = filesBelow("build/assets");
  const bytes = files.reduce((sum, path) => sum + statSync(inProject(path)).size, 0);
  console.log(
    `\nAssets: ${files.length} files, ${(bytes / 1000).toFixed(1)} KB. Secrets that would be set: ${list(secrets)}.`,
  );
}

/** @param {{ secrets: Secrets, ask: boolean }} provided */
async function deploy(provided) {
  const secrets = { ...provided.secrets };
  await checkLogin();
  if (provided.ask && isTerminal()) Object.assign(secrets, await askForSecrets(await secretsOfWorker()));
  const origin = await upload();
  if (Object.keys(secrets).length > 0) await setSecrets(secrets);

  const links = ["/", "/gui/", "/?prompt=a+cat+in+the+rain"].map(
    (path) => `${origin ?? "https://your-worker.example"}${path}`,
  );
  const said = [
    `Deployed. Secrets set: ${list(secrets)}.`,
    ...(origin
      ? await health(origin, secrets)
      : ["wrangler named no https address (see above for the Worker's routes)."]),
    "Three addresses to try (a new one may need a minute until it answers):",
  ];
  console.log(`\n${said.join("\n")}\n${links.map((link) => `  ${link}`).join("\n")}`);
  summarize(`## Deployed\n\n${said.join("\n\n")}\n\n${links.map((link) => `- <${link}>`).join("\n")}\n`);
}

/** What the deployment at `origin` says that it can draw with. @param {string} origin @param {Secrets} secrets just set */
async function health(origin, secrets) {
  console.log(`\nAsking ${origin}/health …`);
  const { version } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
  const names = [...(await secretsOfWorker()), ...Object.keys(secrets)];
  const deployed = { origin, version, secrets: names, ai: await bindsAi() };
  return sayHealth(deployed, await askHealth(deployed));
}

/** A token is taken at its word, for it may lack the right to tell whose it is. */
async function checkLogin() {
  const { CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_API_KEY: key, CLOUDFLARE_EMAIL: email } = process.env;
  if (token || (key && email)) return;
  if ((await captureWrangler(["whoami", "--json"])).code !== 0) throw new Problem(NO_LOGIN);
}

/**
 * The names of the secrets that the deployed Worker has; none where it is not deployed yet.
 *
 * @returns {Promise<string[]>}
 */
async function secretsOfWorker() {
  const { code, stdout } = await captureWrangler(["secret", "list", "--format", "json"]);
  if (code !== 0) return [];
  return JSON.parse(stdout.slice(stdout.indexOf("["))).map((/** @type {{ name: string }} */ { name }) => name);
}

/** Runs `wrangler deploy`, and returns the Worker's address. */
async function upload() {
  const folder = mkdtempSync(join(tmpdir(), "free-flux-api-"));
  const report = join(folder, "wrangler.ndjson");
  try {
    const env = { WRANGLER_OUTPUT_FILE_PATH: report };
    const { code, words } = await (isTerminal() ? deployInTerminal(env) : deployInLog(env));
    if (code !== 0) throw new Problem(`wrangler could not deploy (see above).${remedy(words)}`);
    const entries = readFileSync(report, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const targets = entries.findLast(({ type }) => type === "deploy")?.targets ?? [];
    return addressAmong(targets);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const isTerminal = () => process.stdin.isTTY && process.stdout.isTTY;

/**
 * Runs it where it may ask: for the account, for a workers.dev address. Its words are not seen here.
 *
 * @param {NodeJS.ProcessEnv} env
 */
async function deployInTerminal(env) {
  return { code: await runWrangler(["deploy"], { env, stdio: "inherit" }), words: "" };
}

/**
 * Runs it where others may read its words, as in a workflow of a public repository. wrangler shows how
 * a Worker that was set up in the dashboard differs, keys that stand there as plain variables included.
 *
 * @param {NodeJS.ProcessEnv} env
 */
async function deployInLog(env) {
  const { code, stdout, stderr } = await captureWrangler(["deploy"], { env });
  const words = stdout + stderr;
  console.log(words.replace(new RegExp(`((?:${SECRETS.join("|")})"?: ).*`, "g"), "$1(not shown)"));
  return { code, words };
}

/** The first of wrangler's targets that is an address: a workers.dev one, or a custom domain. @param {string[]} targets */
function addressAmong(targets) {
  for (const target of targets) {
    const [, host] = /^https:\/\/([^\s/*]+)/.exec(target) ?? /^([^\s/*]+) \(custom domain\)/.exec(target) ?? [];
    if (host) return `https://${host}`;
  }
  return undefined;
}

/** @param {Secrets} secrets */
async function setSecrets(secrets) {
  let words = "";
  const input = JSON.stringify(secrets);
  const code = await runWrangler(["secret", "bulk"], { input, onOutput: (text) => (words += text) });
  if (code !== 0)
    throw new Problem(`The Worker is deployed, but its secrets could not be set (see above).${remedy(words)}`);
}

/** What helps, where it is known. @param {string} words of wrangler */
function remedy(words) {
  const found = REMEDIES.find(([pattern]) => pattern.test(words));
  return found ? `\n${found[1]}` : "";
}

/** Whether wrangler.toml binds Workers AI, and does not switch it off. */
async function bindsAi() {
  // Installed by now, which it need not be when this script starts.
  const { parse } = await import("smol-toml");
  const { ai, vars } = /** @type {{ ai?: object, vars?: { WORKERS_AI?: string } }} */ (
    parse(readFileSync(inProject("wrangler.toml"), "utf8"))
  );
  return ai !== undefined && vars?.WORKERS_AI !== "off";
}

/** In GitHub Actions, what is shown on the run's own page. @param {string} markdown */
function summarize(markdown) {
  if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, markdown);
}

const list = (/** @type {Secrets} */ secrets) => Object.keys(secrets).join(", ") || "none";

/**
 * The secrets that are at hand, and whether those that are missing may be asked for.
 *
 * @param {{ secrets?: string, "secrets-from-env"?: boolean }} options
 */
function provide({ secrets: file, "secrets-from-env": fromEnv }) {
  if (fromEnv && file !== undefined) throw new Problem(USAGE);
  if (fromEnv) return { secrets: secretsAmong(process.env), ask: false };
  if (file !== undefined) return { secrets: secretsOfFile(file), ask: false };
  const byDefault = inProject(SECRETS_FILE);
  return existsSync(byDefault) ? { secrets: secretsOfFile(byDefault), ask: false } : { secrets: {}, ask: true };
}

await main(import.meta.url, async () => {
  const { values } = parseOptions(USAGE, {
    options: {
      "dry-run": { type: "boolean" },
      secrets: { type: "string" },
      "secrets-from-env": { type: "boolean" },
    },
  });
  try {
    const provided = provide(values);
    await setup();
    await (values["dry-run"] ? dryRun(provided.secrets) : deploy(provided));
  } catch (error) {
    if (error instanceof Problem) summarize(`## Not deployed\n\n\`\`\`text\n${error.message}\n\`\`\`\n`);
    throw error;
  }
});
