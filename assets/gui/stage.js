/** The stage: the pictures that were asked for last, large, and the ones before them, small. */
import { announce } from "../shared/announce.js";
import { byId, prefersReducedMotion } from "../shared/dom.js";
import { query } from "../shared/links.js";
import { drawCard } from "./card.js";
import { setShape } from "./frame.js";
import { Job } from "./job.js";

/** How many pictures of before stay beside the last ones; the history has them all. */
const MAX_EARLIER = 4;

/** @typedef {{job: Job, card: ReturnType<typeof drawCard>}} Shown */

/** What was asked for last. @type {Shown[]} */
let latest = [];

/** What was asked for before, the newest first. @type {Shown[]} */
let earlier = [];

/**
 * Puts jobs on the stage and starts them.
 * @param {{parameters: Record<string, string>, permalink?: string | null}[]} wanted `permalink`: where it is stored, for
 *   a picture of the history
 * @param {{actions: import("./card.js").CardActions, done: (job: Job) => void}} page `done` is called when one is there
 */
export function stageJobs(wanted, { actions, done }) {
  const fresh = wanted.filter(({ parameters }) => !isUnderWay(parameters));
  if (!fresh.length) return;
  moveAside();
  latest = fresh.map(({ parameters, permalink }) => {
    const job = new Job(parameters, permalink ?? null);
    job.addEventListener("change", () => {
      if (job.state === "done") done(job);
    });
    job.run().catch(() => {});
    return { job, card: drawCard(job, actions) };
  });
  byId("welcome").hidden = true;
  document.documentElement.dataset.stage = "";
  byId("jobs").dataset.count = String(latest.length);
  setShape(byId("jobs"), latest[0].job);
  byId("jobs").replaceChildren(...latest.map(({ card }) => card.element));
  byId("earlier").replaceChildren(...earlier.map(({ card }) => card.element));
}

/** True if this very picture is being made, which is said. @param {Record<string, string>} parameters */
function isUnderWay(parameters) {
  const twin = all().find(({ job }) => !job.settled && query(job.parameters) === query(parameters));
  if (!twin) return false;
  announce("already-drawing");
  twin.card.element.classList.remove("nudge");
  requestAnimationFrame(() => twin.card.element.classList.add("nudge"));
  return true;
}

/** Makes room: what is being made stays, and of the rest the last few. */
function moveAside() {
  let settled = 0;
  const kept = [...latest, ...earlier].filter(({ job }) => {
    if (!job.settled) return true;
    if (job.state !== "done") return false;
    settled += 1;
    return settled <= MAX_EARLIER;
  });
  for (const item of all()) if (!kept.includes(item)) item.card.stop();
  earlier = kept;
}

const all = () => [...latest, ...earlier];

/** The jobs whose pictures are on show, the newest first. */
export const finishedJobs = () =>
  all()
    .map(({ job }) => job)
    .filter((job) => job.state === "done");

/** The picture that was finished last and is still on show. @returns {import("./image_api.js").Picture | null} */
export const currentPicture = () => finishedJobs()[0]?.picture || null;

/** Brings the newest card into view, where it is not. */
export function goToStage() {
  const card = latest[0]?.card.element;
  if (!card) return;
  const { top } = card.getBoundingClientRect();
  if (top >= 0 && top < innerHeight * 0.3) return;
  card.scrollIntoView({ behavior: prefersReducedMotion() ? "auto" : "smooth", block: "start" });
}
