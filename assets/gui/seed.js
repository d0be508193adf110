/**
 * The seed field with its dice and its lock. A locked seed stays for the next pictures; one that is not locked is used
 * once. Whoever types a number means to keep it.
 */
import { byId, inputById } from "../shared/dom.js";
import { setText } from "../shared/language.js";
import { randomSeed } from "../shared/limits.js";

const field = () => inputById("seed");

export const isLocked = () => byId("seed-lock").getAttribute("aria-pressed") === "true";

/** @param {string} seed @param {boolean} locked */
export function setSeed(seed, locked) {
  field().value = seed;
  setLocked(locked && seed !== "");
  field().dispatchEvent(new Event("input", { bubbles: true }));
}

/** After a picture was asked for: a seed that is not locked has had its turn. */
export function clearUnlockedSeed() {
  if (!isLocked()) field().value = "";
}

/** @param {boolean} locked */
function setLocked(locked) {
  const button = byId("seed-lock");
  button.setAttribute("aria-pressed", String(locked));
  setText(button, locked ? "seed-unlock" : "seed-lock", {}, "title");
}

/** @param {() => string | null} lastSeed the seed of the picture on show, for a lock on an empty field */
export function startSeed(lastSeed) {
  const dice = byId("seed-dice");
  const button = byId("seed-lock");
  setText(dice, "seed-dice", {}, "aria-label");
  setText(dice, "seed-dice", {}, "title");
  setText(button, "seed-lock", {}, "aria-label");
  setLocked(false);
  dice.addEventListener("click", () => setSeed(randomSeed(), isLocked()));
  button.addEventListener("click", () => {
    if (isLocked()) return setLocked(false);
    setSeed(field().value.trim() || lastSeed() || randomSeed(), true);
  });
  field().addEventListener("input", (event) => {
    if (event.isTrusted) setLocked(field().value.trim() !== "");
  });
}
