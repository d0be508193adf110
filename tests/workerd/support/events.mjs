/** Server-sent events, read as they come. */
import { request as send } from "node:http";
import { path as pathOf } from "./http.mjs";

/**
 * @typedef {object} ServerEvent
 * @property {string} event `:` for a comment
 * @property {any} data
 * @property {number} at when it came, as Date.now() counts
 */

/** How long an event is waited for. */
const PATIENCE_MS = 60_000;

/** A stream that is being read. */
export class EventStream {
  /** @type {ServerEvent[]} */
  all = [];
  /** True once nothing more will come. */
  ended = false;
  /** True where it broke off. */
  broken = false;
  #text = "";
  #rest = "";
  #notify = () => {};
  #sent;

  /** @param {import("node:http").ClientRequest} sent @param {import("node:http").IncomingMessage} response */
  constructor(sent, response) {
    this.#sent = sent;
    this.response = response;
    this.status = Number(response.statusCode);
    this.headers = /** @type {Record<string, string>} */ (response.headers);
    response.setEncoding("utf8");
    response.on("data", (text) => this.#read(text));
    response.on("end", () => this.#end());
    response.on("error", () => this.#end(true));
  }

  /** The whole body so far. */
  get text() {
    return this.#text;
  }

  /** The events so far in brief, comments left out: `waiting 2`, `prompt`, `drawing`. */
  get brief() {
    return this.all.filter(({ event }) => event !== ":").map(brief);
  }

  /** Waits for an event that is `like` this. @param {string | RegExp} like @returns {Promise<ServerEvent>} */
  async until(like) {
    const fits = (/** @type {ServerEvent} */ event) =>
      typeof like === "string" ? brief(event) === like : like.test(brief(event));
    await this.#wait(() => this.all.some(fits) || this.ended, `${like}`);
    const found = this.all.find(fits);
    if (!found) throw new Error(`it ended without ${like}: ${this.brief}`);
    return found;
  }

  /** Waits for the end; the events in brief, each once where it came several times in a row. */
  async end() {
    await this.#wait(() => this.ended, "its end");
    return this.brief.filter((step, at, all) => step !== all[at - 1]);
  }

  /** Stops reading, and keeps the connection. */
  stall() {
    this.response.pause();
    this.#sent.socket?.pause();
  }

  resume() {
    this.#sent.socket?.resume();
    this.response.resume();
  }

  leave() {
    this.#sent.destroy();
  }

  /** @param {string} text */
  #read(text) {
    this.#text += text;
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    const at = Date.now();
    for (const block of blocks) {
      if (block.startsWith(":")) this.all.push({ event: ":", data: null, at });
      const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      if (event) this.all.push({ event, data: JSON.parse(data), at });
    }
    this.#notify();
  }

  #end(broken = false) {
    this.broken ||= broken;
    this.ended = true;
    this.#notify();
  }

  /** @param {() => boolean} isSo @param {string} what */
  async #wait(isSo, what) {
    const end = Date.now() + PATIENCE_MS;
    while (!isSo()) {
      if (Date.now() > end) throw new Error(`waited for ${what} in vain: ${this.brief}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        this.#notify = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    }
  }
}

/** @param {ServerEvent} event */
function brief({ event, data }) {
  if (event !== "step") return event;
  return data.position === undefined ? data.step : `${data.step} ${data.position}`;
}

/**
 * Asks for the making of an image; resolves when the answer begins.
 * @param {string} origin
 * @param {import("./http.mjs").Parameters} parameters
 * @param {{path?: string, headers?: Record<string, string>}} [options]
 * @returns {Promise<EventStream>}
 */
export function watch(origin, parameters, { path = "/", headers } = {}) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const options = { hostname, port, path: pathOf(path, parameters), agent: false };
    const sent = send({ ...options, headers: { ...headers, accept: "text/event-stream" } }, (response) =>
      resolve(new EventStream(sent, response)),
    );
    sent.on("error", reject);
    sent.end();
  });
}
