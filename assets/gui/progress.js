/** What is known of a picture that is being made: the events of its stream, added up. */

/**
 * @typedef {object} Progress
 * @property {"asked" | "waiting" | "rewriting" | "drawing" | "fetching" | "storing" | "receiving"} step `asked`: nothing
 *   is known, since no stream is had; `receiving`: it is there, and on its way here
 * @property {number | null} position the place in line; 1 is the next
 * @property {number | null} readyAt when its turn comes, as performance.now() counts
 * @property {string | null} model
 * @property {string | null} provider
 * @property {string | null} prompt what will be drawn, once that is known
 * @property {string | null} status as `X-Prompt-Status`
 */

/** @type {Progress} */
export const ASKED = {
  step: "asked",
  position: null,
  readyAt: null,
  model: null,
  provider: null,
  prompt: null,
  status: null,
};

/** A picture that is stored, and only has to come here. @type {Progress} */
export const RECEIVING = { ...ASKED, step: "receiving" };

const STEPS = /** @type {const} */ (["waiting", "rewriting", "drawing", "fetching", "storing"]);

/** @param {unknown} value */
const textOrNull = (value) => (typeof value === "string" && value ? value : null);
/** @param {unknown} value */
const countOrNull = (value) => (typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null);

/**
 * What is known after one more event; an event that is not understood changes nothing.
 * @param {Progress} progress
 * @param {import("./events.js").ServerEvent} event
 * @param {number} now as performance.now() counts
 * @returns {Progress}
 */
export function after(progress, { event, data }, now) {
  if (!data || typeof data !== "object") return progress;
  if (event === "prompt") {
    const prompt = textOrNull(data.prompt);
    return prompt ? { ...progress, prompt, status: textOrNull(data.status) } : progress;
  }
  const step = STEPS.find((name) => name === data.step);
  if (event !== "step" || !step) return progress;
  const readyIn = countOrNull(data.ready_in_ms);
  return {
    ...progress,
    step,
    position: step === "waiting" ? countOrNull(data.position) : null,
    readyAt: step === "waiting" && readyIn !== null ? now + readyIn : null,
    model: textOrNull(data.model) ?? (step === "waiting" ? null : progress.model),
    provider: textOrNull(data.provider) ?? (step === "waiting" ? null : progress.provider),
  };
}

/**
 * The sentence that says it.
 * @param {Progress} progress
 * @param {number} now as performance.now() counts
 * @returns {import("../shared/language.js").Sentence}
 */
export function sentenceOf({ step, position, readyAt, model, provider }, now) {
  if (step === "waiting") return waitingSentence(position, readyAt === null ? null : Math.ceil((readyAt - now) / 1000));
  if (step === "drawing" && model) {
    const name = model.split("/").at(-1) ?? model;
    return provider ? ["step-drawing-at", { model: name, provider }] : ["step-drawing-by", { model: name }];
  }
  return [`step-${step}`];
}

/**
 * @param {number | null} position
 * @param {number | null} seconds
 * @returns {import("../shared/language.js").Sentence}
 */
function waitingSentence(position, seconds) {
  // A turn that should have come has no time of its own any more.
  const isKnown = seconds !== null && seconds > 0;
  if (position !== null && position > 1) {
    return isKnown ? ["step-waiting-place-time", { position, seconds }] : ["step-waiting-place", { position }];
  }
  if (position !== null) return isKnown ? ["step-waiting-next-time", { seconds }] : ["step-waiting-next"];
  return isKnown ? ["step-waiting-time", { seconds }] : ["step-waiting"];
}
