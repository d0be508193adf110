/**
 * The built Worker, whose makers can be made to die: a request to `/__die?id=…` resets the object of that image, with all
 * that it was doing. Runs in workerd.
 */
import * as built from "/build/index.js";

const DIE = "/__die";

export { KeyRing } from "/build/index.js";

export class ImageMaker extends built.ImageMaker {
  #state;

  /** @param {any} state @param {object} env */
  constructor(state, env) {
    super(state, env);
    this.#state = state;
  }

  /** @override @param {Request} request */
  fetch(request) {
    if (new URL(request.url).pathname === DIE) this.#state.abort("told to die");
    return super.fetch(request);
  }
}

export default {
  /** @param {Request} request @param {Record<string, any>} env @param {object} context */
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== DIE) return built.default.fetch(request, env, context);
    const maker = env.IMAGE_MAKER.get(env.IMAGE_MAKER.idFromName(searchParams.get("id")));
    await maker.fetch(`https://maker${DIE}`).catch(() => {});
    return new Response("dead");
  },
};
