/** Why there is no picture, and how an answer says it. */

/** `code` is the API's, or one of `offline`, `unreachable`, `url-too-long`, `not-an-image`, `unknown`. */
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

/** @param {unknown} error of `fetch`, or of reading what it brought */
export function unreachable(error) {
  if (error instanceof DOMException && error.name === "AbortError") return error;
  if (error instanceof Problem) return error;
  return new Problem(navigator.onLine ? "unreachable" : "offline");
}

/** @param {Response} response @returns {Promise<Problem>} */
export async function readProblem(response) {
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

/** The problem that an `error` event tells. @param {any} data */
export function problemOfEvent(data) {
  const wait = typeof data?.retry_after === "number" ? data.retry_after : null;
  return new Problem(typeof data?.code === "string" ? data.code : "unknown", {
    message: typeof data?.message === "string" ? data.message : "",
    status: Number(data?.status) || 0,
    param: typeof data?.param === "string" ? data.param : null,
    retryAfter: wait === null ? null : Math.max(1, Math.ceil(wait)),
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
