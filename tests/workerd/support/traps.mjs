/** Stands between the Worker, which is imported after this, and its WebAssembly. Runs in workerd. */

/** What goes on with a request when its first step is done. */
const LATER = /^wasm_bindgen__convert__closures/;

/**
 * The exports that trap: the handler of requests, or what goes on with a request. Of several, the last traps, once the
 * others were called one after the other.
 * @type {Record<string, RegExp[]>}
 */
const WHERE = {
  "at-once": [/^fetch$/],
  later: [LATER],
  "in the maker at once": [/^imagemaker_fetch$/],
  "in the maker later": [/^imagemaker_fetch$/, LATER],
  "in the key ring at once": [/^keyring_fetch$/],
  "in the key ring later": [/^keyring_fetch$/, LATER],
};

/** @type {RegExp[]} */
let armed = [];

/** How often WebAssembly was started. */
export let starts = 0;

/** Makes a call into WebAssembly trap, once. @param {string | null} when */
export function arm(when) {
  armed = [...(WHERE[when ?? ""] ?? [])];
}

/** @param {string} name @param {Function} real */
function trapping(name, real) {
  return (/** @type {unknown[]} */ ...parts) => {
    if (!armed[0]?.test(name)) return real(...parts);
    armed.shift();
    if (armed.length > 0) return real(...parts);
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
