/**
 * The image API, as this page uses it. `Accept: application/json` makes errors JSON; an image is an image either way.
 */
import { MAX_URL, requestUrl } from "../shared/links.js";

/**
 * Why there is no picture. `code` is the API's, or one of `offline`, `unreachable`, `url-too-long`, `not-an-image`,
 * `unknown`.
 */
export class Problem extends Error {
  /**
   * @param {string} code
   * @param {{message?: string, status?: number, param?: string | null, retryAfter?: number | null}} [more]
   */
  constructor(code, { message = "", status = 0, param = null, retryAfter = null } = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.param = param;
    /** Seconds until it is worth asking again; null where the server did not say. */
    this.retryAfter = retryAfter;
  }
}

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
  const response = await send(url, { headers: headers(call.token), signal: call.signal });
  return readPicture(response, call);
}

/** Fetches a stored picture. @param {string} permalink @param {Call} call @returns {Promise<Picture>} */
export async function requestStored(permalink, call) {
  const response = await send(permalink, { headers: headers(null), signal: call.signal });
  return { ...(await readPicture(response, call)), permalink };
}

/** @returns {Promise<string[]>} the models on offer, the default first; empty where the service does not say */
export async function listModels() {
  try {
    const response = await fetch("/v1/models", { headers: headers(null) });
    if (!response.ok) return [];
    const list = await response.json();
    return (list.data || [])
      .map((/** @type {any} */ model) => model.id)
      .filter((/** @type {unknown} */ id) => typeof id === "string");
  } catch {
    return [];
  }
}

/** @param {string | null} token @returns {Record<string, string>} */
const headers = (token) => ({ Accept: "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) });

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
    if ((await readProblem(response)).code !== "model_not_found") throw new Problem("url-too-long");
  }
  if (!response.ok) throw await readProblem(response);
  const made = response.headers.get("X-Cache") !== "HIT";
  const answer = await response.json().catch(() => ({}));
  const url = answer.data?.[0]?.url;
  if (!url) throw new Problem("unknown", { status: response.status });
  const here = new URL(url, location.origin);
  return { ...(await requestStored(location.origin + here.pathname + here.search, call)), made };
}

/** @param {string} url @param {RequestInit} options */
async function send(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    throw unreachable(error);
  }
}

/** @param {unknown} error of `fetch` */
function unreachable(error) {
  if (error instanceof DOMException && error.name === "AbortError") return error;
  return new Problem(navigator.onLine ? "unreachable" : "offline");
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

/** @param {Response} response @returns {Promise<Problem>} */
async function readProblem(response) {
  /** @type {any} */
  const body = await response.json().catch(() => ({}));
  const error = body?.error || {};
  const code = error.code || response.headers.get("X-Error-Code") || CODES_OF_STATUS[response.status] || "unknown";
  return new Problem(code, {
    message: typeof error.message === "string" ? error.message : "",
    status: response.status,
    param: error.param,
    retryAfter: seconds(response.headers.get("Retry-After")),
  });
}

/** The codes of the platform's own errors, which carry none of ours. @type {Record<number, string>} */
const CODES_OF_STATUS = {
  401: "unauthorized",
  413: "body_too_large",
  414: "url-too-long",
  429: "rate_limited",
  504: "upstream_timeout",
};

/** @param {string | null} value `Retry-After`: seconds or a date */
function seconds(value) {
  if (!value) return null;
  const wait = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(wait) ? Math.max(1, Math.ceil(wait)) : null;
}

/** @param {string | null} value percent-encoded */
function decode(value) {
  try {
    return value && decodeURIComponent(value);
  } catch {
    return value;
  }
}
