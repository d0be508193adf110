/** Small helpers to build elements without markup in strings. */
import { say } from "./language.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag a tag name with classes, such as `button.quiet`
 * @param {Record<string, any>} [props] attributes; `onclick` and the like are listeners, false and null are left out
 * @param {...(Node | string | null | false | undefined)} children
 * @returns {any} the element
 */
export function make(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child || child === ""));
  return element;
}

/** An element that says a sentence of strings.js. */
export const said = (tag, key, values, props) => say(make(tag, props), key, values);

/** @param {string} name a symbol of the page's icon sheet, `#icon-{name}` */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** @param {string} id @returns {any} the element with that id, which must be there */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/** Whether the reader asked for less motion. */
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
