/** What is written and not yet drawn: set aside when something else takes its place, and there again after a reload. */
import { inputById } from "../shared/dom.js";
import { load, save } from "../shared/store.js";
import { toast } from "../shared/toast.js";
import { fillForm, goToForm, readForm } from "./form.js";

/** The prompt that is safe elsewhere: drawn, from the history, or an idea. */
let safePrompt = "";

const prompt = () => inputById("prompt").value.trim();

/** The prompt in the form is safe from here on. */
export function settleDraft() {
  safePrompt = prompt();
  save("draft", null);
}

/** Keeps what is being written over a reload, and over a closed tab. */
export function keepDraft() {
  save("draft", prompt() && prompt() !== safePrompt ? readForm() : null);
}

/**
 * Fills the form with something else, and says so where that takes the place of what was being written.
 * @param {Record<string, string>} parameters
 * @param {"once" | "used"} seedUse
 */
export function replaceForm(parameters, seedUse) {
  const draft = prompt() && prompt() !== safePrompt && prompt() !== parameters.prompt ? readForm() : null;
  fillForm(parameters, seedUse);
  settleDraft();
  if (!draft) return;
  const act = () => {
    fillForm(draft, "once");
    keepDraft();
    goToForm();
  };
  toast("draft-aside", {}, { label: "draft-back", act });
}

/** Fills an empty form with what was being written before. @returns {boolean} true if there was something */
export function restoreDraft() {
  const draft = load("draft");
  if (typeof draft?.prompt !== "string" || !draft.prompt.trim()) return false;
  const texts = Object.entries(draft).filter(([, value]) => typeof value === "string" && value.length < 5000);
  fillForm(Object.fromEntries(texts), "once");
  return true;
}
