/** The history as a grid of pictures. */
import { announce } from "../shared/announce.js";
import { byId, icon, make, said } from "../shared/dom.js";
import { say } from "../shared/language.js";
import { altText } from "../shared/links.js";
import { entries, forget, forgetAll, keyOf, onHistory } from "./history.js";

/** How long the question stands whether all shall be cleared. In milliseconds. */
const SURE = 5000;

/** @type {Map<string, HTMLElement>} the tiles by their entry's key: what is loaded stays loaded */
const tiles = new Map();

/** Bytes that are here already, so that a picture just drawn is not fetched once more. @type {Map<string, Blob>} */
const blobs = new Map();

/** @param {string} key @param {Blob} blob */
export function lend(key, blob) {
  const tile = tiles.get(key);
  if (tile) drop(key, tile); // perhaps it says that its picture is gone
  blobs.set(key, blob);
}

/** @param {(entry: import("./history.js").Entry) => void} show called with the entry that was chosen */
export function startGallery(show) {
  const draw = () => {
    const list = entries();
    const keys = new Set(list.map(keyOf));
    for (const [key, tile] of tiles) if (!keys.has(key)) drop(key, tile);
    byId("gallery").append(...list.map((entry) => tileOf(entry, show)));
    byId("history").hidden = list.length === 0;
    say(byId("history-count"), "history-count", { count: list.length });
    askNothing();
  };

  const clear = byId("history-clear");
  let timer = 0;
  const askNothing = () => {
    clearTimeout(timer);
    clear.classList.remove("danger");
    say(clear, "clear-all");
  };
  clear.addEventListener("click", () => {
    if (!clear.classList.contains("danger")) {
      clear.classList.add("danger");
      say(clear, "clear-sure", { count: entries().length });
      timer = setTimeout(askNothing, SURE);
      return;
    }
    forgetAll();
    announce("cleared");
    byId("prompt").focus();
  });
  onHistory(draw);
  draw();
}

function tileOf(entry, show) {
  const key = keyOf(entry);
  const there = tiles.get(key);
  if (there) return there;
  const thumb = make("span.thumb");
  const button = make(
    "button.show",
    { type: "button", onclick: () => show(entry) },
    thumb,
    make("span.caption", { dir: "auto" }, altText(entry.parameters.prompt)),
  );
  const remove = make("button.remove", { type: "button", onclick: () => removeEntry(key) }, icon("close"));
  say(remove, "remove-one", { prompt: altText(entry.parameters.prompt) }, "aria-label");
  const tile = make("li.entry", {}, button, remove);
  tiles.set(key, tile);
  whenSeen(tile, () => load(thumb, entry, key));
  return tile;
}

/** Takes one out, and leaves the focus with its neighbour. */
function removeEntry(key) {
  const tile = tiles.get(key);
  const next = tile.nextElementSibling || tile.previousElementSibling;
  forget(key);
  announce("removed");
  (next?.querySelector(".remove") || byId("prompt")).focus();
}

function drop(key, tile) {
  const image = tile.querySelector("img");
  if (image) URL.revokeObjectURL(image.src);
  tile.remove();
  tiles.delete(key);
  blobs.delete(key);
}

/**
 * Loads a tile's picture. By fetch and not as the source of an `<img>`: the answer for a picture that is gone is a
 * picture too, with a message in it.
 */
async function load(thumb, entry, key) {
  try {
    const blob = blobs.get(key) || (await fetchStored(entry));
    thumb.replaceChildren(make("img", { src: URL.createObjectURL(blob), alt: "", decoding: "async" }));
  } catch (error) {
    thumb.replaceChildren(said("span.gone", error.message === "gone" ? "gone" : "not-loaded"));
  }
}

async function fetchStored(entry) {
  if (!entry.permalink) throw new Error("gone");
  const response = await fetch(entry.permalink, { headers: { Accept: "application/json" } });
  if (response.status === 404) throw new Error("gone");
  if (!response.ok) throw new Error("not loaded");
  return response.blob();
}

/** Calls once, when the element comes near the window. */
function whenSeen(element, seen) {
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
