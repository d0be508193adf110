/**
 * The seed field with its dice and its lock. The page draws a seed for each picture and shows it here. A locked one stays
 * for the next pictures; one that was rolled, or came with a link, is used once. Whoever types a number means to keep it.
 */
import { byId, inputById } from "../shared/dom.js";
import { setText } from "../shared/language.js";
import { MAX_SEED, randomSeed } from "../shared/limits.js";

const field = () => inputById("seed");

/** True if the number in the field is still to be used, once. */
let isFresh = false;

export const isLocked = () => byId("seed-lock").getAttribute("aria-pressed") === "true";

/** The seed that the next picture is to have, as typed; empty where the page will draw one. */
export const nextSeed = () => (isLocked() || isFresh ? field().value.trim() : "");

/**
 * Shows a seed.
 * @param {string} seed
 * @param {"locked" | "once" | "used"} use `used`: it was the last picture's, and the next one gets another
 */
export function setSeed(seed, use) {
  field().value = seed;
  isFresh = use === "once" && seed !== "";
  setLocked(use === "locked" && seed !== "");
  field().dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * The seeds for a number of pictures: those after the one that was asked for, else drawn.
 * @param {string} seed as asked for, or empty
 * @param {number} count
 */
export function seedsFrom(seed, count) {
  const first = seed || null;
  return Array.from({ length: count }, (_, n) =>
    first === null ? randomSeed() : String((Number(first) + n) % (MAX_SEED + 1)),
  );
}

/** @param {boolean} locked */
function setLocked(locked) {
  const button = byId("seed-lock");
  button.setAttribute("aria-pressed", String(locked));
  setText(button, locked ? "seed-unlock" : "seed-lock", {}, "title");
  setText(byId("seed-state"), locked ? "seed-kept-state" : isFresh ? "seed-once-state" : "seed-drawn-state");
}

/** @param {() => string | null} lastSeed the seed of the picture on show, for a lock on an empty field */
export function startSeed(lastSeed) {
  const dice = byId("seed-dice");
  const button = byId("seed-lock");
  setText(dice, "seed-dice", {}, "aria-label");
  setText(dice, "seed-dice", {}, "title");
  setText(button, "seed-lock", {}, "aria-label");
  setLocked(false);
  dice.addEventListener("click", () => setSeed(randomSeed(), isLocked() ? "locked" : "once"));
  button.addEventListener("click", () => {
    if (isLocked()) return setSeed(field().value.trim(), "used");
    setSeed(field().value.trim() || lastSeed() || randomSeed(), "locked");
  });
  field().addEventListener("input", (event) => {
    if (!event.isTrusted) return;
    isFresh = false;
    setLocked(field().value.trim() !== "");
  });
}
