/**
 * What becomes of work in WebAssembly after a trap, which leaves its memory in pieces: what was in the old memory never
 * ends, so whoever waits for it hears of the trap at once.
 */
import { __worker_init_state as initState } from "wasm-bindgen";

/** @typedef {(reason: Error) => void} Reject */

/** Those who wait. @type {Set<Reject>} */
const waiting = new Set();

/** How many traps there were: what was begun before the last of them is lost. */
export let traps = 0;

/** Calls into WebAssembly. An error may be a trap. @template Result @param {() => Result} call */
export function enter(call) {
  try {
    return call();
  } catch (error) {
    noticeTrap();
    throw error;
  }
}

/** Starts WebAssembly anew if it trapped, as each call into it would, and tells all who wait. */
export function noticeTrap() {
  // This counts how often it was started.
  const { instanceId } = initState();
  if (instanceId === traps + 1) return;
  traps = instanceId - 1;
  const lost = [...waiting];
  waiting.clear();
  for (const reject of lost) reject(new Error("WebAssembly was started anew"));
}

/**
 * What `work` brings, or an error after a trap. Each who waits is told by a promise of its own request, in which the
 * runtime goes on with it; a promise for all would keep what is done with for ever.
 *
 * @template Result
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export function untilTrap(work) {
  return new Promise((resolve, reject) => {
    const working = enter(work);
    const done = () => waiting.delete(reject);
    waiting.add(reject);
    working.then(
      (result) => (done(), resolve(result)),
      (error) => (done(), reject(error)),
    );
  });
}

/** A pipe for a body that WebAssembly goes on writing. After a trap it breaks off. */
export function livePipe() {
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  untilTrap(() => writer.closed).catch((error) => writer.abort(error).catch(() => {}));
  return { readable, writer };
}
