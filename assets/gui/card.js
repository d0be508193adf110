/** The card of a job: the place of its picture, and what stands around it in each state. */
import { announce } from "../shared/announce.js";
import { make, said } from "../shared/dom.js";
import { say } from "../shared/language.js";
import { drawFailure } from "./failure.js";
import { drawResult } from "./result.js";

/** Seconds after which a picture takes long, and the card says why that can be. */
const LONG = 12;

/** Seconds a rewrite of the prompt takes, roughly; it comes first. */
const REWRITE = 4;

/**
 * @typedef {object} Wishes what a card's buttons ask the page for
 * @property {(job: import("./job.js").Job) => void} anotherSeed
 * @property {(seed: string) => void} keepSeed
 * @property {(job: import("./job.js").Job) => void} edit
 */

let cards = 0;

/**
 * @param {import("./job.js").Job} job
 * @param {Wishes} wishes
 * @returns {HTMLElement} the card; it follows its job until it is taken off the page
 */
export function drawCard(job, wishes) {
  const id = `job-${++cards}`;
  const asked = make("h3.asked", { id, dir: "auto" }, job.parameters.prompt);
  const body = make("div.body");
  const card = make("article.job", { "aria-labelledby": id, tabindex: "-1" }, body);
  let drawn = "";
  let stop = () => {};

  const draw = () => {
    if (drawn === job.state && job.state !== "waiting") return tellPhase(card, job);
    stop();
    const held = body.contains(document.activeElement);
    drawn = job.state;
    card.dataset.state = job.state;
    card.setAttribute("aria-busy", String(job.state === "working"));
    const parts = {
      working: drawWaiting,
      done: drawResult,
      failed: drawFailure,
      waiting: drawFailure,
      cancelled: drawFailure,
    };
    const part = parts[job.state](job, wishes, asked);
    stop = part.stop;
    body.replaceChildren(...part.elements);
    if (held) card.focus({ preventScroll: true }); // the button in focus is gone
  };
  job.addEventListener("change", draw);
  draw();
  return card;
}

/** @param {import("./job.js").Job} job */
function drawWaiting(job, _wishes, asked) {
  const phase = said("p.phase", phaseOf(job), {});
  const elapsed = make("p.elapsed", { "aria-hidden": "true" });
  const cancel = said("button.quiet", "cancel", {}, { type: "button", onclick: () => job.cancel() });
  const frame = frameOf(job, make("div.waiting", {}, phase, elapsed, cancel));
  announce("drawing-now");
  const tick = () => {
    const seconds = (performance.now() - job.startedAt) / 1000;
    say(elapsed, "seconds", { seconds: seconds.toFixed(1) });
    say(phase, phaseOf(job));
  };
  tick();
  const timer = setInterval(tick, 200);
  return { elements: [frame, make("div.details", {}, asked)], stop: () => clearInterval(timer) };
}

function tellPhase(card, job) {
  const phase = card.querySelector(".phase");
  if (phase) say(phase, phaseOf(job));
}

/** What is being waited for, as far as a caller can know it. */
function phaseOf(job) {
  if (job.receiving) return "phase-receiving";
  if (job.permalink) return "phase-fetching";
  const seconds = (performance.now() - job.startedAt) / 1000;
  if (seconds >= LONG) return "phase-long";
  if (seconds < REWRITE && job.parameters.optimization) return "phase-optimizing";
  if (seconds < REWRITE && /[^\x00-\x7f]/.test(job.parameters.prompt)) return "phase-translating";
  return "phase-drawing";
}

/** A frame of the picture's shape. @param {import("./job.js").Job} job @param {HTMLElement} content */
export function frameOf(job, content) {
  const frame = make("div.frame", {}, content);
  frame.style.setProperty("--w", job.size.width > 1 ? job.size.width : 512);
  frame.style.setProperty("--h", job.size.height > 1 ? job.size.height : 512);
  return make("div.mount", {}, frame);
}
