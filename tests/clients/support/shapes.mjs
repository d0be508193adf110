/**
 * Requests as apps send them, taken down as data: what an app's source sends and reads, with the place where it says so.
 * The words of its prompts are cut to what tells them apart.
 *
 * @typedef {object} App
 * @property {string} client
 * @property {Shape[]} shapes
 *
 * @typedef {object} Shape
 * @property {string} does
 * @property {string} needs what the app's own parser needs of the answer
 * @property {string} source project, file, date of what was read
 * @property {string} [method] `POST` unless it is said
 * @property {string} path
 * @property {unknown} [body]
 * @property {Record<string, string>} [headers] beside `Content-Type` and a token
 * @property {{image?: number, download?: number, chat?: number}} [costs] upstream calls; none unless it is said
 * @property {(got: Got) => unknown} gets asserts that the parser gets what it needs
 *
 * @typedef {object} Got
 * @property {import("../../workerd/support/http.mjs").Reply} reply
 * @property {import("../../workerd/support/worker.mjs").TestWorker} worker
 */
import assert from "node:assert/strict";
import { assertIs, assertShows, drawn, fetched, streamed } from "./pictures.mjs";

/** Sends a shape as its app does. @param {Got["worker"]} worker @param {Shape} shape */
export const sendShape = (worker, { method = "POST", path, body, headers }) =>
  worker.send(path, {
    method,
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      authorization: "Bearer any",
      ...headers,
    },
    body: body === undefined || typeof body === "string" ? /** @type {string} */ (body) : JSON.stringify(body),
  });

/** Sends a shape, and looks at what it gets and costs. @param {Got["worker"]} worker @param {Shape} shape */
export async function checkShape(worker, shape) {
  worker.upstreams.expect(shape.costs ?? {});
  await shape.gets({ reply: await sendShape(worker, shape), worker });
}

/** Reads a JSON answer. @param {Got} got @returns {import("./pictures.mjs").Answer} */
export function json({ reply }) {
  assert.equal(reply.status, 200, reply.text());
  assert.match(reply.headers["content-type"], /^application\/json/);
  return reply.json();
}

/** `data[0].b64_json` is the picture. @param {Got} got */
export const base64 = (got) => assertIs(got.worker, json(got).data[0].b64_json);

/** At `data[0].url` is the picture. @param {Got} got */
export const url = async (got) => assert.deepEqual(await fetched(json(got).data[0].url), drawn(got.worker));

/** At `images[0].url` is the picture. @param {Got} got */
export const imagesUrl = async (got) => assert.deepEqual(await fetched(json(got).images[0].url), drawn(got.worker));

/** The message shows the picture. @param {Got} got */
export const message = async (got) => assertShows(got.worker, json(got).choices[0].message.content);

/** The chunks add up to a message that shows the picture. @param {Got} got */
export async function chunks({ reply, worker }) {
  const { content, finish } = streamed(reply);
  assert.equal(finish, "stop");
  await assertShows(worker, content);
}

/** The same, and a last chunk tells the usage. @param {Got} got */
export async function chunksWithUsage(got) {
  await chunks(got);
  const last = streamed(got.reply).chunks.at(-1);
  assert.deepEqual([last.choices, typeof last.usage.total_tokens], [[], "number"]);
}

/** A text that is no picture, short enough for a list of conversations. @param {string} text */
function assertTitle(text) {
  assert.ok(text.trim().length > 0 && text.length <= 80, `this is no title: “${text}”`);
  assert.doesNotMatch(text, /!\[|\]\(|https?:/);
}

/** The message is a title. @param {Got} got */
export const title = (got) => assertTitle(json(got).choices[0].message.content);

/** The chunks add up to a title. @param {Got} got */
export const titleInChunks = ({ reply }) => assertTitle(streamed(reply).content);

/** The message, from its first brace to its last, is JSON of which `check` says what it is. @param {(value: any) => void} check */
export const jsonInMessage = (check) => (/** @type {Got} */ got) => {
  const { content } = json(got).choices[0].message;
  check(JSON.parse(content.slice(content.indexOf("{"), content.lastIndexOf("}") + 1)));
};

export { assertTitle };

/** What an earlier answer of ours looks like in a conversation. */
export const ANSWER = `![a red fox](https://flux.example/i/${"a".repeat(43)}.png)`;

/** A picture's bytes are the answer. @param {Got} got */
export function bytes({ reply, worker }) {
  assert.equal(reply.status, 200, reply.text().slice(0, 300));
  assert.match(reply.headers["content-type"], /^image\//);
  assert.deepEqual(reply.body, drawn(worker));
}
