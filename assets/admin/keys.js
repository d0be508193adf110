/** The keys, each with its state, until when, and what it did. */
import { byId, el } from "../shared/dom.js";
import { hasText, text } from "../shared/language.js";
import { moment, number } from "./format.js";

/** @typedef {import("./stats.js").Key} Key */

/** @param {import("./stats.js").Stats} stats */
export function drawKeys({ keys }) {
  const items = keys.map(drawKey);
  byId("keys").replaceChildren(...(items.length ? items : [el("li.card", {}, text("no-keys"))]));
}

/** @param {Key} key */
function drawKey({ name, endpoint, state, until, models, today, minute, lastError }) {
  // One model that does as the key as a whole is no news.
  const different = models.filter((model) => model.state !== state || model.until !== until);
  return el(
    "li.card",
    {},
    el("span.row", {}, el("h3", {}, el("bdi", {}, keyName(name))), pill(state, until)),
    el("p.soft", {}, el("bdi", {}, endpoint)),
    state === "refused" && el("p.advice", {}, text("refused-advice")),
    el("p", {}, text("key-made", { today: number(today), minute: number(minute) })),
    different.length > 0 &&
      el(
        "ul.models",
        {},
        ...different.map((model) => el("li.row", {}, el("bdi.soft", {}, model.name), pill(model.state, model.until))),
      ),
    lastError &&
      el("p.soft", {}, text("last-error", { error: errorName(lastError.code), time: timeOf(lastError.time) })),
  );
}

/** @param {import("./stats.js").KeyState} state @param {number | null} until in unix seconds */
function pill(state, until) {
  const isTimed = state !== "ready" && until !== null;
  return el(
    `span.pill.${state}`,
    {},
    isTimed ? text(`state-${state}-until`, { time: moment(until) }) : text(`state-${state}`),
  );
}

/** The service numbers the keys in English. @param {string} name */
export function keyName(name) {
  const [, at, end] = /^key (\d+)(.*)$/.exec(name) ?? [];
  return at ? text("key-name", { at, end }) : name;
}

/** What a code of an attempt means. @param {string} code */
const errorName = (code) => (hasText(`key-error.${code}`) ? text(`key-error.${code}`) : code);

/** @param {number | null} time in unix seconds */
const timeOf = (time) => (time === null ? "" : moment(time));
