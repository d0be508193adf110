/**
 * Answers to requests: how WebAssembly makes one, and how one with a stored picture is given again without it.
 *
 * The header fields of such an answer follow from the URL and from the picture's record in the store. So they are kept,
 * by URL: who asks for it again costs a read of the store, and no WebAssembly, which would take a quarter of the CPU.
 * Where the record is another one, WebAssembly makes the answer. Popular pictures come from its own memory as before.
 */
import { wouldStream } from "wasm-bindgen";
import { enter } from "./traps.js";

/** The most answers that are kept, each of some 3 KB. */
const MAX_ANSWERS = 1024;
/** The longest URL of theirs. */
const MAX_URL = 1024;
/** How long the store may take, in milliseconds, before WebAssembly is asked what to say. */
const READ_MS = 5000;

/**
 * @typedef {object} Answer
 * @property {string} key of the picture in the store
 * @property {number} bytes of the picture
 * @property {object} record of the picture
 * @property {() => Headers} headers made ready when they are first asked for
 */

/** By URL, the one that was kept longest first. @type {Map<string, Answer>} */
const answers = new Map();

const merged = (fields, shared) => ({ ...shared, ...JSON.parse(fields) });

/**
 * A response with the header fields of `shared` and those of a JSON object, as one call: a call for each part would be
 * most of the cost of a small response.
 */
export function newResponse(body, status, fields, shared) {
  return new Response(body, { status, headers: merged(fields, shared) });
}

/** Keeps the answer with a stored picture for the next who ask for the same URL. */
export function keepAnswer({ url }, key, bytes, record, fields, shared) {
  if (url.length > MAX_URL) return;
  let ready;
  answers.delete(url);
  answers.set(url, { key, bytes, record, headers: () => (ready ??= new Headers(merged(fields, shared))) });
  if (answers.size > MAX_ANSWERS) answers.delete(answers.keys().next().value);
}

/** The answer to a request: with a picture as it was answered before, or else the one that `make` makes. */
export function answer(request, env, make) {
  const { url } = request;
  const kept = answers.get(url);
  // Where the owner wants data points of hits, WebAssembly writes them.
  if (!kept || !isPlain(request) || env.ANALYTICS || !enter(() => wouldStream(kept.key, kept.bytes))) return make();
  return new Promise((resolve) => {
    const makeAnew = () => {
      answers.delete(url);
      resolve(make());
    };
    const timer = setTimeout(makeAnew, READ_MS);
    const give = ({ value, metadata }) => {
      clearTimeout(timer);
      if (value && isSame(metadata, kept.record)) return resolve(new Response(value, { headers: kept.headers() }));
      value?.cancel();
      makeAnew();
    };
    const read = env.FLUX_API.getWithMetadata(kept.key, "stream");
    read.then(give).catch(() => (clearTimeout(timer), makeAnew()));
  });
}

/** Whether nothing but the URL of a request bears upon the answer with a picture. */
function isPlain({ method, headers }) {
  return method === "GET" && !headers.has("If-None-Match") && !/event-stream/i.test(headers.get("Accept") ?? "");
}

/** Whether two values of JSON are the same. */
function isSame(one, other) {
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return one === other;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => isSame(one[name], other[name]));
}
