/** One way to draw a list: what is there stays, what is new is made, what is gone leaves. */

/** @type {WeakMap<Element, Map<string, HTMLElement>>} */
const drawn = new WeakMap();

/**
 * @template Item
 * @param {Element} parent
 * @param {Item[]} items
 * @param {object} how
 * @param {(item: Item) => string} how.key
 * @param {(item: Item, key: string) => HTMLElement} how.create
 * @param {(element: HTMLElement, item: Item) => void} [how.update] called for each, new or not
 * @param {(element: HTMLElement) => void} [how.remove] called for each that leaves
 */
export function drawKeyed(parent, items, { key, create, update, remove }) {
  const before = drawn.get(parent) ?? new Map();
  /** @type {Map<string, HTMLElement>} */
  const now = new Map();
  for (const item of items) {
    const name = key(item);
    const element = before.get(name) ?? create(item, name);
    update?.(element, item);
    now.set(name, element);
  }
  for (const [name, element] of before) {
    if (now.has(name)) continue;
    remove?.(element);
    element.remove();
  }
  // Moves only what is out of place: a focus, or an image that loads, is not disturbed.
  let next = parent.firstElementChild;
  for (const element of now.values()) {
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
  drawn.set(parent, now);
}
