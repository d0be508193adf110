/** The history as a grid of pictures. */
import { announce } from "../shared/announce.js";
import { byId, el, icon, textElement } from "../shared/dom.js";
import { setText } from "../shared/language.js";
import { altText } from "../shared/links.js";
import { clearHistory, entries, keyOf, onHistory, removeEntry } from "./history.js";

/** @typedef {import("./history.js").Entry} Entry */

/** How long the question stands that clearing everything asks first. In milliseconds. */
const CONFIRM = 5000;

/** @type {Map<string, HTMLElement>} the tiles by their entry's key: what is loaded stays loaded */
const tiles = new Map();

/** Bytes that are here already, so that a picture just drawn is not fetched once more. @type {Map<string, Blob>} */
const blobs = new Map();

/** @param {string} key @param {Blob} blob */
export function cacheBlob(key, blob) {
  dropTile(key); // perhaps it says that its picture is gone
  blobs.set(key, blob);
}

/** @param {(entry: Entry) => void} show called with the entry that was chosen */
export function startGallery(show) {
  const resetClear = startClearButton();
  const draw = () => {
    const list = entries();
    const keys = new Set(list.map(keyOf));
    for (const key of tiles.keys()) if (!keys.has(key)) dropTile(key);
    byId("gallery").append(...list.map((entry) => tileOf(entry, show)));
    byId("history").hidden = list.length === 0;
    setText(byId("history-count"), "history-count", { count: list.length });
    resetClear();
  };
  onHistory(draw);
  draw();
}

/** The button that clears everything asks first. @returns {() => void} withdraws the question */
function startClearButton() {
  const button = byId("history-clear");
  let timer = 0;
  const reset = () => {
    clearTimeout(timer);
    button.classList.remove("danger");
    setText(button, "clear-all");
  };
  button.addEventListener("click", () => {
    if (!button.classList.contains("danger")) {
      button.classList.add("danger");
      setText(button, "clear-sure", { count: entries().length });
      timer = setTimeout(reset, CONFIRM);
      return;
    }
    clearHistory();
    announce("cleared");
    byId("prompt").focus();
  });
  return reset;
}

/** @param {Entry} entry @param {(entry: Entry) => void} show */
function tileOf(entry, show) {
  const key = keyOf(entry);
  const present = tiles.get(key);
  if (present) return present;
  const thumb = el("span.thumb");
  const button = el(
    "button.show",
    { type: "button", onclick: () => show(entry) },
    thumb,
    el("span.caption", { dir: "auto" }, altText(entry.parameters.prompt)),
  );
  const remove = el("button.remove", { type: "button", onclick: () => removeTile(key) }, icon("close"));
  setText(remove, "remove-one", { prompt: altText(entry.parameters.prompt) }, "aria-label");
  const tile = el("li.entry", {}, button, remove);
  tiles.set(key, tile);
  onceVisible(tile, () => loadThumb(thumb, entry, key));
  return tile;
}

/** Takes one out, and leaves the focus with its neighbour. @param {string} key */
function removeTile(key) {
  const tile = tiles.get(key);
  const next = tile?.nextElementSibling || tile?.previousElementSibling;
  removeEntry(key);
  announce("removed");
  /** @type {HTMLElement} */ (next?.querySelector(".remove") || byId("prompt")).focus();
}

/** @param {string} key */
function dropTile(key) {
  const tile = tiles.get(key);
  if (!tile) return;
  const image = tile.querySelector("img");
  if (image) URL.revokeObjectURL(image.src);
  tile.remove();
  tiles.delete(key);
  blobs.delete(key);
}

/**
 * Loads a tile's picture. By fetch and not as the source of an `<img>`: the answer for a picture that is gone is a
 * picture too, with a message in it.
 * @param {HTMLElement} thumb
 * @param {Entry} entry
 * @param {string} key
 */
async function loadThumb(thumb, entry, key) {
  const blob = blobs.get(key) || (await fetchStored(entry.permalink).catch(() => "not-loaded"));
  if (typeof blob === "string") thumb.replaceChildren(textElement("span.gone", blob));
  else thumb.replaceChildren(el("img", { src: URL.createObjectURL(blob), alt: "", decoding: "async" }));
}

/**
 * @param {string | null} permalink
 * @returns {Promise<Blob | string>} the picture, or the sentence that stands in its place
 */
async function fetchStored(permalink) {
  if (!permalink) return "gone";
  const response = await fetch(permalink, { headers: { Accept: "application/json" } });
  if (response.status === 404) return "gone";
  return response.ok ? response.blob() : "not-loaded";
}

/** Calls once, when the element comes near the window. @param {Element} element @param {() => void} seen */
function onceVisible(element, seen) {
  const observer = new IntersectionObserver(
    (changes) => {
      if (!changes.some((change) => change.isIntersecting)) return;
      observer.disconnect();
      seen();
    },
    { rootMargin: "300px" },
  );
  observer.observe(element);
}
