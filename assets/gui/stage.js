/** The stage: the pictures being drawn, and the last one that was. */
import { announce } from "../shared/announce.js";
import { byId, calm } from "../shared/dom.js";
import { query } from "../shared/links.js";
import { drawCard } from "./card.js";
import { Job } from "./job.js";

/** @type {{job: Job, card: HTMLElement}[]} the newest first */
let shown = [];

/**
 * Puts a job on the stage and starts it. What is finished makes room; what is being drawn stays.
 * @param {Record<string, string>} parameters
 * @param {string | null} permalink where it is stored, for a picture of the history
 * @param {{wishes: import("./card.js").Wishes, done: (job: Job) => void}} page
 * @returns {Job} the job; one that was already being drawn for these very parameters, if there is one
 */
export function stageJob(parameters, permalink, { wishes, done }) {
  const twin = shown.find(({ job }) => !job.over && query(job.parameters) === query(parameters));
  if (twin) {
    announce("already-drawing");
    twin.card.classList.remove("nudge");
    requestAnimationFrame(() => twin.card.classList.add("nudge"));
    return twin.job;
  }
  const job = new Job(parameters, permalink);
  job.addEventListener("change", () => job.state === "done" && done(job));
  const finished = job.run();
  const card = drawCard(job, wishes);
  for (const old of shown.filter((item) => item.job.over)) old.card.remove();
  shown = [{ job, card }, ...shown.filter((item) => !item.job.over)];
  byId("welcome").hidden = true;
  byId("jobs").prepend(card);
  finished.catch(() => {});
  return job;
}

/** The picture that was finished last and is still on show. @returns {import("./image_api.js").Picture | null} */
export const onShow = () => shown.find(({ job }) => job.state === "done")?.job.picture || null;

/** Brings the newest card into view, where it is not. */
export function goToStage() {
  const card = shown[0]?.card;
  const box = card?.getBoundingClientRect();
  if (!box || (box.top >= 0 && box.top < innerHeight * 0.5)) return;
  card.scrollIntoView({ behavior: calm() ? "auto" : "smooth", block: "start" });
}
