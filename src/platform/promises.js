/**
 * Promises and timers that WebAssembly waits for, each known by a place and its user's number
 * (settled.rs). wasm-bindgen's own way makes two closures for each, which a FinalizationRegistry keeps track of.
 */
import { settle } from "wasm-bindgen";
import { enter, traps } from "./traps.js";

/** Tells WebAssembly how it ended, unless the memory that waited for it is gone. */
function tell(before, ...outcome) {
  if (traps === before) enter(() => settle(...outcome));
}

/** Passes on how a promise ends. */
export function awaitPromise(promise, place, user) {
  const before = traps;
  promise.then(
    (value) => tell(before, place, user, value, false),
    (error) => tell(before, place, user, error, true),
  );
}

/** A timer, for `clearTimeout`. */
export function awaitTimer(ms, place, user) {
  return setTimeout(tell, ms, traps, place, user, undefined, false);
}
