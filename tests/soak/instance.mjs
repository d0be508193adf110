/** Keeps hold of the WebAssembly memory of the Worker, which is imported after this. Runs in workerd. */

/** The memory of the instance that was made last. */
export let memory;

WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, parts) {
    const instance = new Instance(...parts);
    memory = instance.exports.memory;
    return instance;
  },
});
