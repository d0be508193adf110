/** The form page: asks for pictures, shows them, and remembers them. */
import { announce } from "../shared/announce.js";
import { byId, inputById } from "../shared/dom.js";
import { setText } from "../shared/language.js";
import { query } from "../shared/links.js";
import { startMasthead } from "../shared/masthead.js";
import { toast } from "../shared/toast.js";
import { startAccess } from "./access.js";
import { keepDraft, replaceForm, restoreDraft, settleDraft } from "./draft.js";
import { fillForm, goToForm, offerModels, readForm, refresh, startForm, wrongParameters } from "./form.js";
import { startGallery } from "./gallery.js";
import { addEntry, keyOf } from "./history.js";
import { startIdeas } from "./ideas.js";
import { startImprove, withoutRewriting } from "./improve.js";
import { startLibrary } from "./library.js";
import { startLightbox } from "./lightbox.js";
import { readPageUrl, writePageUrl, writePageUrlSoon } from "./page_url.js";
import { isLocked, seedsFrom, setSeed, startSeed } from "./seed.js";
import { listModels, readHealth } from "./service.js";
import { currentPicture, goToStage, stageJobs } from "./stage.js";
import { startStyles } from "./styles.js";
import { cacheBlob } from "./thumb.js";
import { compareEntries, enlargeJob } from "./view.js";

/** @type {import("./card.js").CardActions} */
const actions = {
  another(job) {
    const [seed] = seedsFrom("", 1);
    stage([{ parameters: { ...job.parameters, seed } }]);
    if (!isLocked()) setSeed(seed, "used");
  },
  keepSeed(seed) {
    setSeed(seed, "locked");
    announce("seed-kept", { seed });
  },
  edit(job) {
    replaceForm(job.parameters, "once");
    goToForm();
  },
  enlarge: enlargeJob,
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

/** @param {Parameters<typeof stageJobs>[0]} wanted */
function stage(wanted) {
  writePageUrl(wanted[0].parameters);
  stageJobs(wanted, { actions, done });
  goToStage();
}

/** @param {Record<string, string>} parameters as the form has them; a seed is drawn where it has none */
function send(parameters) {
  const checked = /** @type {RadioNodeList} */ (
    /** @type {HTMLFormElement} */ (byId("form")).elements.namedItem("count")
  ).value;
  const seeds = seedsFrom(parameters.seed ?? "", Number(checked) || 1);
  stage(seeds.map((seed) => ({ parameters: { ...parameters, seed } })));
  if (!isLocked()) setSeed(seeds[0], "used");
  settleDraft();
  refresh();
}

/** @param {Record<string, string>} parameters of an idea */
function take(parameters) {
  replaceForm(parameters, "once");
  writePageUrl(readForm());
  goToForm();
}

function showConnection() {
  const banner = byId("offline");
  banner.hidden = navigator.onLine;
  if (!navigator.onLine) setText(banner, "offline-banner");
}

/** Fills the form from the page's URL, shows the picture it names, and makes none unasked. */
function openPageUrl() {
  const { parameters, id } = readPageUrl();
  if (!Object.keys(parameters).length) return restoreDraft();
  fillForm(parameters, id ? "used" : "once");
  const wrong = wrongParameters(parameters);
  if (wrong.length) toast("shared-wrong", { parameters: wrong.join(", ") });
  if (id && parameters.prompt) {
    settleDraft();
    stageJobs([{ parameters, permalink: `/i/${id}` }], { actions, done });
  }
  return true;
}

async function askService() {
  const { parameters } = readPageUrl();
  const [models, health] = await Promise.all([listModels(), readHealth()]);
  if (!offerModels(models, parameters.model)) toast("shared-wrong", { parameters: "model" });
  if (!health.rewrites) withoutRewriting();
  const banner = byId("not-drawing");
  banner.hidden = health.draws;
  if (!health.draws) {
    setText(byId("not-drawing-text"), "draws-not");
    byId("not-drawing-why").textContent = health.why;
    byId("not-drawing-why").lang = "en";
  }
}

startMasthead();
startAccess();
startSeed(() => currentPicture()?.seed || null);
startForm(send, () => {
  writePageUrlSoon(readForm);
  keepDraft();
});
const showStyles = startStyles();
startImprove();
startLightbox();
startGallery((entry) => {
  replaceForm({ ...entry.parameters, seed: entry.parameters.seed ?? entry.seed ?? "" }, "used");
  showStyles();
  stage([entry]);
});
startLibrary(compareEntries);
startIdeas((parameters) => {
  take(parameters);
  showStyles();
});
addEventListener("online", showConnection);
addEventListener("offline", showConnection);
showConnection();
openPageUrl();
showStyles();
for (const radio of document.querySelectorAll('[name="count"]')) {
  radio.addEventListener("change", () => {
    const count = /** @type {HTMLInputElement} */ (radio).value;
    byId("count-hint").hidden = count === "1";
    setText(byId("count-hint"), "count-hint", { count });
  });
}
document.documentElement.dataset.ready = "";
// Pressed before the page was ready: now it is.
if (document.documentElement.dataset.held === "") {
  delete document.documentElement.dataset.held;
  /** @type {HTMLFormElement} */ (byId("form")).requestSubmit(inputById("generate"));
}
askService();
