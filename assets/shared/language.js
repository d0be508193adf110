/**
 * The page's language. What always stands on a page is in its HTML in both languages, side by side, and the style
 * sheet shows one of them; what scripts write goes through `say`, so that a switch can say it again.
 */
import { keep } from "./store.js";
import { strings } from "./strings.js";

const root = document.documentElement;

/** @returns {"zh-CN" | "en"} */
export const language = () => (root.lang === "zh-CN" ? "zh-CN" : "en");

/**
 * The sentence `key` in the page's language.
 * @param {string} key a key of strings.js
 * @param {Record<string, string | number>} [values] what `{name}` in it stands for
 */
export function text(key, values = {}) {
  const pair = strings[key];
  if (!pair) throw new Error(`strings.js has no "${key}"`);
  return pair[language() === "zh-CN" ? 0 : 1].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/**
 * Writes the sentence into an element, and again whenever the language changes.
 * @template {Element} E
 * @param {E} element
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @param {string} [attribute] write it there instead of into the element
 * @returns {E}
 */
export function say(element, key, values, attribute) {
  const said = JSON.parse(element.getAttribute("data-say") || "{}");
  said[attribute || ""] = [key, values];
  element.setAttribute("data-say", JSON.stringify(said));
  write(element, attribute || "", key, values);
  return element;
}

function write(element, attribute, key, values) {
  const sentence = text(key, values);
  if (attribute) element.setAttribute(attribute, sentence);
  else if (element.textContent !== sentence) element.textContent = sentence;
}

/** @param {"zh-CN" | "en"} to */
export function setLanguage(to) {
  root.lang = to;
  keep("language", to);
  for (const element of document.querySelectorAll("[data-say]")) {
    for (const [attribute, [key, values]] of Object.entries(JSON.parse(element.getAttribute("data-say")))) {
      write(element, attribute, key, values);
    }
  }
  dispatchEvent(new Event("languagechanged"));
}
