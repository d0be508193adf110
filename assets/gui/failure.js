/** The card of a picture that is not there: why, what to do, and when it is tried again. */
import { icon, make, said } from "../shared/dom.js";
import { language, say } from "../shared/language.js";
import { strings } from "../shared/strings.js";

/** @param {import("./job.js").Job} job @param {import("./card.js").Wishes} wishes @param {HTMLElement} asked */
export function drawFailure(job, wishes, asked) {
  const { problem, state } = job;
  const code = state === "cancelled" ? "cancelled" : known(problem.code);
  const box = make("div.failure", { role: "alert" });
  if (state === "cancelled" || state === "waiting") box.classList.add("mild");
  box.append(
    make("h3", {}, icon("alert"), said("span", `error.${code}`)),
    said("p", strings[`advice.${code}`] ? `advice.${code}` : "advice.reload", { parameter: problem?.param || "" }),
  );
  if (state !== "cancelled" && problem.message) box.append(make("p.said", { dir: "auto" }, problem.message));

  const buttons = make("div.bar");
  const button = (key, onclick) => buttons.append(said("button.quiet", key, {}, { type: "button", onclick }));
  let timer = 0;
  if (job.retryAt) {
    // The box has said what is wrong; a number that changes each second is for the eye.
    const countdown = make("p.countdown", { role: "timer", "aria-live": "off" });
    const tick = () =>
      say(countdown, "retry-in", { seconds: Math.max(0, Math.ceil((job.retryAt - Date.now()) / 1000)) });
    tick();
    timer = setInterval(tick, 250);
    box.append(countdown);
    button("retry-now", () => job.again());
  } else if (state !== "waiting") {
    if (problem?.retryAfter) box.append(whenAgain(problem.retryAfter));
    button(code === "image_not_found" ? "make-again" : "retry", () => job.again());
  }
  if (state === "waiting") button("cancel", () => job.cancel());
  else button("edit", () => wishes.edit(job));
  box.append(buttons);
  return { elements: [box, make("div.details", {}, asked)], stop: () => clearInterval(timer) };
}

/** A wait too long to sit through, as a time of day. */
function whenAgain(seconds) {
  const time = new Date(Date.now() + seconds * 1000);
  const day = seconds > 12 * 3600 ? { month: "2-digit", day: "2-digit" } : {};
  return said("p.countdown", "retry-at", {
    time: new Intl.DateTimeFormat(language(), { ...day, hour: "2-digit", minute: "2-digit" }).format(time),
  });
}

const known = (code) => (strings[`error.${code}`] ? code : "unknown");
