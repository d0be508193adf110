/** Requests as they are on the wire: nothing is followed, decoded or normalized on the way. */
import { request as send } from "node:http";

/** An answer of the Worker, read whole. */
export class Reply {
  /** @param {number} status @param {Record<string, string>} headers names in lower case @param {Buffer} body */
  constructor(status, headers, body) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  text() {
    return this.body.toString();
  }

  /** @returns {any} */
  json() {
    return JSON.parse(this.text());
  }

  /** The path and query of `Location`. */
  get target() {
    const { pathname, search } = new URL(this.headers.location, "http://worker");
    return pathname + search;
  }
}

/** @typedef {Record<string, string | undefined>} Parameters of a query; one that is undefined is not sent */
/**
 * @typedef {object} RequestOptions
 * @property {string} [method]
 * @property {Record<string, string | undefined>} [headers]
 * @property {string | Buffer} [body]
 * @property {boolean} [bytewise] true: the body is sent in chunks of one byte
 * @property {AbortSignal} [signal]
 */

/** How long an answer is waited for: longer than any that comes. */
const PATIENCE_MS = 120_000;

/**
 * @param {string} origin
 * @param {string} path sent as it is, escaped by the caller
 * @param {RequestOptions} [options]
 * @returns {Promise<Reply>}
 */
export function request(origin, path, { method = "GET", headers = {}, body, bytewise, signal } = {}) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    // A connection each: kept ones are closed after an answer whose request's body nobody read.
    const sent = send({ hostname, port, path, method, headers, agent: false, signal }, async (response) => {
      try {
        const { statusCode, headers: named } = response;
        const received = /** @type {Record<string, string>} */ (named);
        resolve(new Reply(Number(statusCode), received, Buffer.concat(await response.toArray())));
      } catch (error) {
        reject(error);
      }
    });
    sent.setTimeout(PATIENCE_MS, () => sent.destroy(new Error(`no answer from ${path} in ${PATIENCE_MS / 1_000} s`)));
    sent.on("error", reject);
    if (bytewise && body) {
      for (const byte of Buffer.from(body)) sent.write(Buffer.of(byte));
      sent.end();
    } else sent.end(body);
  });
}

/**
 * A path with a query of these parameters: `path("/", { prompt: "一位女孩" })`.
 *
 * @param {string} pathname
 * @param {Parameters} [parameters]
 */
export function path(pathname, parameters = {}) {
  const given = Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const query = new URLSearchParams(given).toString();
  return query ? `${pathname}?${query}` : pathname;
}

/**
 * Does the same `count` times at once.
 * @template T
 * @param {number} count
 * @param {(at: number) => T | Promise<T>} make
 * @returns {Promise<T[]>}
 */
export const times = (count, make) => Promise.all(Array.from({ length: count }, (_, at) => make(at)));

/**
 * Does something that a limit by the minute is counted in, and does it again where it failed because the minute ended
 * meanwhile: workerd's limits start afresh on the minute.
 *
 * @param {(attempt: number) => Promise<void>} run
 */
export async function withinAMinute(run) {
  const minute = () => Math.floor(Date.now() / 60_000);
  for (let attempt = 1; ; attempt += 1) {
    const start = minute();
    try {
      return await run(attempt);
    } catch (error) {
      if (minute() === start) throw error;
    }
  }
}
