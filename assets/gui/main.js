/** The form page: asks for pictures, shows them, and remembers them. */
import { announce } from "../shared/announce.js";
import { byId, inputById } from "../shared/dom.js";
import { setText } from "../shared/language.js";
import { randomSeed } from "../shared/limits.js";
import { query } from "../shared/links.js";
import { startMasthead } from "../shared/masthead.js";
import { startAccess } from "./access.js";
import { fillForm, goToForm, offerModels, readForm, refresh, startForm } from "./form.js";
import { cacheBlob, startGallery } from "./gallery.js";
import { addEntry, keyOf } from "./history.js";
import { listModels } from "./image_api.js";
import { readPageUrl, writePageUrl, writePageUrlSoon } from "./page_url.js";
import { clearUnlockedSeed, setSeed, startSeed } from "./seed.js";
import { currentPicture, goToStage, stageJob } from "./stage.js";

/** @type {import("./card.js").CardActions} */
const actions = {
  /** The same once more, with a number that the page draws: the picture it makes can be linked to. */
  anotherSeed(job) {
    stage({ ...job.parameters, seed: randomSeed() });
  },
  keepSeed(seed) {
    setSeed(seed, true);
    /** @type {HTMLDetailsElement} */ (byId("advanced")).open = true;
    announce("seed-kept", { seed });
  },
  edit(job) {
    fillForm(job.parameters);
    goToForm();
  },
};

/** @param {import("./job.js").Job} job */
function done(job) {
  const { picture, parameters } = job;
  if (!picture) return;
  if (picture.permalink && query(readPageUrl().parameters) === query(parameters)) writePageUrl(parameters, picture.id);
  if (job.permalink) return; // the history knows it
  const permalink = picture.permalink && new URL(picture.permalink).pathname;
  const entry = { parameters, permalink, seed: picture.seed, at: Date.now() };
  cacheBlob(keyOf(entry), picture.blob);
  addEntry(entry);
}

/** @param {Record<string, string>} parameters @param {string | null} [permalink] */
function stage(parameters, permalink = null) {
  writePageUrl(parameters);
  stageJob(parameters, permalink, { actions, done });
  goToStage();
}

function showConnection() {
  const banner = byId("offline");
  banner.hidden = navigator.onLine;
  if (!navigator.onLine) setText(banner, "offline-banner");
}

startMasthead();
startAccess();
startSeed(() => currentPicture()?.seed || null);
startForm(
  (parameters) => {
    stage(parameters);
    clearUnlockedSeed();
    refresh();
  },
  () => writePageUrlSoon(readForm),
);
startGallery((entry) => {
  fillForm(entry.parameters);
  stage(entry.parameters, entry.permalink);
});
for (const idea of byId("ideas").querySelectorAll("button")) {
  idea.addEventListener("click", () => {
    inputById("prompt").value = idea.textContent ?? "";
    byId("prompt").dispatchEvent(new Event("input", { bubbles: true }));
    goToForm();
  });
}
addEventListener("online", showConnection);
addEventListener("offline", showConnection);
showConnection();

const given = readPageUrl();
if (Object.keys(given.parameters).length) fillForm(given.parameters);
// A page opened at the URL of a picture shows it; without an id nothing is made unasked.
if (given.id && given.parameters.prompt) stageJob(given.parameters, `/i/${given.id}`, { actions, done });
listModels().then((models) => offerModels(models, given.parameters.model));
document.documentElement.dataset.ready = "";
