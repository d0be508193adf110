/**
 * The module that the runtime loads, around what wasm-bindgen made of the crate.
 *
 * A trap leaves WebAssembly's memory in pieces. wasm-bindgen notices it and starts WebAssembly anew at the next call
 * from JavaScript: that is all a request needs. A Durable Object outlives it, and has to be made again in the new memory.
 */
import { fetch, ImageMaker as Maker, KeyRing as Ring } from "wasm-bindgen";
import { answer } from "./answer.js";
import { noticeTrap, traps, untilTrap } from "./traps.js";

/** A Durable Object's class whose objects survive a trap. */
function surviving(Class) {
  return class {
    #state;
    #env;
    #inner;
    #traps;

    constructor(state, env) {
      this.#state = state;
      this.#env = env;
      this.#current();
    }

    /** The object in the WebAssembly that is running. */
    #current() {
      noticeTrap();
      if (this.#traps !== traps) {
        this.#inner = new Class(this.#state, this.#env);
        this.#traps = traps;
      }
      return this.#inner;
    }

    fetch(request) {
      return untilTrap(() => this.#current().fetch(request));
    }

    alarm() {
      return untilTrap(() => this.#current().alarm());
    }
  };
}

export const ImageMaker = surviving(Maker);
export const KeyRing = surviving(Ring);

export default {
  fetch: (request, env, context) => answer(request, env, () => untilTrap(() => fetch(request, env, context))),
};
