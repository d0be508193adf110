/** One message at the foot of the page with something to do about it: undo, above all. */
import { byId, el, icon, textElement } from "./dom.js";
import { setText } from "./language.js";

/** How long it stands, where nobody is at it. In milliseconds. */
const STANDS = 12_000;

let timer = 0;

/**
 * @param {string} key the sentence
 * @param {import("./language.js").Values} [values]
 * @param {{label: string, act: () => void}} [action] what its button does
 */
export function toast(key, values, action) {
  const region = byId("toast");
  const close = setText(
    el("button.plain.round", { type: "button", onclick: hideToast }, icon("close")),
    "close",
    {},
    "aria-label",
  );
  const act = action && textElement("button.quiet", action.label, {}, { type: "button", "data-act": action.label });
  act?.addEventListener("click", () => {
    hideToast();
    action?.act();
  });
  region.replaceChildren(el("div.toast", {}, textElement("span", key, values), act, close));
  wait();
  region.onpointerenter = region.onfocus = () => clearTimeout(timer);
  region.onpointerleave = region.onblur = wait;
}

export function hideToast() {
  clearTimeout(timer);
  byId("toast").replaceChildren();
}

function wait() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const region = byId("toast");
    // Whoever is at its buttons is not interrupted.
    if (region.contains(document.activeElement)) return wait();
    hideToast();
  }, STANDS);
}
