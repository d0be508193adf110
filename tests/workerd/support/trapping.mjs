/**
 * The built Worker, whose WebAssembly can be made to trap: the next request with the header `x-trap` does, "at-once" or
 * "later", when the answer is already under way. Runs in workerd.
 */
import { arm } from "./traps.mjs";
import * as built from "../../../build/index.js";

export { ImageMaker, KeyRing } from "../../../build/index.js";

export default {
  fetch(request, env, context) {
    arm(request.headers.get("x-trap"));
    return built.default.fetch(request, env, context);
  },
};
