/**
 * The built Worker, which collects its garbage when it is told to, and says how much WebAssembly memory it has: in
 * production an isolate has 128 MB and collects when they run out; in the local runtime it has no limit, and sees no
 * reason to. Runs in workerd.
 */
import { memory } from "./instance.mjs";
import * as built from "/build/index.js";

export { KeyRing } from "/build/index.js";

/** Requests to these paths are for what is here. */
const CONTROL = "/__collect";
const WOKEN = "/__woken";

/** The objects that were woken, by their names. @type {Set<string | undefined>} */
const woken = new Set();

export class ImageMaker extends built.ImageMaker {
  /** @param {DurableObjectState & { id: { name?: string } }} state @param {object} env */
  constructor(state, env) {
    super(state, env);
    woken.add(state.id.name);
  }
}

/** V8 collects when so much memory outside its heap was asked for. What is left of that in the end is given back. */
function collectGarbage() {
  const asked = Array.from({ length: 12 }, () => new WeakRef(new ArrayBuffer(16 * 1_048_576)));
  // Node has `transfer` only since version 21, and the types are those of the oldest that the project runs on.
  for (const buffer of asked) /** @type {any} */ (buffer.deref())?.transfer(0);
}

export default {
  /** @param {Request} request @param {object} env @param {object} context */
  fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === WOKEN) return Response.json([...woken]);
    if (pathname !== CONTROL) return built.default.fetch(request, env, context);
    collectGarbage();
    return Response.json(memory.buffer.byteLength);
  },
};
