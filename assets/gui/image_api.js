/**
 * The image API, as this page uses it: a picture is asked for as a stream of events, and then fetched from its permalink.
 * A service that has no such stream answers with the picture itself.
 */
import { MAX_URL, requestUrl } from "../shared/links.js";
import { Problem, problemOfEvent, readProblem, unreachable } from "../shared/problem.js";
import { readEvents } from "./events.js";

export { Problem };

/** How often a stream that broke is asked for again: who asks for an image under way joins it. */
const MAX_REJOINS = 3;

/**
 * @typedef {object} Picture
 * @property {Blob} blob
 * @property {string} type content type
 * @property {boolean} made drawn for this request; else it was there already
 * @property {string | null} permalink absolute; null where nothing is stored
 * @property {string | null} id
 * @property {string | null} model
 * @property {string | null} seed
 * @property {string | null} size `WIDTHxHEIGHT`
 * @property {string | null} prompt the prompt that was drawn
 * @property {string | null} status `original`, `translated`, `optimized` or `fallback`
 */

/**
 * @typedef {object} Call
 * @property {string | null} token
 * @property {AbortSignal} signal
 * @property {() => void} onReceiving the answer has begun: the picture is on its way
 * @property {(event: import("./events.js").ServerEvent) => void} [onEvent] a step of its making
 */

/**
 * Asks for the picture of these parameters.
 * @param {Record<string, string>} parameters
 * @param {Call} call
 * @returns {Promise<Picture>} rejects with a Problem, or an AbortError
 */
export async function requestImage(parameters, call) {
  const url = requestUrl(parameters);
  if (url.length > MAX_URL) return postImage(parameters, call);
  for (let rejoins = 0; ; rejoins += 1) {
    const response = await send(url, { headers: headers(call.token, "text/event-stream"), signal: call.signal });
    if (!isStream(response)) return readPicture(response, call);
    const done = await follow(response, call);
    if (done) return fetchDone(done, call);
    if (rejoins >= MAX_REJOINS) throw unreachable(null);
  }
}

/** Fetches a stored picture. @param {string} permalink @param {Call} call @returns {Promise<Picture>} */
export async function requestStored(permalink, call) {
  const response = await send(permalink, { headers: headers(null), signal: call.signal });
  return { ...(await readPicture(response, call)), permalink: new URL(permalink, location.origin).href };
}

/**
 * @param {string | null} token
 * @param {string} [accept] with `application/json` errors are JSON, and an image is an image either way
 * @returns {Record<string, string>}
 */
export const headers = (token, accept = "application/json") => ({
  Accept: accept,
  ...(token ? { Authorization: `Bearer ${token}` } : {}),
});

/** @param {Response} response */
const isStream = (response) =>
  response.ok && Boolean(response.body) && /^text\/event-stream\b/i.test(response.headers.get("Content-Type") ?? "");

/**
 * Reads a stream to its end.
 * @param {Response} response
 * @param {Call} call
 * @returns {Promise<any>} the data of `done`; null where the stream broke before it
 */
async function follow(response, call) {
  try {
    for await (const event of readEvents(/** @type {ReadableStream<Uint8Array>} */ (response.body))) {
      if (event.event === "done") return event.data;
      if (event.event === "error") throw problemOfEvent(event.data);
      call.onEvent?.(event);
    }
  } catch (error) {
    const known = unreachable(error);
    if (!(known instanceof Problem) || known.code !== "unreachable") throw known;
  }
  return null;
}

/** Fetches the picture that `done` names. @param {any} done @param {Call} call @returns {Promise<Picture>} */
async function fetchDone(done, call) {
  if (typeof done?.url !== "string") throw new Problem("unknown");
  const response = await send(here(done.url), { headers: headers(call.token), signal: call.signal });
  const picture = await readPicture(response, call);
  return {
    ...picture,
    made: done.cached !== true,
    model: done.model ?? picture.model,
    seed: done.seed === undefined || done.seed === null ? picture.seed : String(done.seed),
    prompt: done.prompt ?? picture.prompt,
    status: done.prompt_status ?? picture.status,
  };
}

/** The same address at the host this page is from: the service may know itself by another name. @param {string} url */
function here(url) {
  const { pathname, search } = new URL(url, location.origin);
  return location.origin + pathname + search;
}

/**
 * Prompts that no URL holds go in a body; the answer names the permalink.
 * @param {Record<string, string>} parameters
 * @param {Call} call
 * @returns {Promise<Picture>}
 */
async function postImage(parameters, call) {
  const { optimization, seed, steps, guidance, ...texts } = parameters;
  /** @param {string | undefined} text */
  const number = (text) => (text ? Number(text) : undefined);
  const body = {
    ...texts,
    optimization: Boolean(optimization),
    seed: number(seed),
    steps: number(steps),
    guidance: number(guidance),
    response_format: "url",
  };
  const response = await send("/v1/images/generations", {
    method: "POST",
    headers: { ...headers(call.token), "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: call.signal,
  });
  if (response.status === 404 || response.status === 405) {
    if ((await readProblem(response.clone())).code !== "model_not_found") throw new Problem("url-too-long");
  }
  if (!response.ok) throw await readProblem(response);
  const made = response.headers.get("X-Cache") !== "HIT";
  const answer = await response.json().catch(() => ({}));
  const url = answer.data?.[0]?.url;
  if (!url) throw new Problem("unknown", { status: response.status });
  return { ...(await requestStored(here(url), call)), made };
}

/** @param {string} url @param {RequestInit} options */
async function send(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    throw unreachable(error);
  }
}

/** @param {Response} response @param {Call} call @returns {Promise<Picture>} */
async function readPicture(response, call) {
  if (!response.ok) throw await readProblem(response);
  const type = response.headers.get("Content-Type") || "";
  if (!type.startsWith("image/")) throw new Problem("not-an-image", { status: response.status });
  call.onReceiving();
  const stored = response.headers.get("Content-Location");
  const blob = await response.blob().catch((error) => Promise.reject(unreachable(error)));
  return {
    blob,
    type,
    // A redirect is how a picture that was made just now is answered; its target says HIT.
    made: response.redirected || response.headers.get("X-Cache") === "MISS",
    permalink: stored && new URL(stored, location.origin).href,
    id: response.headers.get("X-Image-Id"),
    model: response.headers.get("X-Model"),
    seed: response.headers.get("X-Seed"),
    size: response.headers.get("X-Image-Size"),
    prompt: decode(response.headers.get("X-Prompt")),
    status: response.headers.get("X-Prompt-Status"),
  };
}

/** @param {string | null} value percent-encoded */
function decode(value) {
  try {
    return value && decodeURIComponent(value);
  } catch {
    return value;
  }
}
