/** What the cases ask about the answers of all clients. */
import assert from "node:assert/strict";
import { request } from "../../workerd/support/http.mjs";

/** @typedef {import("../../workerd/support/worker.mjs").TestWorker} TestWorker */

/**
 * An answer as a client gave it: an object, or a list of them.
 *
 * @typedef {any[] & {[field: string]: any, data: any[], images: any[], choices: any[], output: any[], events: any[]}} Answer
 */

/** An assistant's answer: one image in Markdown and nothing else. */
const MARKDOWN = /^!\[([^\]]*)\]\((http:\/\/[^\s()]+\/i\/[A-Za-z0-9_-]{43}\.\w+)\)$/;

/** The URL of the image that an answer shows. @param {unknown} content @returns {string} */
export function shownUrl(content) {
  const [, , url] = MARKDOWN.exec(String(content)) ?? assert.fail(`this is no Markdown image: ${content}`);
  return url;
}

/** The bytes at a URL that a client was given. @param {string} url */
export async function fetched(url) {
  const { origin, pathname, search } = new URL(url);
  const reply = await request(origin, pathname + search);
  assert.equal(reply.status, 200, `${url} answers ${reply.status}`);
  assert.match(reply.headers["content-type"], /^image\//);
  return reply.body;
}

/** The image that was drawn last. @param {TestWorker} worker */
export const drawn = (worker) => worker.upstreams.imageHost.published.at(-1);

/**
 * The answer shows the image that was drawn last, and it is there.
 *
 * @param {TestWorker} worker
 * @param {unknown} content
 */
export async function assertShows(worker, content) {
  assert.deepEqual(await fetched(shownUrl(content)), drawn(worker));
}

/**
 * This base64 is the image that was drawn last.
 *
 * @param {TestWorker} worker
 * @param {unknown} base64
 */
export function assertIs(worker, base64) {
  assert.equal(typeof base64, "string", `this is no base64: ${JSON.stringify(base64)}`);
  assert.deepEqual(Buffer.from(String(base64), "base64"), drawn(worker));
}

/** The image API's requests since the last test. @param {TestWorker} worker */
export const asked = (worker) => worker.upstreams.siliconflow.calls.map(({ body }) => body);

/** One picture will be drawn, from a prompt in English. */
export const ONE = { image: 1, download: 1 };

/** `count` pictures will be. @param {number} count */
export const many = (count) => ({ image: count, download: count });

/** A base64 picture of this many bytes, as chat apps keep them in a conversation. @param {number} bytes */
export const heavyPicture = (bytes) => `data:image/png;base64,${Buffer.alloc(bytes, "picture").toString("base64")}`;

/** A conversation of one message. @param {unknown} content */
export const say = (content) => [{ role: "user", content }];

/** The data of a stream's events, `[DONE]` among them. @param {import("../../workerd/support/http.mjs").Reply} reply */
export function events(reply) {
  assert.equal(reply.status, 200, reply.text());
  assert.match(reply.headers["content-type"], /^text\/event-stream/);
  return reply
    .text()
    .split("\n\n")
    .flatMap((event) => event.split("\n").filter((line) => line.startsWith("data: ")))
    .map((line) => line.slice("data: ".length));
}

/** What a streamed chat says, put together. @param {import("../../workerd/support/http.mjs").Reply} reply */
export function streamed(reply) {
  const all = events(reply);
  assert.equal(all.pop(), "[DONE]");
  const chunks = all.map((event) => JSON.parse(event));
  const content = chunks.map(({ choices }) => choices[0]?.delta?.content ?? "").join("");
  const finish = chunks.map(({ choices }) => choices[0]?.finish_reason).find(Boolean);
  return { chunks, content, finish, usage: chunks.map(({ usage }) => usage).find(Boolean) };
}
