/**
 * The module that the runtime loads, around what wasm-bindgen made of the crate.
 *
 * A trap leaves WebAssembly's memory in pieces. wasm-bindgen notices it and starts WebAssembly anew at the next call
 * from JavaScript: that is all a request needs. A Durable Object outlives it, and has to be made again in the new memory.
 */
import { fetch, ImageMaker as Maker, KeyRing as Ring, __worker_init_state as initState } from "wasm-bindgen";

/** How often a call looks whether there was a trap, in milliseconds. */
const TRAP_CHECK_MS = 500;

/**
 * What `work` brings, or an error soon after a trap: work that was in the old memory never ends.
 * The work is of the instance that is running, or of one that was.
 */
async function untilTrap(work, { instanceId } = initState()) {
  let timer;
  const trapped = new Promise((_, reject) => {
    timer = setInterval(() => {
      if (initState().instanceId !== instanceId) reject(new Error("WebAssembly was started anew"));
    }, TRAP_CHECK_MS);
  });
  try {
    return await Promise.race([work(), trapped]);
  } finally {
    clearInterval(timer);
  }
}

/** Whether what answers goes on being written by WebAssembly: events, and an object's reply that follows later. */
const isLive = ({ body, headers }) =>
  body && (headers.get("X-Reply") === "" || headers.get("Content-Type")?.startsWith("text/event-stream"));

/** The answer that `work` brings. One that is live breaks off soon after a trap: what wrote it never goes on. */
async function answer(work) {
  const { instanceId } = initState();
  const response = await untilTrap(work);
  if (!isLive(response)) return response;
  const { readable, writable } = new TransformStream();
  pass(response.body.getReader(), writable.getWriter(), { instanceId });
  return new Response(readable, response);
}

/** Passes a body on. `pipeTo` would look for an end only between two pieces. */
async function pass(reader, writer, instance) {
  try {
    for (;;) {
      const { done, value } = await untilTrap(() => reader.read(), instance);
      if (done) return await writer.close();
      await writer.write(value);
    }
  } catch (error) {
    for (const ended of [reader.cancel(error), writer.abort(error)]) ended.catch(() => {});
  }
}

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
      return answer(() => this.#current().fetch(request));
    }

    alarm() {
      return untilTrap(() => this.#current().alarm());
    }
  };
}

export const ImageMaker = surviving(Maker);
export const KeyRing = surviving(Ring);

export default {
  fetch: (request, env, context) => answer(() => fetch(request, env, context)),
};
