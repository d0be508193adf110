/**
 * `queueMicrotask` for wasm-bindgen's tasks. The runtime's own is a call into C++, two of which take a hit 5 % of its CPU; a
 * promise that is kept already does the same within V8.
 */
import { enter } from "./traps.js";

const kept = Promise.resolve();

/** @param {() => void} work */
export function queueMicrotask(work) {
  void kept.then(() => {
    try {
      enter(work);
    } catch (error) {
      // As a rejection, a trap would be told to nobody.
      console.error(error);
      throw error;
    }
  });
}
