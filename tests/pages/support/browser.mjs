/** The few globals of a browser that modules without DOM use, in Node. */

/** Storage as a browser's, until it is `blocked`. */
export class FakeStorage {
  blocked = false;
  #items = new Map();

  #check() {
    if (this.blocked) throw new DOMException("storage is blocked", "SecurityError");
  }

  /** @param {string} key */
  getItem(key) {
    this.#check();
    return this.#items.get(key) ?? null;
  }

  /** @param {string} key @param {string} value */
  setItem(key, value) {
    this.#check();
    this.#items.set(key, String(value));
  }

  /** @param {string} key */
  removeItem(key) {
    this.#check();
    this.#items.delete(key);
  }
}

/** Defines a global for this file of tests. @param {string} name @param {unknown} value */
export function stubGlobal(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** Makes Node's global scope one that events are sent to, as a window is. */
export function stubWindowEvents() {
  const target = new EventTarget();
  stubGlobal("addEventListener", target.addEventListener.bind(target));
  stubGlobal("dispatchEvent", target.dispatchEvent.bind(target));
}
