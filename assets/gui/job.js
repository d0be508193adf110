/**
 * One picture being asked for: a state and what led to it, no elements. Says "change" whenever the state does.
 *
 * working → done | failed | waiting | cancelled; waiting → working when its time has come; each of the last three can
 * be run again.
 */
import { parseSize } from "../shared/sizes.js";
import { askForToken, token } from "./access.js";
import { Problem, requestImage, requestStored } from "./image_api.js";
import { after, ASKED, RECEIVING } from "./progress.js";

/** A wait longer than this is told, not sat through. In seconds. */
export const MAX_WAIT = 600;

/** How often a job goes on by itself before it leaves the next try to the reader. */
const MAX_RETRIES = 5;

/** What a token may open: a service that takes none of these without one says so by one of these codes. */
const CLOSED = new Set(["unauthorized", "invalid_signature", "referer_not_allowed"]);

/** @typedef {"working" | "done" | "failed" | "waiting" | "cancelled"} State */

export class Job extends EventTarget {
  /** @type {AbortController | null} */
  #abort = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #retries = 0;
  #runAgain = () => this.run();

  /**
   * @param {Record<string, string>} parameters what to draw
   * @param {string | null} [permalink] where it is stored, for a picture of the history
   */
  constructor(parameters, permalink = null) {
    super();
    this.parameters = parameters;
    this.permalink = permalink;
    /** @type {State} */
    this.state = "working";
    this.progress = ASKED;
    this.startedAt = 0;
    /** @type {import("./image_api.js").Picture | null} */
    this.picture = null;
    /** @type {Problem | null} */
    this.problem = null;
    /** Seconds from asking to having. */
    this.seconds = 0;
    /** When the next try is due, as Date.now() counts; null without a next try. @type {number | null} */
    this.retryAt = null;
  }

  get size() {
    return parseSize(this.picture?.size) || parseSize(this.parameters.size) || { width: 1, height: 1 };
  }

  /** True where nothing more will happen by itself. */
  get settled() {
    return this.state !== "working" && this.state !== "waiting";
  }

  async run() {
    this.#stop();
    const abort = (this.#abort = new AbortController());
    this.startedAt = performance.now();
    this.progress = this.permalink ? RECEIVING : ASKED;
    this.problem = null;
    this.#setState("working");
    try {
      const picture = await this.#request(abort.signal);
      if (abort.signal.aborted) return;
      this.picture = picture;
      this.seconds = (performance.now() - this.startedAt) / 1000;
      this.#setState("done");
    } catch (error) {
      if (abort.signal.aborted) return;
      const message = error instanceof Error && error.message ? error.message : String(error);
      this.#fail(error instanceof Problem ? error : new Problem("unknown", { message }));
    }
  }

  /** Leaves the request; the server may go on and finish the picture. */
  cancel() {
    this.#stop();
    this.#setState("cancelled");
  }

  /** Runs again because the reader said so: as often as they like, and making it anew where it is gone. */
  retry() {
    this.#retries = 0;
    if (this.problem?.code === "image_not_found") this.permalink = null;
    return this.run();
  }

  /** @param {AbortSignal} signal */
  async #request(signal) {
    const onReceiving = () => this.#advance({ ...this.progress, step: "receiving" });
    /** @param {import("./events.js").ServerEvent} event */
    const onEvent = (event) => this.#advance(after(this.progress, event, performance.now()));
    for (;;) {
      const used = token();
      const call = { token: used, signal, onReceiving, onEvent };
      try {
        return await (this.permalink ? requestStored(this.permalink, call) : requestImage(this.parameters, call));
      } catch (error) {
        const isClosed = error instanceof Problem && CLOSED.has(error.code);
        if (!isClosed || signal.aborted || !(await askForToken(used, error.code))) throw error;
        this.startedAt = performance.now();
      }
    }
  }

  /** @param {import("./progress.js").Progress} progress */
  #advance(progress) {
    this.progress = progress;
    if (this.state === "working") this.#setState("working");
  }

  /** @param {Problem} problem */
  #fail(problem) {
    this.problem = problem;
    if (problem.code === "offline") {
      addEventListener("online", this.#runAgain, { once: true });
      return this.#setState("waiting");
    }
    this.#retries += 1;
    if (problem.retryAfter === null || problem.retryAfter > MAX_WAIT || this.#retries > MAX_RETRIES) {
      return this.#setState("failed");
    }
    this.retryAt = Date.now() + problem.retryAfter * 1000;
    this.#timer = setTimeout(() => this.run(), problem.retryAfter * 1000);
    return this.#setState("waiting");
  }

  #stop() {
    this.#abort?.abort();
    clearTimeout(this.#timer);
    removeEventListener("online", this.#runAgain);
    this.retryAt = null;
  }

  /** @param {State} state */
  #setState(state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}
