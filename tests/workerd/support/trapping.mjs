/**
 * The built Worker, whose WebAssembly can be made to trap: the next request with the header `x-trap` does, "at-once" or
 * "later", when the answer is already under way. Answers say in `x-starts` how often it was started. Runs in workerd.
 */
import { arm, starts } from "./traps.mjs";
import * as built from "/build/index.js";

export { ImageMaker, KeyRing } from "/build/index.js";

export default {
  /** @param {Request} request @param {object} env @param {object} context */
  async fetch(request, env, context) {
    arm(request.headers.get("x-trap"));
    const answer = await built.default.fetch(request, env, context);
    const told = new Response(answer.body, answer);
    told.headers.set("x-starts", String(starts));
    return told;
  },
};
