/** What this deployment offers: its models, its health, and the rewriting of prompts. */
import { Problem, readProblem, unreachable } from "../shared/problem.js";
import { headers } from "./image_api.js";

/** @returns {Promise<string[]>} the models on offer, the default first; empty where the service does not say */
export async function listModels() {
  const list = await readJson("/v1/models");
  const models = Array.isArray(list?.data) ? list.data : [];
  return models
    .map((/** @type {any} */ model) => model?.id)
    .filter((/** @type {unknown} */ id) => typeof id === "string");
}

/**
 * @typedef {object} Health
 * @property {boolean} draws false: there is nothing to draw with
 * @property {boolean} rewrites false: there is nothing to rewrite prompts with
 * @property {string} why what the owner must set
 */

/** @returns {Promise<Health>} what is not said is taken to be there */
export async function readHealth() {
  const health = await readJson("/health");
  return {
    draws: health?.draws !== false,
    rewrites: health?.rewrites !== false,
    why: typeof health?.why === "string" ? health.why : "",
  };
}

/**
 * What the service would make of a prompt.
 * @param {string} prompt
 * @param {string | null} token
 * @returns {Promise<{prompt: string, status: string}>} rejects with a Problem
 */
export async function improvePrompt(prompt, token) {
  const response = await fetch("/v1/prompt", {
    method: "POST",
    headers: { ...headers(token), "Content-Type": "application/json" },
    body: JSON.stringify({ prompt, optimization: true }),
  }).catch((error) => Promise.reject(unreachable(error)));
  if (!response.ok) throw await readProblem(response);
  const answer = await response.json().catch(/** @returns {any} */ () => null);
  if (typeof answer?.prompt !== "string" || !answer.prompt) throw new Problem("unknown", { status: response.status });
  return { prompt: answer.prompt, status: String(answer.status) };
}

/** @param {string} path @returns {Promise<any>} null where it cannot be had */
async function readJson(path) {
  try {
    const response = await fetch(path, { headers: headers(null) });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
