/** The frame of a picture. */
import { el } from "../shared/dom.js";

/** The side of a frame whose picture's size is not known. */
const DEFAULT_SIDE = 512;

/** A frame of the picture's shape. @param {import("./job.js").Job} job @param {HTMLElement} content */
export function frameOf(job, content) {
  const { width, height } = job.size;
  const frame = el("div.frame", {}, content);
  frame.style.setProperty("--w", String(width > 1 ? width : DEFAULT_SIDE));
  frame.style.setProperty("--h", String(height > 1 ? height : DEFAULT_SIDE));
  return el("div.mount", {}, frame);
}
