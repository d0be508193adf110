/** Copying, with an answer that can be seen and heard. */
import { announce } from "./announce.js";
import { el } from "./dom.js";
import { setText, shownSentence } from "./language.js";

/** @param {string} text @returns {Promise<boolean>} true once the clipboard has it */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** The way that also works on a page without TLS, where there is no clipboard API. @param {string} text */
function copyBySelection(text) {
  const field = el("textarea.off-screen", { readonly: true, "aria-hidden": "true", tabindex: "-1" });
  field.value = text;
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const host = focused?.closest("dialog") || document.body;
  host.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  focused?.focus?.({ preventScroll: true });
  return done;
}

/**
 * Makes a button copy, and say so for a moment.
 * @param {HTMLElement} button
 * @param {() => string} textNow the text to copy at the time of the click
 * @param {HTMLElement} [label] the element whose text says "Copied"; the button's own by default
 */
export function copyOnClick(button, textNow, label = button) {
  button.addEventListener("click", async () => answerOn(button, label, await copyText(textNow())));
}

/** How long a button says what came of it. In milliseconds. */
const ANSWER_STANDS = 1600;

/** What the labels that say something else just now go back to. @type {WeakMap<HTMLElement, {back: () => void, timer: number}>} */
const answering = new WeakMap();

/**
 * Says on a button, and to screen readers, what came of copying.
 * @param {HTMLElement} button
 * @param {HTMLElement} label
 * @param {boolean} done
 */
export function answerOn(button, label, done) {
  const before = shownSentence(label);
  const running = answering.get(label);
  const back =
    running?.back ??
    (() => {
      answering.delete(label);
      button.classList.remove("done");
      if (before) setText(label, ...before);
    });
  clearTimeout(running?.timer);
  const answer = done ? "copied" : "copy-failed";
  announce(answer);
  setText(label, answer);
  button.classList.toggle("done", done);
  answering.set(label, { back, timer: setTimeout(back, ANSWER_STANDS) });
}
