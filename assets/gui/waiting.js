/** The card of a picture that is being drawn: its place, the time, what is waited for, and a way out. */
import { announce } from "../shared/announce.js";
import { el, textElement } from "../shared/dom.js";
import { setText } from "../shared/language.js";
import { frameOf } from "./frame.js";

/** Seconds after which a picture takes long, and the card says why that can be. */
const LONG = 12;

/** Seconds a rewrite of the prompt takes, roughly; it comes first. */
const REWRITE = 4;

/**
 * @param {import("./job.js").Job} job
 * @param {import("./card.js").CardActions} _actions
 * @param {HTMLElement} prompt
 * @returns {import("./card.js").CardContent}
 */
export function drawWaiting(job, _actions, prompt) {
  const phase = textElement("p.phase", phaseOf(job));
  const elapsed = el("p.elapsed", { "aria-hidden": "true" });
  const cancel = textElement("button.quiet", "cancel", {}, { type: "button", onclick: () => job.cancel() });
  const frame = frameOf(job, el("div.waiting", {}, phase, elapsed, cancel));
  announce("drawing-now");
  const tick = () => {
    setText(elapsed, "seconds", { seconds: secondsSince(job.startedAt).toFixed(1) });
    setText(phase, phaseOf(job));
  };
  tick();
  const timer = setInterval(tick, 200);
  return { elements: [frame, el("div.details", {}, prompt)], stop: () => clearInterval(timer) };
}

/** The step that is being waited for, as far as a caller can know it. @param {import("./job.js").Job} job */
export function phaseOf(job) {
  if (job.receiving) return "phase-receiving";
  if (job.permalink) return "phase-fetching";
  const seconds = secondsSince(job.startedAt);
  if (seconds >= LONG) return "phase-long";
  if (seconds < REWRITE && job.parameters.optimization) return "phase-optimizing";
  if (seconds < REWRITE && /\P{ASCII}/u.test(job.parameters.prompt)) return "phase-translating";
  return "phase-drawing";
}

/** @param {number} start as performance.now() counts */
const secondsSince = (start) => (performance.now() - start) / 1000;
