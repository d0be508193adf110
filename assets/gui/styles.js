/** Styles as the end of a prompt: seen there, and taken away again by the chip that put it there. */
import { byId, inputById, textElement } from "../shared/dom.js";
import { language, text } from "../shared/language.js";
import { texts } from "../shared/texts/texts.js";
import { setPrompt } from "./form.js";

export const STYLES = /** @type {const} */ ([
  ...["photo", "cinematic", "watercolor", "oil", "ink", "anime"],
  ...["illustration", "line", "pixel", "render", "papercut", "cyberpunk"],
]);

/** A style in any language. @param {string} style @returns {string[]} */
const phrases = (style) => Object.values(texts).map((table) => table[`style-${style}`]);

/** The parts of a prompt that commas make. @param {string} prompt */
const partsOf = (prompt) => prompt.split(/([,，、]\s*)/);

/** True if a style is a part of the prompt, in any language. @param {string} prompt @param {string} style */
export const hasStyle = (prompt, style) =>
  partsOf(prompt).some((part) => phrases(style).some((phrase) => part.trim().toLowerCase() === phrase.toLowerCase()));

/** @param {string} prompt @param {string} phrase */
export function withStyle(prompt, phrase) {
  const start = prompt.trimEnd().replace(/[,，、]$/, "");
  if (!start) return phrase;
  return start + (/\p{Script=Han}$/u.test(start) || /^\p{Script=Han}/u.test(phrase) ? "，" : ", ") + phrase;
}

/** @param {string} prompt @param {string} style */
export function withoutStyle(prompt, style) {
  const parts = partsOf(prompt);
  for (let at = parts.length - 1; at >= 0; at -= 2) {
    if (!hasStyle(parts[at], style)) continue;
    // With the comma before it, or where it is the first the one after it.
    parts.splice(Math.max(0, at - 1), 2);
  }
  return parts.join("").trim();
}

export function startStyles() {
  const list = byId("styles");
  list.append(
    ...STYLES.map((style) =>
      textElement(
        "button.chip",
        `style-${style}`,
        {},
        { type: "button", "data-style": style, "aria-pressed": "false" },
      ),
    ),
  );
  const show = () => {
    const prompt = inputById("prompt").value;
    for (const chip of list.children) {
      const { style = "" } = /** @type {HTMLElement} */ (chip).dataset;
      chip.setAttribute("aria-pressed", String(hasStyle(prompt, style)));
    }
  };
  list.addEventListener("click", ({ target }) => {
    const style = target instanceof HTMLElement && target.dataset.style;
    if (!style) return;
    const prompt = inputById("prompt").value;
    setPrompt(hasStyle(prompt, style) ? withoutStyle(prompt, style) : withStyle(prompt, phraseFor(prompt, style)));
  });
  byId("form").addEventListener("input", show);
  show();
  return show;
}

/** The style in the prompt's own language, or the page's for an empty one. @param {string} prompt @param {string} style */
function phraseFor(prompt, style) {
  if (!prompt.trim()) return text(`style-${style}`);
  const isChinese = /\p{Script=Han}/u.test(prompt) || (language() === "zh-CN" && !/[a-z]/i.test(prompt));
  return texts[isChinese ? "zh-CN" : "en"][`style-${style}`];
}
