/** Assertions of what the contract says of every answer of a kind. */
import assert from "node:assert/strict";
import { assertWellFormed } from "./xml.mjs";

/** @typedef {import("./http.mjs").Reply} Reply */

/** An image's id: unpadded base64url of 32 bytes. */
export const ID = /^[A-Za-z0-9_-]{43}$/;

/** The headers of a browser for an `<img>`, and for an address bar. */
export const IMG = { accept: "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8" };
export const ADDRESS_BAR = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };

/**
 * An error as a program gets it.
 *
 * @param {Reply} reply
 * @param {number} status
 * @param {string} code
 * @param {string | null} [param]
 * @returns {string} its message
 */
export function assertError(reply, status, code, param) {
  assert.equal(`${reply.status} ${reply.headers["x-error-code"]}`, `${status} ${code}`, reply.text());
  assert.match(reply.headers["content-type"], /^application\/json\b/);
  assertOnEveryError(reply);
  const { error, ...rest } = reply.json();
  assert.deepEqual(rest, {});
  assert.deepEqual(Object.keys(error).sort(), ["code", "message", "param", "type"]);
  assert.equal(error.code, code);
  assert.equal(typeof error.type, "string");
  assert.ok(error.message.length > 0);
  if (param !== undefined) assert.equal(error.param, param);
  return error.message;
}

/**
 * An error as a browser gets it: a card of this size.
 *
 * @param {Reply} reply
 * @param {number} status
 * @param {string} code
 * @param {number} width
 * @param {number} height
 */
export function assertCard(reply, status, code, width, height) {
  assert.equal(`${reply.status} ${reply.headers["x-error-code"]}`, `${status} ${code}`, reply.text());
  assert.equal(reply.headers["content-type"], "image/svg+xml");
  assertOnEveryError(reply);
  assertInert(reply);
  const svg = reply.text();
  assertWellFormed(svg);
  const [root = ""] = /^<svg [^>]*>/.exec(svg) ?? [];
  assert.match(root, new RegExp(` width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`));
  assert.match(svg, new RegExp(`>${status}</text>`));
}

/** @param {Reply} reply */
function assertOnEveryError({ headers }) {
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(headers["access-control-allow-origin"], "*");
  assert.equal(headers.etag, undefined);
}

/** An SVG that does nothing when it is opened by itself. @param {Reply} reply */
export function assertInert(reply) {
  assert.match(reply.headers["content-security-policy"], /default-src 'none'/);
  assert.match(reply.headers["content-security-policy"], /sandbox(;|$)/);
  assert.equal(reply.headers["x-content-type-options"], "nosniff");
  // Text may say what it likes; tags may not, and neither may a style.
  const [style = ""] = /<style>.*<\/style>/s.exec(reply.text()) ?? [];
  const markup =
    reply
      .text()
      .match(/<[^>]*>/g)
      ?.join("") + style;
  assert.doesNotMatch(markup, /<script|<foreignObject|<image|<use|\son\w+=|href|url\((?!#)|@import/i);
}

/**
 * A new image's redirect.
 *
 * @param {Reply} reply
 * @returns {string} the image's id
 */
export function assertRedirect(reply) {
  assert.equal(reply.status, 302, reply.text());
  assert.equal(reply.headers["cache-control"], "no-store");
  assert.equal(reply.headers["x-cache"], "MISS");
  assert.match(reply.headers.location, /^\/[^/]/);
  const ids = new URL(reply.target, "http://worker").searchParams.getAll("id");
  assert.equal(ids.length, 1);
  assert.match(ids[0], ID);
  assert.equal(reply.headers["x-image-id"], ids[0]);
  return ids[0];
}

/**
 * A new image that is answered with its bytes, as one whose prompt is in the path is.
 *
 * @param {Reply} reply
 * @returns {string} the image's id
 */
export function assertMade(reply) {
  assert.equal(reply.status, 200, reply.text().slice(0, 500));
  assert.equal(reply.headers["x-cache"], "MISS");
  const id = reply.headers["x-image-id"];
  assert.match(id, ID);
  assert.ok(reply.headers["content-location"].startsWith(`/i/${id}.`), reply.headers["content-location"]);
  return id;
}

/**
 * An image with these bytes.
 *
 * @param {Reply} reply
 * @param {Buffer | undefined} bytes
 * @param {{cache?: "HIT" | "MISS", type?: string}} [options]
 */
export function assertImage(reply, bytes, { cache, type = "image/png" } = {}) {
  assert.equal(reply.status, 200, reply.text().slice(0, 500));
  assert.equal(reply.headers["content-type"], type);
  assert.equal(reply.headers["content-length"], String(bytes?.length));
  assert.ok(bytes && reply.body.equals(bytes), "these are other bytes");
  if (cache) assert.equal(reply.headers["x-cache"], cache);
}
