/** The card of a job: the place of its picture, and what stands around it in each state. */
import { el } from "../shared/dom.js";
import { drawFailure } from "./failure.js";
import { drawResult } from "./result.js";
import { drawWaiting } from "./waiting.js";

/** @typedef {import("./job.js").Job} Job */

/**
 * @typedef {object} CardActions what a card's buttons ask the page for
 * @property {(job: Job) => void} another the same once more, with a seed of its own
 * @property {(seed: string) => void} keepSeed
 * @property {(job: Job) => void} edit
 * @property {(job: Job) => void} enlarge
 */

/**
 * @typedef {object} CardContent what a card shows in one state
 * @property {HTMLElement[]} elements
 * @property {() => void} [update] follows a change within the state
 * @property {() => void} stop releases what the elements hold, when they leave the page
 */

const DRAW = {
  working: drawWaiting,
  done: drawResult,
  failed: drawFailure,
  waiting: drawFailure,
  cancelled: drawFailure,
};

let cards = 0;

/**
 * @param {Job} job
 * @param {CardActions} actions
 * @returns {{element: HTMLElement, stop: () => void}} the card, which follows its job until it is stopped
 */
export function drawCard(job, actions) {
  const id = `job-${++cards}`;
  const prompt = el("h3.asked", { id, dir: "auto" }, job.parameters.prompt);
  const body = el("div.body");
  const card = el("article.job", { "aria-labelledby": id, tabindex: "-1" }, body);
  let drawn = "";
  /** @type {CardContent} */
  let content = { elements: [], stop: () => {} };

  const draw = () => {
    if (drawn === job.state && job.state !== "waiting") return content.update?.();
    content.stop();
    const hadFocus = body.contains(document.activeElement);
    drawn = job.state;
    card.dataset.state = job.state;
    card.setAttribute("aria-busy", String(job.state === "working"));
    content = DRAW[job.state](job, actions, prompt);
    body.replaceChildren(...content.elements);
    if (hadFocus) card.focus({ preventScroll: true }); // the button in focus is gone
  };
  job.addEventListener("change", draw);
  draw();
  return {
    element: card,
    stop: () => {
      job.removeEventListener("change", draw);
      content.stop();
    },
  };
}
