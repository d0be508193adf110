/** A deployment's own word on what it can draw with: its `/health`, in words for who deployed it. */

import { setTimeout as sleep } from "node:timers/promises";

/** How long a new address may take until it answers, and a new version or secret until it counts. */
const PATIENCE_MS = 60_000;

const PAUSE_MS = 2_000;

/** How long one answer may take. */
const ANSWER_MS = 10_000;

/** What pictures come from, each with the secret that brings it, in the order in which they are asked. */
const SOURCES = {
  IMAGE_API_KEYS: "the keys of IMAGE_API_KEYS",
  IMAGE_ENDPOINTS: "the endpoints of IMAGE_ENDPOINTS",
  PROCESS_API_KEY: "BigModel (PROCESS_API_KEY)",
};

const SET_A_KEY =
  "Keys bring more pictures a day. This sets them, without another deployment:\n  npx wrangler secret put IMAGE_API_KEYS";

/**
 * @typedef {{ version: string, draws: boolean, rewrites: boolean, why?: string }} Health
 *
 * @typedef {object} Deployed
 * @property {string} origin its address
 * @property {string} version that was deployed
 * @property {string[]} secrets the names of those that it has
 * @property {boolean} ai whether Workers AI is bound to it, and not switched off
 */

/**
 * Asks it, again while it does not answer or not yet as what was deployed.
 *
 * @param {Deployed} deployed
 * @param {{ ask?: typeof fetch, pause?: (ms: number) => Promise<unknown> }} [outside]
 * @returns {Promise<Health | undefined>} the last answer; nothing where there was none
 */
export async function askHealth({ origin, version, secrets, ai }, { ask = fetch, pause = sleep } = {}) {
  const hasSource = ai || secrets.some((name) => name in SOURCES);
  let health;
  for (let waited = 0; waited < PATIENCE_MS; waited += PAUSE_MS) {
    if (waited > 0) await pause(PAUSE_MS);
    try {
      const answer = await ask(`${origin}/health`, { signal: AbortSignal.timeout(ANSWER_MS) });
      if (answer.ok) health = /** @type {Health} */ (await answer.json());
    } catch {
      // Not there yet, or another's page at this address.
    }
    if (health?.version === version && (health.draws || !hasSource)) break;
  }
  return health;
}

/**
 * What is said of it at the end of a deployment.
 *
 * @param {Deployed} deployed
 * @param {Health | undefined} health
 * @returns {string[]}
 */
export function sayHealth({ origin, version, secrets, ai }, health) {
  if (!health) return [`It did not answer within a minute: ${origin}/health will say whether it can draw.`];
  const said = health.version === version ? [] : [`It still answers as version ${health.version}, for some minutes.`];
  if (!health.draws) return [...said, `It cannot draw yet. ${health.why}`, SET_A_KEY];
  const sources = Object.entries(SOURCES).flatMap(([name, what]) => (secrets.includes(name) ? [what] : []));
  if (ai) sources.push("Workers AI, some 170 pictures a day");
  said.push(`It can draw, with ${sources.join(", ") || "demo pictures (DEMO_IMAGES)"}.`);
  said.push(health.rewrites ? "It translates and improves prompts." : (health.why ?? "Prompts are drawn as they are."));
  return secrets.some((name) => name in SOURCES) ? said : [...said, SET_A_KEY];
}
