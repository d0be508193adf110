/** Today in figures, and seven days as charts and as a table. */
import { byId, el } from "../shared/dom.js";
import { text } from "../shared/language.js";
import { drawBars } from "./chart.js";
import { day, duration, number, weekday } from "./format.js";
import { total } from "./stats.js";

/** @typedef {import("./stats.js").Day} Day */

/** @param {import("./stats.js").Stats} stats */
export function drawDays({ days, keys }) {
  drawToday(days[0], keys);
  const inOrder = days.slice().reverse();
  drawMade(inOrder);
  drawTimes(inOrder);
  drawTable(days);
}

/** @param {Day} today @param {import("./stats.js").Key[]} keys */
function drawToday(today, keys) {
  const failed = total(today.failed);
  const ready = keys.filter(({ state }) => state === "ready").length;
  /** @type {[string, string, string?][]} */
  const figures = [
    ["made", number(today.made)],
    ["failed", number(failed), failed ? "bad" : ""],
    ["fallbacks", number(today.fallbacks), today.fallbacks ? "odd" : ""],
    ["p50", timeOf(today.p50)],
    ["p95", timeOf(today.p95)],
    ["keys-ready", `${number(ready)} / ${number(keys.length)}`, keys.length && !ready ? "bad" : ""],
  ];
  byId("today").replaceChildren(
    ...figures.map(([key, value, kind]) =>
      el("div.card", { class: `card ${kind ?? ""}` }, el("dt", {}, text(`figure-${key}`)), el("dd", {}, value)),
    ),
  );
}

/** @param {Day[]} days the oldest first */
function drawMade(days) {
  const made = days.reduce((sum, one) => sum + one.made, 0);
  const failed = days.reduce((sum, one) => sum + total(one.failed), 0);
  drawBars(byId("made-chart"), {
    heading: text("chart-made"),
    summary: text("chart-made-summary", { made: number(made), failed: number(failed) }),
    legend: [
      { kind: "made", label: text("figure-made") },
      { kind: "failed", label: text("figure-failed") },
    ],
    bars: days.map((one) => ({
      title: text("chart-made-day", {
        ...{ day: day(one.date), made: number(one.made), failed: number(total(one.failed)) },
      }),
      value: number(one.made),
      label: weekday(one.date),
      parts: [
        { kind: "made", size: one.made },
        { kind: "failed", size: total(one.failed) },
      ],
    })),
  });
}

/** @param {Day[]} days the oldest first */
function drawTimes(days) {
  const slowest = Math.max(0, ...days.map(({ p95 }) => p95 ?? 0));
  drawBars(byId("time-chart"), {
    heading: text("chart-time"),
    summary: text("chart-time-summary", { p95: duration(slowest) }),
    legend: [
      { kind: "p50", label: text("figure-p50") },
      { kind: "p95", label: text("figure-p95") },
    ],
    bars: days.map(({ date, p50, p95 }) => ({
      title: text("chart-time-day", { day: day(date), p50: timeOf(p50), p95: timeOf(p95) }),
      value: timeOf(p50),
      label: weekday(date),
      parts: [
        { kind: "p50", size: p50 ?? 0 },
        { kind: "p95", size: Math.max(0, (p95 ?? 0) - (p50 ?? 0)) },
      ],
    })),
  });
}

const COLUMNS = ["made", "failed", "fallbacks", "p50", "p95"];

/** @param {Day[]} days the newest first */
function drawTable(days) {
  const heads = ["day", ...COLUMNS].map((name) => el("th", { scope: "col" }, text(`figure-${name}`)));
  const rows = days.map((one) => {
    const cells = [
      number(one.made),
      number(total(one.failed)),
      number(one.fallbacks),
      timeOf(one.p50),
      timeOf(one.p95),
    ];
    return el("tr", {}, el("th", { scope: "row" }, day(one.date)), ...cells.map((cell) => el("td", {}, cell)));
  });
  byId("days").replaceChildren(el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
}

/** @param {number | null} milliseconds null: nothing was made */
const timeOf = (milliseconds) => (milliseconds === null ? "–" : duration(milliseconds));
