/** A link that can be read: its parts told apart, and copied by one click. */
import { copyOnClick } from "./clipboard.js";
import { el } from "./dom.js";
import { setText } from "./language.js";
import { linkParts } from "./links.js";

/**
 * Shows a link in an element.
 * @param {Element} element
 * @param {string} url
 * @param {boolean} [encoded] true: letter by letter, so that what is selected is the link
 */
export function showLink(element, url, encoded = false) {
  element.replaceChildren(...linkParts(url, encoded).map(({ kind, text }) => el(`span.${kind}`, {}, text)));
}

/** A button that shows a link and copies it. @param {string} url */
export function liveLink(url) {
  const code = el("code", { dir: "ltr" });
  showLink(code, url);
  const state = el("span.copied");
  const button = el("button.live-link", { type: "button", "data-copy": "live-link" }, code, " ", state);
  setText(state, "copy");
  setText(button, "copy-live-link-title", {}, "title");
  copyOnClick(button, () => url, state);
  return button;
}
