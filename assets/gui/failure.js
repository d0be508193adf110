/** The card of a picture that is not there: why, what to do, and when it is tried again. */
import { el, icon, textElement } from "../shared/dom.js";
import { hasText, language, setText } from "../shared/language.js";

/** @typedef {import("./job.js").Job} Job */

/**
 * @param {Job} job
 * @param {import("./card.js").CardActions} actions
 * @param {HTMLElement} prompt
 * @returns {import("./card.js").CardContent}
 */
export function drawFailure(job, actions, prompt) {
  const { problem, state } = job;
  const code = state === "cancelled" ? "cancelled" : knownCode(problem?.code);
  const box = el("div.failure", { role: "alert" });
  if (state === "cancelled" || state === "waiting") box.classList.add("mild");
  box.append(
    el("h3", {}, icon("alert"), textElement("span", `error.${code}`)),
    textElement("p", adviceFor(code, problem), { parameter: problem?.param || "" }),
  );
  if (state !== "cancelled" && problem?.message) box.append(serviceWords(problem.message));

  const countdown = job.retryAt === null ? null : startCountdown(job.retryAt);
  if (countdown) box.append(countdown.element);
  else if (state !== "waiting" && problem?.retryAfter) box.append(retryTime(problem.retryAfter));
  box.append(buttons(job, actions, code));
  return { elements: [box, el("div.details", {}, prompt)], stop: () => countdown?.stop() };
}

/** The one piece of advice. @param {string} code @param {import("../shared/problem.js").Problem | null} problem */
function adviceFor(code, problem) {
  if (code === "invalid_parameter" && !problem?.param) return "advice.reload";
  return hasText(`advice.${code}`) ? `advice.${code}` : "advice.reload";
}

/** What the service itself said: in English, and for those who want to know. @param {string} message */
const serviceWords = (message) =>
  el(
    "details.words",
    {},
    textElement("summary", "service-said"),
    el("p.said", { dir: "auto", lang: "en" }, el("bdi", {}, message)),
  );

/** @param {Job} job @param {import("./card.js").CardActions} actions @param {string} code */
function buttons(job, actions, code) {
  /** @param {string} key @param {() => void} onclick */
  const button = (key, onclick) => textElement("button.quiet", key, {}, { type: "button", onclick });
  const bar = el("div.bar");
  if (job.retryAt !== null) bar.append(button("retry-now", () => job.retry()));
  else if (job.state !== "waiting") {
    bar.append(button(code === "image_not_found" ? "make-again" : "retry", () => job.retry()));
  }
  bar.append(job.state === "waiting" ? button("cancel", () => job.cancel()) : button("edit", () => actions.edit(job)));
  return bar;
}

/** The seconds until the next try. @param {number} retryAt as Date.now() counts */
function startCountdown(retryAt) {
  // The box has said what is wrong; a number that changes each second is for the eye.
  const element = el("p.countdown", { role: "timer", "aria-live": "off" });
  const tick = () => {
    setText(element, "retry-in", { seconds: Math.max(0, Math.ceil((retryAt - Date.now()) / 1000)) });
  };
  tick();
  const timer = setInterval(tick, 250);
  return { element, stop: () => clearInterval(timer) };
}

/** A wait too long to sit through, as a time of day. @param {number} seconds */
function retryTime(seconds) {
  const time = new Date(Date.now() + seconds * 1000);
  /** @type {Intl.DateTimeFormatOptions} */
  const day = seconds > 12 * 3600 ? { month: "2-digit", day: "2-digit" } : {};
  return textElement("p.countdown", "retry-at", {
    time: new Intl.DateTimeFormat(language(), { ...day, hour: "2-digit", minute: "2-digit" }).format(time),
  });
}

/** @param {string | undefined} code */
const knownCode = (code) => (code && hasText(`error.${code}`) ? code : "unknown");
