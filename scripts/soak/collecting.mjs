/**
 * The built Worker, which collects its garbage when it is told to: in production an isolate has 128 MB and does so when
 * they run out; in the local runtime it has no limit, and sees no reason to. Runs in workerd.
 */
import * as built from "../../build/index.js";

export { ImageMaker, KeyRing } from "../../build/index.js";

/** Requests to this path are for what is here. */
const CONTROL = "/__collect";

export default class extends built.default {
  async fetch(request) {
    if (new URL(request.url).pathname !== CONTROL) return super.fetch(request);
    // V8 collects when so much memory outside its heap was asked for.
    for (let at = 0; at < 12; at += 1) new ArrayBuffer(16 * 1_048_576);
    return new Response();
  }
}
