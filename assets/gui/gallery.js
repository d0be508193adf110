/** The history as a grid of pictures. */
import { announce } from "../shared/announce.js";
import { byId, el, icon, inputById } from "../shared/dom.js";
import { drawKeyed } from "../shared/keyed.js";
import { setText } from "../shared/language.js";
import { altText } from "../shared/links.js";
import { toast } from "../shared/toast.js";
import { entries, keyOf, onHistory, removeEntries, restore, search, togglePinned } from "./history.js";
import { releaseThumb, thumbOf } from "./thumb.js";

/** @typedef {import("./history.js").Entry} Entry */

/** From how many entries on a search is worth its place. */
const SEARCHABLE = 7;

/** @type {Set<string>} the keys of those that are chosen, while one chooses */
const chosen = new Set();
let isChoosing = false;

/** Those that are chosen, in the order they are shown. */
export const chosenEntries = () => shownEntries().filter((entry) => chosen.has(keyOf(entry)));

/** The entries on show: pinned ones first, and only what is searched for. */
export function shownEntries() {
  const found = search(entries(), inputById("history-search").value);
  return [...found.filter(({ pinned }) => pinned), ...found.filter(({ pinned }) => !pinned)];
}

/** @param {(entry: Entry) => void} show called with the entry that was opened */
export function startGallery(show) {
  /** @param {Entry} entry */
  const open = (entry) => (isChoosing ? choose(entry) : show(entry));
  const draw = () => {
    const all = entries();
    const shown = shownEntries();
    drawKeyed(byId("gallery"), shown, {
      key: (entry) => `${keyOf(entry)} ${entry.at}`,
      create: (entry) => createTile(entry, open),
      update: updateTile,
      remove: releaseThumb,
    });
    byId("history").hidden = all.length === 0;
    byId("history-search-field").hidden = all.length < SEARCHABLE;
    byId("history-none").hidden = shown.length > 0;
    setText(byId("history-count"), "history-count", { count: all.length });
    drawChoice();
  };
  onHistory(draw);
  setText(byId("history-clear"), "clear-all");
  setText(byId("history-search"), "history-search", {}, "placeholder");
  byId("history-clear").addEventListener("click", () => {
    deleteEntries(entries().map(keyOf));
    byId("prompt").focus();
  });
  byId("gallery").addEventListener("choice", draw);
  byId("history-search").addEventListener("input", draw);
  draw();
}

/** Starts or ends choosing. @param {boolean} on */
export function setChoosing(on) {
  isChoosing = on;
  chosen.clear();
  byId("gallery").dispatchEvent(new Event("choice"));
}

export const choosing = () => isChoosing;

/** @param {Entry} entry */
function choose(entry) {
  const key = keyOf(entry);
  if (!chosen.delete(key)) chosen.add(key);
  byId("gallery").dispatchEvent(new Event("choice"));
}

function drawChoice() {
  const keys = new Set(entries().map(keyOf));
  for (const key of chosen) if (!keys.has(key)) chosen.delete(key);
  byId("history").classList.toggle("choosing", isChoosing);
  byId("choice-bar").hidden = !isChoosing;
  byId("history-choose").setAttribute("aria-pressed", String(isChoosing));
  setText(byId("choice-count"), "choice-count", { count: chosen.size });
  const count = chosenEntries().length;
  /** @param {string} id @param {boolean} usable */
  const enable = (id, usable) => {
    /** @type {HTMLButtonElement} */ (byId(id)).disabled = !usable;
  };
  enable("choice-zip", count > 0);
  enable("choice-delete", count > 0);
  enable("choice-compare", count === 2);
}

/** @param {Entry} entry @param {(entry: Entry) => void} open */
function createTile(entry, open) {
  const key = keyOf(entry);
  const prompt = altText(entry.parameters.prompt);
  const show = el(
    "button.show",
    { type: "button", onclick: () => open(entry) },
    thumbOf(entry, key),
    el("span.caption", { dir: "auto" }, prompt),
  );
  const pin = el("button.pin", { type: "button", onclick: () => togglePinned(key) }, icon("pin"));
  const remove = el("button.remove", { type: "button", onclick: () => removeTile(key) }, icon("close"));
  setText(pin, "pin-one", { prompt }, "aria-label");
  setText(remove, "remove-one", { prompt }, "aria-label");
  return el("li.entry", {}, show, el("span.tools", {}, pin, remove));
}

/** @param {HTMLElement} tile @param {Entry} entry */
function updateTile(tile, entry) {
  tile.querySelector(".pin")?.setAttribute("aria-pressed", String(Boolean(entry.pinned)));
  tile.classList.toggle("pinned", Boolean(entry.pinned));
  const show = tile.querySelector(".show");
  if (isChoosing) show?.setAttribute("aria-pressed", String(chosen.has(keyOf(entry))));
  else show?.removeAttribute("aria-pressed");
}

/** Takes one out, and leaves the focus with its neighbour. @param {string} key */
function removeTile(key) {
  const at = shownEntries().findIndex((entry) => keyOf(entry) === key);
  deleteEntries([key]);
  const tiles = byId("gallery").children;
  const next = tiles[Math.min(at, tiles.length - 1)];
  /** @type {HTMLElement} */ (next?.querySelector(".remove") || byId("prompt")).focus();
}

/** Deletes, with a way back. @param {string[]} keys */
export function deleteEntries(keys) {
  const before = entries();
  removeEntries(keys);
  announce("removed", { count: keys.length });
  toast("removed", { count: keys.length }, { label: "undo", act: () => restore(before) });
}
