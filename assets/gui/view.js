/** What the lightbox shows: the pictures on the stage, and those of the history behind them. */
import { fileName } from "../shared/links.js";
import { entries } from "./history.js";
import { openLightbox } from "./lightbox.js";
import { shownPicture } from "./picture_actions.js";
import { finishedJobs } from "./stage.js";

/** @typedef {import("./lightbox.js").Item} Item */

/** @param {import("./history.js").Entry} entry that is stored @returns {Item} */
function itemOf({ permalink, parameters, seed }) {
  const link = new URL(permalink ?? "", location.origin).href;
  const type = `image/${/\.(\w+)$/.exec(link)?.[1] ?? "png"}`.replace("/jpg", "/jpeg").replace("/svg", "/svg+xml");
  const { prompt, size } = parameters;
  return { src: link, link, prompt, file: fileName({ prompt, size, seed, type }) };
}

/** A picture's address, whether or not it has an ending. @param {Item} item */
const addressOf = ({ src }) => src.replace(/\.\w+$/, "");

/** @param {import("./job.js").Job} job whose picture is to be large */
export function enlargeJob(job) {
  const onStage = finishedJobs();
  const items = onStage.map((one) => shownPicture(one));
  const known = new Set(items.map(addressOf));
  const stored = entries()
    .filter(({ permalink }) => permalink)
    .map(itemOf)
    .filter((item) => !known.has(addressOf(item)));
  openLightbox([...items, ...stored], onStage.indexOf(job));
}

/** Two of the history, side by side. @param {import("./history.js").Entry[]} pair */
export function compareEntries(pair) {
  const items = pair.filter(({ permalink }) => permalink).map(itemOf);
  if (items.length) openLightbox(items, 0, true);
}
