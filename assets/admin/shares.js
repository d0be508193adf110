/** Who and what took part, each with a bar: models, failures, tokens. */
import { byId, el } from "../shared/dom.js";
import { hasText, text } from "../shared/language.js";
import { drawShare } from "./chart.js";
import { number } from "./format.js";
import { summed } from "./stats.js";

/** What the service calls callers without a token. */
const ANONYMOUS = "anonymous";

/** The share of its quota from which on a token is pointed out. */
const NEARLY = 0.9;

/**
 * @typedef {object} Row
 * @property {string} name as somebody wrote it, or in the page's words
 * @property {string} note
 * @property {Parameters<typeof drawShare>[0]} parts
 */

/** @param {import("./stats.js").Stats} stats */
export function drawShares({ days, tokens }) {
  drawRows(
    "models",
    countRows(
      days.map((day) => day.models),
      "week",
      "made",
    ),
  );
  const failures = countRows(
    days.map((day) => day.failed),
    "failed-week",
    "failed",
  );
  drawRows(
    "failures",
    failures.map((row) => ({ ...row, name: reason(row.name) })),
  );
  drawRows("tokens", tokens.map(tokenRow));
}

/**
 * @param {import("./stats.js").Counts[]} days the newest first
 * @param {string} weekKind of the bar of all days
 * @param {string} todayKind of today's in it
 * @returns {Row[]}
 */
function countRows(days, weekKind, todayKind) {
  const sums = summed(days);
  const most = Math.max(1, ...sums.map(([, count]) => count));
  return sums.map(([name, count]) => {
    const today = days[0].get(name) ?? 0;
    return {
      name,
      note: text("today-of-week", { today: number(today), week: number(count) }),
      parts: [
        { kind: weekKind, share: count / most },
        { kind: todayKind, share: today / most },
      ],
    };
  });
}

/** @param {import("./stats.js").Token} token @returns {Row} */
function tokenRow({ name, today, week, perDay }) {
  const shown = name === ANONYMOUS ? text("anonymous") : name;
  const counts = { today: number(today), week: number(week), most: number(perDay ?? 0) };
  if (perDay === null) return { name: shown, note: text("token-free", counts), parts: [] };
  const share = today / Math.max(1, perDay);
  const kind = share >= NEARLY ? "failed" : "made";
  return { name: shown, note: text(share >= 1 ? "token-spent" : "token-quota", counts), parts: [{ kind, share }] };
}

/** What a code means, where the page has words for it. @param {string} code */
const reason = (code) => (hasText(`error.${code}`) ? text(`error.${code}`) : code);

/** @param {string} id of the list @param {Row[]} rows */
function drawRows(id, rows) {
  const items = rows.map(({ name, note, parts }) =>
    el(
      "li",
      {},
      el("span.row", {}, el("bdi.called", {}, name), el("span.soft", {}, note)),
      parts.length > 0 && drawShare(parts),
    ),
  );
  byId(id).replaceChildren(...(items.length ? items : [el("li.soft", {}, text(`no-${id}`))]));
}
