/**
 * The page's language. What always stands on a page is in its HTML in both languages, side by side, and the style
 * sheet shows one of them; what scripts write goes through `setText`, so that a switch can write it again.
 */
import { save } from "./store.js";
import { texts } from "./texts/texts.js";

const root = document.documentElement;

/** Where an element notes its sentences: `{ "": [key, values], "aria-label": [key, values] }`, by attribute. */
const NOTE = "data-text";

/**
 * @typedef {Record<string, string | number>} Values what `{name}` in a sentence stands for
 * @typedef {[key: string, values?: Values]} Sentence a key of the texts, and what is filled in
 */

/** @returns {import("./texts/texts.js").Language} */
export const language = () => (root.lang === "zh-CN" ? "zh-CN" : "en");

/** True if there is such a sentence. @param {string} key */
export const hasText = (key) => Object.hasOwn(texts.en, key);

/**
 * The sentence `key` in the page's language.
 * @param {string} key
 * @param {Values} [values]
 */
export function text(key, values = {}) {
  const sentence = texts[language()][key];
  if (sentence === undefined) throw new Error(`the texts have no "${key}"`);
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/**
 * Writes the sentence into an element, and again whenever the language changes.
 * @template {Element} E
 * @param {E} element
 * @param {string} key
 * @param {Values} [values]
 * @param {string} [attribute] write it there instead of into the element
 * @returns {E}
 */
export function setText(element, key, values, attribute = "") {
  const sentences = sentencesOf(element);
  sentences[attribute] = [key, values];
  element.setAttribute(NOTE, JSON.stringify(sentences));
  write(element, attribute, key, values);
  return element;
}

/** Empties an element that `setText` wrote into. @param {Element} element */
export function clearText(element) {
  element.textContent = "";
  element.removeAttribute(NOTE);
}

/** The sentence that an element shows. @param {Element} element @returns {Sentence | undefined} */
export const shownSentence = (element) => sentencesOf(element)[""];

/** @param {Element} element @returns {Record<string, Sentence>} */
const sentencesOf = (element) => JSON.parse(element.getAttribute(NOTE) || "{}");

/** @param {Element} element @param {string} attribute @param {string} key @param {Values} [values] */
function write(element, attribute, key, values) {
  const sentence = text(key, values);
  if (attribute) element.setAttribute(attribute, sentence);
  else if (element.textContent !== sentence) element.textContent = sentence;
}

/** @param {"zh-CN" | "en"} to */
export function setLanguage(to) {
  root.lang = to;
  save("language", to);
  for (const element of document.querySelectorAll(`[${NOTE}]`)) {
    for (const [attribute, [key, values]] of Object.entries(sentencesOf(element))) {
      write(element, attribute, key, values);
    }
  }
  dispatchEvent(new Event("languagechanged"));
}
