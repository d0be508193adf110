/** Keeps hold of the WebAssembly memory of the Worker, which is imported after this. Runs in workerd. */

/** The memory of the instance that was made last. @type {WebAssembly.Memory} */
export let memory;

WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  /** @param {typeof WebAssembly.Instance} Instance @param {[WebAssembly.Module, WebAssembly.Imports]} parts */
  construct(Instance, parts) {
    const instance = new Instance(...parts);
    memory = /** @type {WebAssembly.Memory} */ (instance.exports.memory);
    return instance;
  },
});
