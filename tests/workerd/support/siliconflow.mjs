/** A fake of SiliconFlow's images API. */
import { json, text } from "./answers.mjs";
import { png } from "./images.mjs";
import { is, Upstream, verifyFields, verifyJsonPost } from "./upstream.mjs";

/** The models that it has. */
export const MODELS = ["black-forest-labs/FLUX.1-schnell", "Kwai-Kolors/Kolors"];

/** The errors that it is known to answer with, in their five shapes. */
export const ERRORS = {
  modelGone: json(
    { code: 20012, message: "Model does not exist. Please check it carefully.", data: null },
    { status: 400 },
  ),
  rejected: json({ code: 20015, message: "The prompt contains sensitive content.", data: null }, { status: 400 }),
  perMinute: json(
    { message: "Request was rejected due to rate limiting. Details: IPM limit reached.", data: null },
    { status: 429 },
  ),
  perDay: json(
    { message: "Request was rejected due to rate limiting. Details: IPD limit reached.", data: null },
    { status: 429 },
  ),
  wrongKey: json("Api key is invalid", { status: 401 }),
  forbidden: json({ code: 30011, message: "Please complete real-name verification.", data: null }, { status: 403 }),
  overloaded: text("Service Unavailable", { status: 503 }),
  gateway: text("<html><body><h1>504 Gateway Time-out</h1></body></html>", { status: 504, type: "text/html" }),
};

/** The fields of its requests, and what each may be. @type {import("./upstream.mjs").Checks} */
const FIELDS = {
  model: is.oneOf(...MODELS),
  prompt: is.filled,
  image_size: is.matching(/^[1-9]\d{1,3}x[1-9]\d{1,3}$/),
  seed: is.whole(0, 9_999_999_999),
  batch_size: is.whole(1, 4),
  num_inference_steps: is.whole(1, 100),
  guidance_scale: is.between(0, 20),
  negative_prompt: is.filled,
};

/** @typedef {import("./upstream.mjs").Call} Call */

/** The API, which draws pictures that the image host then has. */
export class SiliconFlow extends Upstream {
  #url;
  #keys;
  #imageHost;
  #drawn = 0;

  /**
   * @param {{url: string, keys: string[], imageHost: import("./image_host.mjs").ImageHost}} options `keys` are those that
   * it accepts; a call with another is a problem
   */
  constructor({ url, keys, imageHost }) {
    super("SiliconFlow");
    this.#url = url;
    this.#keys = keys;
    this.#imageHost = imageHost;
  }

  /** @override @param {Call} call */
  verify(call) {
    verifyJsonPost(call, this.#url, this.#keys);
    verifyFields(call.body, FIELDS);
    for (const name of ["model", "prompt", "image_size"])
      if (!(name in call.body)) throw new Error(`${name} is missing`);
    const hops = call.headers["x-free-flux-hop"];
    if (hops !== undefined && !/^[123]$/.test(hops)) throw new Error(`X-Free-Flux-Hop is ${hops}`);
  }

  /** A PNG of the size that was asked for, another colour each time. @override @param {Call} call */
  ordinary(call) {
    const [width, height] = call.body.image_size.split("x").map(Number);
    this.#drawn += 1;
    /** @type {[number, number, number]} */
    const colour = [(this.#drawn * 47) % 256, (this.#drawn * 89) % 256, (this.#drawn * 151) % 256];
    return this.#reply(call, { url: this.#imageHost.publish(png(width, height, colour)) });
  }

  /**
   * An answer whose image has these bytes, of a type that the image host says.
   *
   * @param {Buffer} bytes
   * @param {string} [type]
   */
  draws(bytes, type = "image/png") {
    return (/** @type {Call} */ call) => this.#reply(call, { url: this.#imageHost.publish(bytes, type) });
  }

  /** An answer that points at this address, whatever is there. @param {unknown} url */
  pointsTo(url) {
    return (/** @type {Call} */ call) => this.#reply(call, { url });
  }

  /** @param {Call} call @param {{url: unknown}} image */
  #reply(call, image) {
    return json({ images: [image], timings: { inference: 0.42 }, seed: call.body.seed ?? 4_000_000_000 + call.number });
  }
}
