/**
 * Workers AI behind the binding `AI`, strict about the input that each model takes.
 *
 * Miniflare's wrapped binding runs a class named `Ai` beside the Worker; what it is asked comes here, into the test.
 */
import assert from "node:assert/strict";
import { Upstream } from "./upstream.mjs";
import { jpeg, png } from "./images.mjs";

/** @import { Answer } from "./answers.mjs" */
/** @import { Call } from "./upstream.mjs" */

/** The inputs of models, as Cloudflare documents them: no other field is taken. */
const INPUTS = /** @type {Record<string, { form?: boolean, required: string[], optional: string[] }>} */ ({
  "@cf/black-forest-labs/flux-1-schnell": { required: ["prompt"], optional: ["steps"] },
  "@cf/black-forest-labs/flux-2-klein-4b": {
    form: true,
    required: ["prompt"],
    optional: ["width", "height", "steps", "seed"],
  },
  "@cf/stabilityai/stable-diffusion-xl-base-1.0": {
    required: ["prompt"],
    optional: ["negative_prompt", "width", "height", "num_steps", "guidance", "seed"],
  },
  "@cf/meta/llama-3.2-3b-instruct": {
    required: ["messages"],
    optional: ["max_tokens", "temperature", "top_p", "top_k", "seed", "stream"],
  },
  "@cf/meta/m2m100-1.2b": { required: ["text", "target_lang"], optional: ["source_lang"] },
});

/** Runs in workerd: carries a call out of it, and the answer back, as the platform's own class does. */
const SCRIPT = `
class Ai {
  #run;
  constructor(env) {
    this.#run = env.RUN;
  }
  async run(model, input, options) {
    const { multipart } = input;
    const body = multipart ? await new Response(multipart.body).text() : JSON.stringify(input);
    const headers = { "X-Model": model, "X-Options": JSON.stringify(options ?? {}), "Content-Type": multipart?.contentType ?? "application/json" };
    const response = await this.#run.fetch("https://ai.test/run", { method: "POST", body, headers });
    if (response.headers.has("X-Rejects")) throw new Error(await response.text());
    return response;
  }
}
export default (env) => new Ai(env);
`;

/** The fake. Its calls have `model` in the place of a URL. */
export class WorkersAi extends Upstream {
  constructor() {
    super("Workers AI");
  }

  /** An answer that makes \`run\` reject, as errors of the platform do. @param {string} message @returns {Answer} */
  static rejects(message) {
    return { status: 200, headers: { "X-Rejects": "1" }, body: message };
  }

  /** A chat model's answer. @param {string} text @returns {Answer} */
  static says(text) {
    return { status: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ response: text }) };
  }

  /** @override @param {Call} call */
  verify(call) {
    const input = INPUTS[call.url];
    assert.ok(input, `a model that is known, not ${call.url}`);
    assert.deepEqual(JSON.parse(call.headers["x-options"]), { returnRawResponse: true }, "always the same options");
    const names = input.form ? formNames(call) : Object.keys((call.body = JSON.parse(call.text)));
    for (const name of input.required) assert.ok(names.includes(name), `${call.url} needs ${name}`);
    const known = [...input.required, ...input.optional];
    for (const name of names) assert.ok(known.includes(name), `${call.url} does not take ${name}`);
  }

  /** @override @param {Call} call @returns {Answer} */
  ordinary(call) {
    if (call.url.startsWith("@cf/meta/")) return WorkersAi.says("a cat");
    if (call.url.includes("stable-diffusion")) return { status: 200, body: png(64, 64) };
    const image = jpeg(64, 64).toString("base64");
    return { status: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ image }) };
  }

  /** Miniflare's second worker, which is the binding. */
  get worker() {
    return {
      name: "ai",
      modules: [{ type: /** @type {const} */ ("ESModule"), path: "ai.mjs", contents: SCRIPT }],
      serviceBindings: { RUN: (/** @type {Request} */ request) => this.#run(request) },
    };
  }

  /** @param {Request} request */
  async #run(request) {
    const headers = Object.fromEntries(request.headers);
    const call = { method: "POST", url: headers["x-model"], headers, text: await request.text() };
    const { status = 200, headers: fields, body } = await this.answer(call);
    return new Response(/** @type {BodyInit} */ (body ?? ""), { status, headers: /** @type {HeadersInit} */ (fields) });
  }
}

/** The names of a form's fields. @param {Call} call */
function formNames(call) {
  assert.match(call.headers["content-type"], /^multipart\/form-data; ?boundary=/);
  return [...call.text.matchAll(/ name="([^"]+)"/g)].map(([, name]) => name);
}
