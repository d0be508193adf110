/**
 * A grid of which only what is near the window is in the document, however long it is: the rest is room above and below.
 * All of its elements are of one height.
 */
import { drawKeyed } from "../shared/keyed.js";

/** How much above and below the window is drawn too, in pixels. */
const MARGIN = 600;

/** How many are drawn to find out how tall one is. */
const SAMPLE = 12;

/**
 * @template Item
 * @param {HTMLElement} list styled as a grid
 * @param {object} how
 * @param {() => Item[]} how.items
 * @param {(item: Item) => string} how.key
 * @param {(item: Item) => HTMLElement} how.create
 * @param {(element: HTMLElement, item: Item) => void} how.update
 * @param {(element: HTMLElement) => void} how.remove called for each that leaves the document
 * @param {() => void} how.nearEnd called when what is drawn reaches to the last item
 * @returns {() => void} draws anew, when the items have changed
 */
export function startGrid(list, { items, nearEnd, create, ...how }) {
  let isAsked = false;
  const draw = () => {
    isAsked = false;
    if (!list.getClientRects().length) return; // not on show: nothing can be measured
    const all = items();
    const { from, to, columns, height } = near(list, all.length);
    // Room that is not there while the grid is drawn would move what is looked at.
    list.style.paddingTop = `${(from / columns) * height}px`;
    drawKeyed(list, all.slice(from, to), {
      ...how,
      create,
      remove: (element) => {
        if (element.contains(document.activeElement)) list.focus({ preventScroll: true });
        how.remove(element);
      },
    });
    for (const [at, element] of Array.from(list.children).entries()) {
      element.setAttribute("aria-posinset", String(from + at + 1));
      element.setAttribute("aria-setsize", String(all.length));
    }
    list.style.paddingBottom = `${Math.ceil(Math.max(0, all.length - to) / columns) * height}px`;
    if (!height && all.length) soon();
    else if (to >= all.length) nearEnd();
  };
  const soon = () => {
    if (!isAsked) requestAnimationFrame(draw);
    isAsked = true;
  };
  addEventListener("scroll", soon, { passive: true });
  addEventListener("resize", soon);
  return draw;
}

/** Which of so many items are near the window. @param {HTMLElement} list @param {number} count */
function near(list, count) {
  const style = getComputedStyle(list);
  const columns = style.gridTemplateColumns.split(" ").length;
  const first = list.firstElementChild;
  if (!(first instanceof HTMLElement)) return { from: 0, to: Math.min(SAMPLE, count), columns, height: 0 };
  const height = first.getBoundingClientRect().height + (parseFloat(style.rowGap) || 0);
  const { top } = list.getBoundingClientRect();
  const rows = Math.ceil(count / columns);
  const fromRow = Math.min(Math.max(0, Math.floor((-MARGIN - top) / height)), Math.max(0, rows - 1));
  const toRow = Math.max(fromRow + 1, Math.ceil((innerHeight + MARGIN - top) / height));
  return { from: fromRow * columns, to: Math.min(count, toRow * columns), columns, height };
}
