/** A picture as large as the window, with its neighbours a key or a swipe away, or two side by side. */
import { announce } from "../shared/announce.js";
import { copyText } from "../shared/clipboard.js";
import { byId, el } from "../shared/dom.js";
import { altText } from "../shared/links.js";
import { setText } from "../shared/language.js";

/** @typedef {Pick<import("./picture_actions.js").Shown, "src" | "link" | "file" | "prompt">} Item */

/** How far a finger moves to turn to the next picture, in pixels. */
const SWIPE = 50;

/** @type {Item[]} */
let items = [];
let at = 0;
let isComparing = false;
let swipeFrom = 0;

const dialog = () => /** @type {HTMLDialogElement} */ (byId("lightbox"));

/** @param {Item[]} list @param {number} index of the one to show @param {boolean} [compare] with the one after it */
export function openLightbox(list, index, compare = false) {
  items = list;
  at = Math.max(0, index);
  isComparing = compare && list.length > 1;
  show();
  if (!dialog().open) dialog().showModal();
}

function show() {
  const shown = isComparing ? [items[at], items[(at + 1) % items.length]] : [items[at]];
  dialog().classList.toggle("compare", isComparing);
  dialog().classList.remove("zoomed");
  byId("lightbox-pictures").replaceChildren(...shown.map(figure));
  // The picture that had the focus is gone, and the keys go where the focus is.
  const hasFocus = dialog().contains(document.activeElement);
  if (dialog().open && !hasFocus) dialog().querySelector("button")?.focus({ preventScroll: true });
  const [first] = shown;
  const save = /** @type {HTMLAnchorElement} */ (byId("lightbox-save"));
  save.href = first.src;
  save.download = first.file;
  setText(byId("lightbox-count"), "lightbox-count", { at: at + 1, count: items.length });
  for (const id of ["lightbox-before", "lightbox-next", "lightbox-compare"]) byId(id).hidden = items.length < 2;
  byId("lightbox-compare").setAttribute("aria-pressed", String(isComparing));
}

/** @param {Item} item */
function figure({ src, prompt }) {
  const image = el("img", { src, alt: altText(prompt) });
  const button = setText(
    el("button.zoom", { type: "button", onclick: zoom }, image),
    "lightbox-zoom",
    {},
    "aria-label",
  );
  return el("figure", {}, button, el("figcaption", { dir: "auto" }, altText(prompt)));
}

function zoom() {
  dialog().classList.toggle("zoomed");
}

/** @param {number} by */
function turn(by) {
  if (items.length < 2) return;
  at = (at + by + items.length) % items.length;
  show();
}

async function copy() {
  const done = await copyText(items[at].link);
  announce(done ? "copied" : "copy-failed");
  setText(byId("lightbox-copy-label"), done ? "copied" : "copy-failed");
  setTimeout(() => setText(byId("lightbox-copy-label"), "copy-link-long"), 1600);
}

function compare() {
  isComparing = !isComparing && items.length > 1;
  show();
}

/** @type {Record<string, () => void>} */
const KEYS = {
  ArrowLeft: () => turn(-1),
  ArrowRight: () => turn(1),
  d: () => byId("lightbox-save").click(),
  c: () => copy(),
  z: zoom,
  "+": zoom,
  "-": zoom,
};

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

export function startLightbox() {
  setText(byId("lightbox-before"), "lightbox-before", {}, "aria-label");
  setText(byId("lightbox-next"), "lightbox-next", {}, "aria-label");
  setText(byId("lightbox-close"), "close", {}, "aria-label");
  setText(byId("lightbox-copy-label"), "copy-link-long");
  setText(dialog(), "lightbox", {}, "aria-label");
  byId("lightbox-before").addEventListener("click", () => turn(-1));
  byId("lightbox-next").addEventListener("click", () => turn(1));
  byId("lightbox-close").addEventListener("click", () => dialog().close());
  byId("lightbox-copy").addEventListener("click", copy);
  byId("lightbox-compare").addEventListener("click", compare);
  dialog().addEventListener("keydown", onKey);
  dialog().addEventListener("click", (event) => {
    if (event.target === dialog() || event.target === byId("lightbox-pictures")) dialog().close();
  });
  dialog().addEventListener(
    "touchstart",
    ({ touches }) => (swipeFrom = touches.length === 1 ? touches[0].clientX : NaN),
    {
      passive: true,
    },
  );
  dialog().addEventListener("touchend", ({ changedTouches }) => {
    const moved = changedTouches[0].clientX - swipeFrom;
    if (Math.abs(moved) > SWIPE && !dialog().classList.contains("zoomed")) turn(moved < 0 ? 1 : -1);
  });
}
