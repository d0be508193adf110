/**
 * Answers to requests: how WebAssembly makes one, and how one with a stored picture is given again without it.
 *
 * The header fields of such an answer follow from the URL and from the picture's record in the store. So they are kept,
 * by URL: who asks for it again costs a read of the store, and no WebAssembly, which would take a quarter of the CPU.
 * Where the picture was made anew, WebAssembly makes the answer; and where it is asked for often, for WebAssembly has a
 * memory of popular pictures (remembered_store.rs), which has to hear of it.
 */

/** The most answers that are kept, each of some 3 KB outside JavaScript's heap. */
const MAX_ANSWERS = 1024;
/** The longest URL of theirs. */
const MAX_URL = 1024;
/** Within so many milliseconds and answers WebAssembly remembers that a picture was asked for. */
const OFTEN_MS = 60_000;
const OFTEN_ANSWERS = 512;
/** How long the store may take, in milliseconds, before WebAssembly is asked what to say. */
const READ_MS = 5000;

/**
 * @typedef {object} Answer
 * @property {Headers} headers
 * @property {string} key of the picture in the store
 * @property {number} bytes of the picture
 * @property {number} time when it was made: with its bytes, what tells it from one that was made anew
 * @property {boolean} isSmall true if WebAssembly keeps it in memory where it is asked for often
 * @property {number} asked the number of the request that asked for it last
 * @property {number} askedMs when that was
 */

/** By URL, the one that was kept longest first. @type {Map<string, Answer>} */
const answers = new Map();

/** The number of requests for which there was an answer. */
let asked = 0;

/**
 * A response with the header fields of `shared` and those of a JSON object, as one call: a call for each part would be
 * most of the cost of a small response.
 */
export function newResponse(body, status, fields, shared) {
  return new Response(body, { status, headers: { ...shared, ...JSON.parse(fields) } });
}

/** Keeps the answer with a stored picture for the next who ask for the same URL. */
export function keepAnswer({ url }, { headers }, key, bytes, time, isSmall) {
  if (url.length > MAX_URL) return;
  answers.delete(url);
  answers.set(url, { headers, key, bytes, time, isSmall, asked, askedMs: Date.now() });
  if (answers.size > MAX_ANSWERS) answers.delete(answers.keys().next().value);
}

/** Forgets all answers, for a picture was removed or made anew here: KV may show it still. */
export function forgetAnswers() {
  answers.clear();
}

/** The answer to a request: with a picture as it was answered before, or else the one that `make` makes. */
export function answer(request, env, make) {
  const { url } = request;
  const kept = answers.get(url);
  // Where the owner wants data points of hits, WebAssembly writes them.
  if (!kept || !isPlain(request) || env.ANALYTICS || askFor(kept)) return make();
  return new Promise((resolve) => {
    const makeAnew = () => {
      answers.delete(url);
      resolve(make());
    };
    const timer = setTimeout(makeAnew, READ_MS);
    const give = ({ value, metadata }) => {
      clearTimeout(timer);
      const isSame = value && metadata?.time === kept.time && metadata.bytes === kept.bytes;
      if (isSame) return resolve(new Response(value, { headers: kept.headers }));
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

/** Asks for an answer; true if that is so often that its picture may be in memory, or will be. @param {Answer} kept */
function askFor(kept) {
  const now = Date.now();
  const isOften = kept.isSmall && asked - kept.asked < OFTEN_ANSWERS && now - kept.askedMs < OFTEN_MS;
  asked += 1;
  kept.asked = asked;
  kept.askedMs = now;
  return isOften;
}
