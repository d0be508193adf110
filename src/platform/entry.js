/**
 * The module that the runtime loads: what `worker-build` made of the crate, with a plain handler in front.
 *
 * `worker-build` exports a class, of which the runtime makes an object for each request, behind two proxies that start
 * WebAssembly anew after a trap. Those cost a hit 6 % of its CPU time, and are needed after a trap only.
 */
import Entrypoint from "worker-build";

export { ImageMaker, KeyRing } from "worker-build";

/** Where `worker-build` notes that a trap left WebAssembly's memory in pieces. */
const state = globalThis.__worker_init_state;
const answer = Entrypoint.prototype.fetch;

export default {
  fetch(request, env, ctx) {
    return state.criticalError ? new Entrypoint(ctx, env).fetch(request) : answer.call({ env, ctx }, request);
  },
};
