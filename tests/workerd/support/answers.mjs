/**
 * The answer of a fake upstream: plain data, or one of the faults of a network. `send` carries it out on a real
 * connection, so that the Worker meets resets and slow bodies as they are.
 *
 * @typedef {object} Answer
 * @property {number} [status] 200 unless it is said
 * @property {Record<string, string>} [headers]
 * @property {string | Buffer} [body]
 * @property {"reset" | "hang" | "break off" | "trickle" | "no length" | "byte by byte"} [fault]
 */

/**
 * @typedef {(call: import("./upstream.mjs").Call) => Answer | Promise<Answer>} Answering makes the answer to a call
 * @typedef {{status?: number, headers?: Record<string, string>}} Head
 */

/** JSON. @param {unknown} value @param {Head} [head] @returns {Answer} */
export const json = (value, { status = 200, headers = {} } = {}) => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(value),
});

/** Text, or HTML where `type` says so. @param {string} body @param {Head & {type?: string}} [head] @returns {Answer} */
export const text = (body, { status = 200, type = "text/plain", headers = {} } = {}) => ({
  status,
  headers: { "content-type": type, ...headers },
  body,
});

/** Bytes of a media type. @param {Buffer | string} body @param {string} type @param {Head} [head] @returns {Answer} */
export const bytes = (body, type, { status = 200, headers = {} } = {}) => ({
  status,
  headers: { "content-type": type, ...headers },
  body,
});

/** The connection is reset before a byte came back. @type {Answer} */
export const RESET = { fault: "reset" };

/** Nothing ever comes back; the connection stays open. @type {Answer} */
export const HANG = { fault: "hang" };

/** The same answer, the connection reset in the middle of its body. @param {Answer} answer @returns {Answer} */
export const breakOff = (answer) => ({ ...answer, fault: "break off" });

/** The same answer, a byte of its body every 200 ms: it never ends in time. @param {Answer} answer @returns {Answer} */
export const trickle = (answer) => ({ ...answer, fault: "trickle" });

/** The same answer, which does not say how long it is. @param {Answer} answer @returns {Answer} */
export const unmeasured = (answer) => ({ ...answer, fault: "no length" });

/** The same answer in chunks of one byte, as fast as they go. @param {Answer} answer @returns {Answer} */
export const byteByByte = (answer) => ({ ...answer, fault: "byte by byte" });

/**
 * The same answer, held back until `release`.
 *
 * @param {Answer | Answering} answer
 * @returns {{answer: Answering, release: () => void}}
 */
export function held(answer) {
  let release = () => {};
  /** @type {Promise<void>} */
  const released = new Promise((resolve) => {
    release = resolve;
  });
  return {
    answer: async (call) => {
      await released;
      return typeof answer === "function" ? answer(call) : answer;
    },
    release: () => release(),
  };
}

/**
 * Carries out an answer.
 *
 * @param {Answer} answer
 * @param {import("node:http").ServerResponse} response
 */
export function send({ status = 200, headers = {}, body = "", fault }, response) {
  const bytes = Buffer.from(body);
  switch (fault) {
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "hang":
      return;
    case "break off":
      response.writeHead(status, { ...headers, "content-length": bytes.length });
      response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => response.socket?.resetAndDestroy());
      return;
    case "trickle": {
      response.writeHead(status, { ...headers, "content-length": bytes.length });
      let at = 0;
      const timer = setInterval(() => response.write(bytes.subarray(at, (at += 1))), 200);
      response.on("close", () => clearInterval(timer));
      return;
    }
    case "byte by byte":
      response.writeHead(status, headers);
      for (const byte of bytes) response.write(Buffer.of(byte));
      response.end();
      return;
    case "no length":
      response.writeHead(status, headers);
      response.write(bytes);
      response.end();
      return;
    default:
      response.writeHead(status, { "content-length": bytes.length, ...headers });
      response.end(bytes);
  }
}
