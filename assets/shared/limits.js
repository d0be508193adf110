/** The limits of the API's parameters, and seeds. */

/** The longest prompt, in Unicode code points. */
export const MAX_PROMPT = 2000;

export const MAX_SEED = 9_999_999_999;

/** The length of a prompt as the API counts it: Unicode code points, trimmed and composed. @param {string} text */
export const promptLength = (text) => Array.from(text.trim().normalize("NFC")).length;

/** @param {string} text a number as typed @param {number} least @param {number} most */
export function inRange(text, least, most) {
  const number = Number(text);
  return Number.isFinite(number) && number >= least && number <= most;
}

/** @param {string} text a number as typed */
export const isSteps = (text) => inRange(text, 1, 100);

/** @param {string} text a number as typed */
export const isGuidance = (text) => inRange(text, 0, 20);

/** @returns {string} a number that was not asked for before, as far as chance goes */
export function randomSeed() {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return String((high * 2 ** 21 + (low >>> 11)) % (MAX_SEED + 1));
}

/**
 * @param {string} text a seed as typed
 * @returns {string | null} the number, drawn where chance was asked for; null if it is none
 */
export function parseSeed(text) {
  const seed = text.trim();
  if (seed === "-1" || seed.toLowerCase() === "random") return randomSeed();
  if (seed === "") return "";
  return /^\d{1,10}$/.test(seed) ? String(Number(seed)) : null;
}
