/**
 * One picture being asked for: a state and what led to it, no elements. Says "change" whenever the state does.
 *
 * working → done | failed | waiting | cancelled; waiting → working when its time has come; each of the last three can
 * be run again.
 */
import { parseSize } from "../shared/sizes.js";
import { askForToken, token } from "./access.js";
import { Problem, requestImage, requestStored } from "./image_api.js";

/** A wait longer than this is told, not sat through. In seconds. */
export const MAX_WAIT = 600;

/** How often a job goes on by itself before it leaves the next try to the reader. */
const MAX_RETRIES = 5;

export class Job extends EventTarget {
  #abort = null;
  #timer = 0;
  #retries = 0;
  #comeBack = () => this.run();

  /**
   * @param {Record<string, string>} parameters what to draw
   * @param {string | null} [permalink] where it is stored, for a picture of the history
   */
  constructor(parameters, permalink = null) {
    super();
    this.parameters = parameters;
    this.permalink = permalink;
    this.state = "working";
    this.receiving = false;
    this.startedAt = 0;
    /** @type {import("./image_api.js").Picture | null} */
    this.picture = null;
    /** @type {Problem | null} */
    this.problem = null;
    /** Seconds from asking to having. */
    this.seconds = 0;
    /** When the next try is due, as Date.now() counts; null without a next try. */
    this.retryAt = null;
  }

  get size() {
    return parseSize(this.picture?.size) || parseSize(this.parameters.size) || { width: 1, height: 1 };
  }

  /** Whether nothing more will happen by itself. */
  get over() {
    return this.state !== "working" && this.state !== "waiting";
  }

  async run() {
    this.#stop();
    const abort = (this.#abort = new AbortController());
    this.startedAt = performance.now();
    this.receiving = false;
    this.problem = null;
    this.#become("working");
    try {
      const picture = await this.#ask(abort.signal);
      if (abort.signal.aborted) return;
      this.picture = picture;
      this.seconds = (performance.now() - this.startedAt) / 1000;
      this.#become("done");
    } catch (error) {
      if (abort.signal.aborted) return;
      this.#fail(
        error instanceof Problem ? error : new Problem("unknown", { message: String(error.message || error) }),
      );
    }
  }

  /** Leaves the request; the server may go on and finish the picture. */
  cancel() {
    this.#stop();
    this.#become("cancelled");
  }

  /** Runs again because the reader said so: as often as they like, and making it anew where it is gone. */
  again() {
    this.#retries = 0;
    if (this.problem?.code === "image_not_found") this.permalink = null;
    return this.run();
  }

  async #ask(signal) {
    const onReceiving = () => {
      this.receiving = true;
      this.#become("working");
    };
    for (;;) {
      const used = token();
      const call = { token: used, signal, onReceiving };
      try {
        return await (this.permalink ? requestStored(this.permalink, call) : requestImage(this.parameters, call));
      } catch (error) {
        if (error.code !== "unauthorized" || signal.aborted || !(await askForToken(used))) throw error;
        this.startedAt = performance.now();
      }
    }
  }

  #fail(problem) {
    this.problem = problem;
    if (problem.code === "offline") {
      addEventListener("online", this.#comeBack, { once: true });
      return this.#become("waiting");
    }
    this.#retries += 1;
    if (problem.retryAfter === null || problem.retryAfter > MAX_WAIT || this.#retries > MAX_RETRIES) {
      return this.#become("failed");
    }
    this.retryAt = Date.now() + problem.retryAfter * 1000;
    this.#timer = setTimeout(() => this.run(), problem.retryAfter * 1000);
    return this.#become("waiting");
  }

  #stop() {
    this.#abort?.abort();
    clearTimeout(this.#timer);
    removeEventListener("online", this.#comeBack);
    this.retryAt = null;
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}
