/**
 * The module that the runtime loads, around what wasm-bindgen made of the crate.
 *
 * A trap leaves WebAssembly's memory in pieces. wasm-bindgen notices it and starts WebAssembly anew at the next call
 * from JavaScript: that is all a request needs. A Durable Object outlives it, and has to be made again in the new memory.
 */
import { fetch, ImageMaker as Maker, KeyRing as Ring, __worker_init_state as initState } from "wasm-bindgen";

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
      return this.#current().fetch(request);
    }

    alarm() {
      return this.#current().alarm();
    }
  };
}

export const ImageMaker = surviving(Maker);
export const KeyRing = surviving(Ring);

export default { fetch };
