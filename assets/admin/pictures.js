/** The pictures of the store on the page: as many as are loaded, more on scrolling. */
import { byId, inputById } from "../shared/dom.js";
import { setText } from "../shared/language.js";
import { number } from "./format.js";
import { startGrid } from "./grid.js";
import { search } from "./picture.js";
import { PictureList } from "./picture_list.js";
import { work } from "./picture_work.js";
import { showProblem } from "./problem_box.js";
import { createTile, releaseTile, updateTile } from "./tile.js";

/** From how many pictures on a search is worth its place. */
const SEARCHABLE = 7;

const list = new PictureList();

/** Those of them that are searched for. @type {import("./picture.js").Picture[]} */
let found = [];

/** @type {() => void} */
let drawGrid = () => {};

/** @param {(error: unknown) => boolean} isRefused told each failure; true: the page is left because of it */
export function startPictures(isRefused) {
  drawGrid = startGrid(byId("grid"), {
    items: () => found,
    key: ({ id }) => id,
    create: createTile,
    update: updateTile,
    remove: releaseTile,
    nearEnd: () => {
      if (!list.problem && !inputById("search").value) list.loadMore();
    },
  });
  list.addEventListener("change", () => {
    if (!list.problem || !isRefused(list.problem)) draw();
  });
  work.addEventListener("change", drawGrid);
  work.addEventListener("gone", (event) => removeTile(/** @type {CustomEvent<string>} */ (event).detail));
  setText(byId("search"), "search", {}, "placeholder");
  byId("search").addEventListener("input", draw);
  byId("load-all").addEventListener("click", () => list.loadAll());
  addEventListener("languagechanged", draw);
}

/** Loads the pictures from the beginning. */
export const loadPictures = () => list.restart();

function draw() {
  const { length } = list.pictures;
  setText(byId("picture-count"), list.isComplete ? "pictures-all" : "pictures-loaded", { count: number(length) });
  // A picture that is on show only until the next page is here would be fetched for nothing.
  if (list.isLoadingAll) return;
  found = search(Array.from(list.pictures), inputById("search").value);
  const isEmpty = length === 0 && list.isComplete;
  byId("pictures-loading").hidden = !list.isLoading;
  byId("grid").setAttribute("aria-busy", String(list.isLoading));
  byId("load-all").hidden = list.isComplete || length === 0;
  byId("search-field").hidden = length < SEARCHABLE;
  byId("order-note").hidden = length === 0;
  byId("no-pictures").hidden = !isEmpty && (length === 0 || found.length > 0);
  setText(byId("order-note"), list.isComplete ? "order-all" : "order-loaded");
  setText(byId("no-pictures"), isEmpty ? (list.isStored ? "no-pictures" : "no-store") : "none-found");
  if (list.problem) showProblem(byId("pictures-problem"), list.problem, () => list.loadMore());
  else byId("pictures-problem").replaceChildren();
  drawGrid();
}

/** Takes one out, and leaves the focus with its neighbour. @param {string} id */
function removeTile(id) {
  const tile = byId("grid").querySelector(`[data-id="${id}"]`);
  const hadFocus = tile?.contains(document.activeElement);
  const next = tile?.nextElementSibling ?? tile?.previousElementSibling;
  list.remove(id);
  if (hadFocus) /** @type {HTMLElement | null | undefined} */ (next?.querySelector(".thumb"))?.focus();
}
