/** The stage: the pictures being drawn, and the last one that was. */
import { announce } from "../shared/announce.js";
import { byId, prefersReducedMotion } from "../shared/dom.js";
import { query } from "../shared/links.js";
import { drawCard } from "./card.js";
import { Job } from "./job.js";

/** @type {{job: Job, card: HTMLElement}[]} the newest first */
let shown = [];

/**
 * Puts a job on the stage and starts it. What is finished makes room; what is being drawn stays.
 * @param {Record<string, string>} parameters
 * @param {string | null} permalink where it is stored, for a picture of the history
 * @param {{actions: import("./card.js").CardActions, done: (job: Job) => void}} page `done` is called when it is there
 * @returns {Job} the job; one that was already being drawn for these very parameters, if there is one
 */
export function stageJob(parameters, permalink, { actions, done }) {
  const twin = shown.find(({ job }) => !job.settled && query(job.parameters) === query(parameters));
  if (twin) {
    announce("already-drawing");
    twin.card.classList.remove("nudge");
    requestAnimationFrame(() => twin.card.classList.add("nudge"));
    return twin.job;
  }
  const job = new Job(parameters, permalink);
  job.addEventListener("change", () => {
    if (job.state === "done") done(job);
  });
  const finished = job.run();
  const card = drawCard(job, actions);
  for (const old of shown.filter((item) => item.job.settled)) old.card.remove();
  shown = [{ job, card }, ...shown.filter((item) => !item.job.settled)];
  byId("welcome").hidden = true;
  byId("jobs").prepend(card);
  finished.catch(() => {});
  return job;
}

/** The picture that was finished last and is still on show. @returns {import("./image_api.js").Picture | null} */
export const currentPicture = () => shown.find(({ job }) => job.state === "done")?.job.picture || null;

/** Brings the newest card into view, where it is not. */
export function goToStage() {
  const card = shown[0]?.card;
  if (!card) return;
  const { top } = card.getBoundingClientRect();
  if (top >= 0 && top < innerHeight * 0.5) return;
  card.scrollIntoView({ behavior: prefersReducedMotion() ? "auto" : "smooth", block: "start" });
}
