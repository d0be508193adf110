/** Stored pictures: each where the Worker looks for it, and where the floor does. */
import { createHash } from "node:crypto";
import { picture } from "./workers.js";

/** @typedef {import("./workers.js").BenchWorkers} BenchWorkers */

/** Pictures that are stored at the same time. */
const AT_ONCE = 10;

/** Each request has a connection of its own: one that was idle for the length of a load may be closed by now. */
const ALONE = { connection: "close" };

const hash = (/** @type {string} */ text) => createHash("sha256").update(text).digest();

/** The id of a prompt with no other parameter: the hash of the request's canonical form. @param {string} prompt */
function idOf(prompt) {
  const fields = Object.entries({
    version: "free-flux-api image 1",
    prompt,
    treatment: "nothing",
    size: "512x512",
    model: "black-forest-labs/FLUX.1-schnell",
  });
  return hash(fields.map(([name, value]) => `${name} ${value.length}:${value}\n`).join("")).toString("base64url");
}

/**
 * The record of a picture that the Worker made, as a pattern for others; and it must have the id of `idOf`.
 *
 * @param {BenchWorkers} workers
 */
async function pattern(workers) {
  const made = await fetch(`${workers.worker}/?prompt=pattern`, { headers: ALONE });
  await made.arrayBuffer();
  const id = made.headers.get("x-image-id");
  if (id !== idOf("pattern")) throw new Error(`the Worker's id of "pattern" is ${id}, and not ${idOf("pattern")}`);
  let stored = null;
  while (!stored?.metadata) stored = await workers.library.getWithMetadata(`image:v1:${id}`, "arrayBuffer");
  return /** @type {any} */ (stored.metadata);
}

/**
 * Stores `count` pictures of so many bytes; their prompts and ids.
 *
 * @param {BenchWorkers} workers
 * @param {number} bytes
 * @param {number} count
 */
export async function stock(workers, bytes, count) {
  const record = await pattern(workers);
  const prompts = Array.from({ length: count }, (_, at) => `stored-${bytes}-${at}`);
  const body = picture(bytes);
  for (let at = 0; at < count; at += AT_ONCE) {
    const entries = new URLSearchParams();
    for (const prompt of prompts.slice(at, at + AT_ONCE)) {
      const asked = { ...record.asked, p: hash(prompt).subarray(0, 9).toString("base64url"), w: prompt };
      entries.append("key", `image:v1:${idOf(prompt)}`);
      entries.append("metadata", JSON.stringify({ ...record, bytes, prompt, asked }));
      entries.append("key", `floor:${prompt}`);
      entries.append("metadata", '{"type":"image/jpeg"}');
    }
    const reply = await fetch(`${workers.stock}/?${entries}`, { method: "PUT", body, headers: ALONE });
    if (!reply.ok) throw new Error(`pictures could not be stored: ${reply.status} ${await reply.text()}`);
  }
  return prompts.map((prompt) => ({ prompt, id: idOf(prompt) }));
}
