/** Copying, with an answer that can be seen and heard. */
import { make } from "./dom.js";
import { say } from "./language.js";
import { announce } from "./announce.js";

/** @param {string} text @returns {Promise<boolean>} whether the clipboard has it now */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** The way that also works on a page without TLS, where there is no clipboard API. */
function copyBySelection(text) {
  const field = make("textarea.off-screen", { readonly: true, "aria-hidden": "true", tabindex: "-1" });
  field.value = text;
  const focused = document.activeElement;
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
 * @param {() => string} textNow what to copy at the time of the click
 * @param {HTMLElement} [label] the element whose text says "Copied"; the button's own by default
 */
export function copies(button, textNow, label = button) {
  let timer = 0;
  const before = label.getAttribute("data-say");
  button.addEventListener("click", async () => {
    const done = await copyText(textNow());
    const answer = done ? "copied" : "copy-failed";
    announce(answer);
    say(label, answer);
    button.classList.toggle("done", done);
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.classList.remove("done");
      say(label, ...JSON.parse(before)[""]);
    }, 1600);
  });
}
