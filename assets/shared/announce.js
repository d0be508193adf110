/** Announcements for screen readers, besides what is in focus. */
import { byId } from "./dom.js";
import { text } from "./language.js";

let timer = 0;

/**
 * Says a sentence politely, through the page's `role="status"` element.
 * @param {string} key
 * @param {import("./language.js").Values} [values]
 */
export function announce(key, values) {
  const region = byId("status");
  region.textContent = "";
  clearTimeout(timer);
  // Later, so that the same sentence is said again.
  timer = setTimeout(() => {
    region.textContent = text(key, values);
  }, 50);
}
