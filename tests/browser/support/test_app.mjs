/** The built Worker with the pages as its assets, and vendors that do as they are asked until a test says otherwise. */
import { json } from "../../workerd/support/answers.mjs";
import { startWorker } from "../../workerd/support/worker.mjs";

/** Settings of a deployment that can draw several pictures at once: a key does one at a time. */
const SETTINGS = { IMAGE_API_KEYS: "key-a,key-b,key-c,key-d", PROCESS_API_KEY: "chat-key" };

/**
 * @typedef {import("../../workerd/support/answers.mjs").Answer | null} Answer
 * @typedef {(body: any, call: import("../../workerd/support/upstream.mjs").Call) => Answer | Promise<Answer>} Reply to a
 *   call with this body
 */

/** The two vendors, in a test's hand. */
class Vendors {
  #siliconflow;
  #glm;
  /** @type {Promise<void> | null} */
  #gate = null;
  #open = () => {};

  /** The answer of the image API; null: a picture. @type {Reply} */
  onImage = () => null;

  /** The answer of the chat API; null: a rewritten prompt. @type {Reply} */
  onChat = () => null;

  /** @param {import("../../workerd/support/upstreams.mjs").Upstreams} upstreams */
  constructor({ siliconflow, glm, imageHost }) {
    this.#siliconflow = siliconflow;
    this.#glm = glm;
    imageHost.allow();
    glm.allow(async (call) => (await this.onChat(call.body, call)) ?? glm.ordinary(call));
    siliconflow.allow(async (call) => {
      await this.#gate;
      return (await this.onImage(call.body, call)) ?? siliconflow.ordinary(call);
    });
  }

  /** The bodies of the image API's calls so far. */
  get images() {
    return this.#siliconflow.calls.map((call) => call.body);
  }

  /** An answer of the chat API with this text. @param {string} text */
  chatReply(text) {
    return this.#glm.says(text);
  }

  /** An error answer. @param {number} status @param {any} body @param {Record<string, string>} [headers] */
  errorReply(status, body, headers) {
    return json(body, { status, headers });
  }

  /** Lets no call of the image API end until `release`. */
  hold() {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  /** Lets them end, and everything go well again. */
  release() {
    this.#open();
    this.#gate = null;
    this.onImage = () => null;
    this.onChat = () => null;
  }
}

/** @param {import("../../workerd/support/worker.mjs").Options} [options] */
export async function startTestApp({ vars, ...options } = {}) {
  const worker = await startWorker({ vars: { ...SETTINGS, ...vars }, ...options });
  return {
    url: worker.origin,
    vendors: new Vendors(worker.upstreams),
    /** The namespace `FLUX_API`, as the Worker has it. */
    library: worker.library,
    /** Waits until an image is in it. */
    stored: worker.stored,
    /** A hand on KV and the clock, where it was started with `instrumented`. */
    instruments: worker.instruments,
    /** Ends it, and throws where a vendor was called in a way that it does not take. */
    async stop() {
      await worker.stop();
      worker.upstreams.check();
    },
  };
}
