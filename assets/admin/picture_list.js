/** The pictures of the store as far as they are loaded: a page after the other, the newest first among them. */
import { listPictures } from "./owner_api.js";
import { byTime } from "./picture.js";

/** @typedef {import("./picture.js").Picture} Picture */

/** Tells of each change by an event `change`. */
export class PictureList extends EventTarget {
  /** @type {Map<string, Picture>} */
  #known = new Map();
  /** @type {Picture[]} */
  #sorted = [];
  /** @type {string | null} */
  #cursor = null;
  /** Counts the beginnings, so that an answer to an earlier one is known by it. */
  #round = 0;

  /** False: nothing is stored, since there is no KV. */
  isStored = true;
  /** True while a page is under way. */
  isLoading = false;
  /** True while all that is left is being loaded: what is on show changes once, at the end. */
  isLoadingAll = false;
  /** True once there is no further page. */
  isComplete = false;
  /** Why the last page is not here. @type {unknown} */
  problem = null;

  /** @returns {readonly Picture[]} the newest first */
  get pictures() {
    return this.#sorted;
  }

  /** Forgets all, and loads the first page. */
  async restart() {
    this.#round += 1;
    this.#known.clear();
    this.#sorted = [];
    this.#cursor = null;
    this.isLoading = this.isComplete = false;
    this.problem = null;
    await this.loadMore();
  }

  /** Loads the next page, unless one is under way, or there is none. */
  async loadMore() {
    if (this.isLoading || this.isComplete) return;
    const round = this.#round;
    this.isLoading = true;
    this.problem = null;
    this.#changed();
    try {
      const { pictures, cursor, isStored } = await listPictures(this.#cursor);
      if (round !== this.#round) return;
      for (const picture of pictures) this.#known.set(picture.id, picture);
      this.#sorted = byTime(this.#known.values());
      this.#cursor = cursor;
      this.isStored = isStored;
      this.isComplete = cursor === null;
    } catch (error) {
      if (round !== this.#round) return;
      this.problem = error;
    }
    this.isLoading = false;
    this.#changed();
  }

  /** Loads all that is left. */
  async loadAll() {
    const round = this.#round;
    this.isLoadingAll = true;
    do {
      if (this.isLoading) await new Promise((resolve) => this.addEventListener("change", resolve, { once: true }));
      else await this.loadMore();
    } while (!this.isComplete && !this.problem && round === this.#round);
    this.isLoadingAll = false;
    this.#changed();
  }

  /** @param {string} id of a picture that is no longer stored */
  remove(id) {
    if (!this.#known.delete(id)) return;
    this.#sorted = this.#sorted.filter((picture) => picture.id !== id);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
