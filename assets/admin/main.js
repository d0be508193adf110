/** The owner's page: keys, quotas and pictures, and what needs the owner. */
import "./texts/texts.js";
import { byId } from "../shared/dom.js";
import { setText } from "../shared/language.js";
import { startMasthead } from "../shared/masthead.js";
import { Problem } from "../shared/problem.js";
import { drawDays } from "./days.js";
import { moment } from "./format.js";
import { drawKeys } from "./keys.js";
import { getStats } from "./owner_api.js";
import { forgetToken, ownerToken } from "./owner_token.js";
import { loadPictures, startPictures } from "./pictures.js";
import { sendDeletions } from "./picture_work.js";
import { showProblem } from "./problem_box.js";
import { drawShares } from "./shares.js";
import { askForToken, hideSignIn, startSignIn } from "./sign_in.js";
import { drawWarnings } from "./warnings.js";

/** How often the figures are asked for anew while the page is looked at, in milliseconds. */
const EVERY = 60_000;

/** @type {import("./stats.js").Stats | null} */
let stats = null;

/** When they were told, in unix seconds. */
let statsTime = 0;

/** The first look with a token: all there is, or the question for another token. */
async function enter() {
  const isKnown = await updateStats();
  if (!isKnown) return;
  const isFromForm = !byId("sign-in").hidden;
  showDashboard();
  if (isFromForm) byId("dashboard-title").focus();
  loadPictures();
}

/** @returns {Promise<boolean>} false: the token is not an owner's, and the page asks for another */
async function updateStats() {
  try {
    stats = await getStats();
    statsTime = Date.now() / 1000;
    byId("stats-problem").replaceChildren();
  } catch (error) {
    if (isRefused(error)) return false;
    showProblem(byId("stats-problem"), error, updateStats);
  }
  drawStats();
  return true;
}

/** Goes back to the question where an answer says that the token will not do. @param {unknown} error */
function isRefused(error) {
  if (!(error instanceof Problem) || error.status !== 401) return false;
  // One of several answers: the first has led back already.
  if (ownerToken() !== null) leave(stats === null ? "token-refused" : "token-no-longer");
  return true;
}

/** @param {string} [reason] the sentence that says why */
function leave(reason) {
  forgetToken();
  stats = null;
  byId("dashboard").hidden = true;
  byId("sign-out").hidden = true;
  askForToken(reason);
}

function showDashboard() {
  hideSignIn();
  byId("dashboard").hidden = false;
  byId("sign-out").hidden = false;
}

function drawStats() {
  const place = byId("stats");
  place.hidden = stats === null;
  byId("stats-loading").hidden = stats !== null || byId("stats-problem").childElementCount > 0;
  if (!stats) return;
  setText(byId("as-of"), "as-of", { time: moment(statsTime) });
  for (const draw of [drawWarnings, drawDays, drawShares, drawKeys]) draw(stats);
}

startMasthead();
startSignIn(enter);
startPictures(isRefused);
setText(byId("sign-out"), "token-forget", {}, "aria-label");
byId("sign-out").addEventListener("click", () => {
  sendDeletions();
  forgetToken();
  // What the page has read of the deployment goes with it.
  location.reload();
});
byId("reload").addEventListener("click", () => {
  updateStats();
  loadPictures();
});
addEventListener("pagehide", sendDeletions);
addEventListener("languagechanged", drawStats);
setInterval(() => {
  if (stats && document.visibilityState === "visible") updateStats();
}, EVERY);
if (ownerToken()) {
  showDashboard();
  enter();
} else {
  askForToken();
}
document.documentElement.dataset.ready = "";
