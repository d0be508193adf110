/** A fake of the host that SiliconFlow's image URLs lead to. */
import assert from "node:assert/strict";
import { bytes } from "./answers.mjs";
import { Upstream } from "./upstream.mjs";

/** Serves what was published, under signed URLs that carry no key of ours. */
export class ImageHost extends Upstream {
  /** @type {Buffer[]} what was published, in order, since the start */
  published = [];
  #origin;
  /** @type {Map<string, {image: Buffer, type: string}>} */
  #files = new Map();

  /** @param {{origin: string}} options */
  constructor({ origin }) {
    super("image host");
    this.#origin = origin;
  }

  /** True for a URL of this host. @param {string} url */
  owns(url) {
    return url.startsWith(`${this.#origin}/`);
  }

  /**
   * Puts an image there.
   *
   * @param {Buffer} image
   * @param {string} [type]
   * @returns {string} its URL
   */
  publish(image, type = "image/png") {
    this.published.push(image);
    const number = this.published.length;
    const query = `OSSAccessKeyId=LTAI5tQnPSzwAnR8&Expires=${1_780_000_000 + number}&Signature=a%2Fb%2B${number}%3D`;
    const url = `${this.#origin}/outputs%2F20261122%2F${number}.png?${query}`;
    this.#files.set(url, { image, type });
    return url;
  }

  /** @override @param {import("./upstream.mjs").Call} call */
  verify(call) {
    assert.equal(call.method, "GET");
    assert.equal(call.headers.authorization, undefined, "a key went to the image host");
    assert.equal(call.headers.cookie, undefined);
  }

  /** @override @param {import("./upstream.mjs").Call} call */
  ordinary(call) {
    const file = this.#files.get(call.url);
    assert.ok(file, `nothing was published at ${call.url}`);
    return bytes(file.image, file.type);
  }
}
