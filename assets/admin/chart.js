/** A small bar chart as SVG: a bar for each day, made of parts that stand on each other. */
import { el } from "../shared/dom.js";

const SVG = "http://www.w3.org/2000/svg";

/** The place of a bar, and the bar in it, in the drawing's own units; it is stretched to where it stands. */
const SLOT = 100;
const BAR = 62;
const HEIGHT = 100;

/** What there is of a thing is to be seen, however little. */
const LEAST = 2;

/**
 * @typedef {object} Bar
 * @property {string} title what a pointer at it is told
 * @property {string} value in words, below it
 * @property {string} label below that
 * @property {{kind: string, size: number}[]} parts from the ground up; `kind` is a class of the style sheet
 */

/**
 * @param {HTMLElement} figure to draw into
 * @param {object} chart
 * @param {string} chart.heading
 * @param {string} chart.summary all of it in a sentence, for those who do not see it
 * @param {{kind: string, label: string}[]} chart.legend
 * @param {Bar[]} chart.bars
 */
export function drawBars(figure, { heading, summary, legend, bars }) {
  const tallest = Math.max(1, ...bars.map(({ parts }) => parts.reduce((sum, { size }) => sum + size, 0)));
  const plot = svg("svg", {
    class: "plot",
    viewBox: `0 0 ${bars.length * SLOT} ${HEIGHT}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": summary,
  });
  plot.append(...bars.map((bar, at) => drawBar(bar, at, tallest)));
  const keys = legend.map(({ kind, label }) => el("li", {}, el(`i.${kind}`), label));
  const axis = bars.map(({ value, label }) => el("li", {}, el("b", {}, value), label));
  figure.replaceChildren(
    el("figcaption", {}, el("b", {}, heading), el("ul.legend", {}, ...keys)),
    plot,
    // The sentence has said it.
    el("ol.axis", { "aria-hidden": "true" }, ...axis),
  );
}

/** @param {Bar} bar @param {number} at @param {number} tallest */
function drawBar({ title, parts }, at, tallest) {
  const group = svg("g", {});
  const name = svg("title", {});
  name.textContent = title;
  // A pointer finds the day also where its bar is low.
  group.append(name, svg("rect", { class: "place", x: at * SLOT, y: 0, width: SLOT, height: HEIGHT }));
  let top = HEIGHT;
  for (const { kind, size } of parts.filter((part) => part.size > 0)) {
    const height = Math.min(top, Math.max(LEAST, (size / tallest) * HEIGHT));
    top -= height;
    group.append(svg("rect", { class: kind, x: at * SLOT + (SLOT - BAR) / 2, y: top, width: BAR, height }));
  }
  return group;
}

/**
 * A bar that lies: how much of a whole there is.
 * @param {{kind: string, share: number}[]} parts each from the left, the longest first; 1 is the whole
 */
export function drawShare(parts) {
  const bar = svg("svg", { class: "share", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" });
  bar.append(svg("rect", { class: "rest", x: 0, y: 0, width: 100, height: 8 }));
  for (const { kind, share } of parts) {
    if (share > 0) bar.append(svg("rect", { class: kind, x: 0, y: 0, width: Math.min(100, share * 100), height: 8 }));
  }
  return bar;
}

/** @param {string} name @param {Record<string, string | number>} attributes */
function svg(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
