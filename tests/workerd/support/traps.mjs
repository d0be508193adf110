/** Stands between the Worker, which is imported after this, and its WebAssembly. Runs in workerd. */

/**
 * The exports that trap: the handler of requests, or what goes on with a request when its first step is done.
 * @type {Record<string, RegExp>}
 */
const WHERE = { "at-once": /^fetch$/, later: /^wasm_bindgen__convert__closures/ };

/** @type {RegExp | undefined} */
let armed;

/** How often WebAssembly was started. */
export let starts = 0;

/** Makes a call into WebAssembly trap, once. @param {string | null} when */
export function arm(when) {
  armed = WHERE[when ?? ""];
}

/** @param {string} name @param {Function} real */
function trapping(name, real) {
  return (/** @type {unknown[]} */ ...parts) => {
    if (!armed?.test(name)) return real(...parts);
    armed = undefined;
    /** @type {any} */ (globalThis).__worker_init_state.criticalError = true; // as `worker` notes a panic
    throw new WebAssembly.RuntimeError("unreachable");
  };
}

WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  /** @param {typeof WebAssembly.Instance} Instance @param {[WebAssembly.Module, WebAssembly.Imports]} parts */
  construct(Instance, parts) {
    starts += 1;
    const { exports } = new Instance(...parts);
    const entries = Object.entries(exports).map(([name, real]) => [
      name,
      typeof real === "function" ? trapping(name, real) : real,
    ]);
    return { exports: Object.fromEntries(entries) };
  },
});
