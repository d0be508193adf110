/**
 * The seed field with its dice and its lock. A locked seed stays for the next pictures; one that is not locked is used
 * once. Whoever types a number means to keep it.
 */
import { byId } from "../shared/dom.js";
import { say } from "../shared/language.js";

export const MAX_SEED = 9_999_999_999;

/** @returns {string} a number that was not asked for before, as far as chance goes */
export function drawSeed() {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return String((high * 2 ** 21 + (low >>> 11)) % (MAX_SEED + 1));
}

/** @param {string} text a seed as typed @returns {string | null} the number, drawn where chance was asked for; null if it is none */
export function parseSeed(text) {
  const seed = text.trim();
  if (seed === "-1" || seed.toLowerCase() === "random") return drawSeed();
  return /^\d{1,10}$/.test(seed) ? String(Number(seed)) : seed === "" ? "" : null;
}

const field = () => byId("seed");

export const isLocked = () => byId("seed-lock").getAttribute("aria-pressed") === "true";

/** @param {string} seed @param {boolean} locked */
export function setSeed(seed, locked) {
  field().value = seed;
  lock(locked && seed !== "");
  field().dispatchEvent(new Event("input", { bubbles: true }));
}

/** After a picture was asked for: a seed that is not locked has had its turn. */
export function seedUsed() {
  if (!isLocked()) field().value = "";
}

function lock(locked) {
  const button = byId("seed-lock");
  button.setAttribute("aria-pressed", String(locked));
  say(button, locked ? "seed-unlock" : "seed-lock", {}, "title");
}

/** @param {() => string | null} lastSeed the seed of the picture on show, for a lock on an empty field */
export function startSeed(lastSeed) {
  const dice = byId("seed-dice");
  const button = byId("seed-lock");
  say(dice, "seed-dice", {}, "aria-label");
  say(dice, "seed-dice", {}, "title");
  say(button, "seed-lock", {}, "aria-label");
  lock(false);
  dice.addEventListener("click", () => setSeed(drawSeed(), isLocked()));
  button.addEventListener("click", () => {
    if (isLocked()) return lock(false);
    setSeed(field().value.trim() || lastSeed() || drawSeed(), true);
  });
  field().addEventListener("input", (event) => {
    if (event.isTrusted) lock(field().value.trim() !== "");
  });
}
