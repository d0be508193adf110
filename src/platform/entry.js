/**
 * The module that the runtime loads, around what wasm-bindgen made of the crate.
 *
 * A trap leaves WebAssembly's memory in pieces. wasm-bindgen notices it and starts WebAssembly anew at the next call
 * from JavaScript: that is all a request needs. A Durable Object outlives it, and has to be made again in the new memory.
 */
import { fetch, ImageMaker as Maker, KeyRing as Ring, __worker_init_state as initState } from "wasm-bindgen";

/** How often a call to an object looks whether there was a trap, in milliseconds. Its caller tries once more. */
const TRAP_CHECK_MS = 500;

/** A Durable Object's class whose objects survive a trap. */
function surviving(Class) {
  return class {
    #state;
    #env;
    #inner;
    #instance;

    constructor(state, env) {
      this.#state = state;
      this.#env = env;
      this.#current();
    }

    /** The object in the WebAssembly that is running. To ask for its number is what starts it anew after a trap. */
    #current() {
      const { instanceId } = initState();
      if (this.#instance !== instanceId) {
        this.#inner = new Class(this.#state, this.#env);
        this.#instance = instanceId;
      }
      return this.#inner;
    }

    fetch(request) {
      return this.#untilTrap((inner) => inner.fetch(request));
    }

    alarm() {
      return this.#untilTrap((inner) => inner.alarm());
    }

    /** What `work` brings, or an error soon after a trap: work that was in the old memory never ends. */
    async #untilTrap(work) {
      const inner = this.#current();
      const instance = this.#instance;
      let timer;
      const trapped = new Promise((_, reject) => {
        timer = setInterval(() => {
          if (initState().instanceId !== instance) reject(new Error("WebAssembly was started anew"));
        }, TRAP_CHECK_MS);
      });
      try {
        return await Promise.race([work(inner), trapped]);
      } finally {
        clearInterval(timer);
      }
    }
  };
}

export const ImageMaker = surviving(Maker);
export const KeyRing = surviving(Ring);

export default { fetch };
