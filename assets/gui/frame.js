/** The frame of a picture. */
import { el } from "../shared/dom.js";

/** The side of a frame whose picture's size is not known. */
const DEFAULT_SIDE = 512;

/** Tells the style sheet the shape of a picture. @param {HTMLElement} element @param {import("./job.js").Job} job */
export function setShape(element, { size: { width, height } }) {
  element.style.setProperty("--w", String(width > 1 ? width : DEFAULT_SIDE));
  element.style.setProperty("--h", String(height > 1 ? height : DEFAULT_SIDE));
}

/** A frame of the picture's shape. @param {import("./job.js").Job} job @param {HTMLElement} content */
export function frameOf(job, content) {
  const frame = el("div.frame", {}, content);
  setShape(frame, job);
  return el("div.mount", {}, frame);
}
