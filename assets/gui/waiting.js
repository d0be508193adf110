/** The card of a picture that is being made: its place, what really happens, the time, and a way out. */
import { announce } from "../shared/announce.js";
import { el, textElement } from "../shared/dom.js";
import { setText } from "../shared/language.js";
import { frameOf } from "./frame.js";
import { sentenceOf } from "./progress.js";

/**
 * @param {import("./job.js").Job} job
 * @param {import("./card.js").CardActions} _actions
 * @param {HTMLElement} prompt
 * @returns {import("./card.js").CardContent}
 */
export function drawWaiting(job, _actions, prompt) {
  const phase = el("p.phase");
  const elapsed = el("p.elapsed", { "aria-hidden": "true" });
  const drawn = el("p.drawing", { dir: "auto", hidden: true });
  const cancel = textElement("button.quiet", "cancel", {}, { type: "button", onclick: () => job.cancel() });
  const frame = frameOf(job, el("div.waiting", {}, phase, elapsed, drawn, cancel));
  let told = "";
  const update = () => {
    const { progress } = job;
    const now = performance.now();
    const [key, values] = sentenceOf(progress, now);
    setText(phase, key, values);
    setText(elapsed, "seconds", { seconds: Math.max(0, (now - job.startedAt) / 1000).toFixed(1) });
    drawn.hidden = !progress.prompt || progress.prompt === job.parameters.prompt;
    if (!drawn.hidden) drawn.textContent = progress.prompt;
    // Said once a step; the seconds are for the eye.
    const said = `${progress.step} ${progress.position}`;
    if (said !== told && progress.step !== "asked") announce(key, values);
    told = said;
  };
  announce("drawing-now");
  update();
  const timer = setInterval(update, 200);
  return { elements: [frame, el("div.details", {}, prompt)], update, stop: () => clearInterval(timer) };
}
