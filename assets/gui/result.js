/** The card of a picture that is there: the picture, what it was made with, and the ways to hand it on. */
import { announce } from "../shared/announce.js";
import { copyOnClick } from "../shared/clipboard.js";
import { el, icon, textElement } from "../shared/dom.js";
import { setText } from "../shared/language.js";
import { altText, asCurl, asHtml, asMarkdown, requestUrl } from "../shared/links.js";
import { liveLink } from "../shared/live_link.js";
import { token } from "./access.js";
import { frameOf } from "./frame.js";
import { copyImageButton, saveButton, shareButton, shownPicture } from "./picture_actions.js";

/**
 * @typedef {import("./job.js").Job} Job
 * @typedef {import("./image_api.js").Picture} Picture
 * @typedef {import("./card.js").CardActions} CardActions
 * @typedef {import("./picture_actions.js").Shown} Shown
 */

/**
 * @param {Job} job that is done
 * @param {CardActions} actions
 * @param {HTMLElement} heading
 * @returns {import("./card.js").CardContent}
 */
export function drawResult(job, actions, heading) {
  const picture = job.picture;
  if (!picture) throw new Error("a job that is done has its picture");
  const shown = shownPicture(job);
  const { prompt } = job.parameters;
  const details = el(
    "div.details",
    {},
    actionBar(job, shown, actions),
    !picture.made && !job.permalink && storedNote(job, actions),
    heading,
    drawnPrompt(picture, prompt),
    liveLink(requestUrl({ ...job.parameters, seed: job.parameters.seed || picture.seed || "" })),
    copyButtons(picture, shown),
    facts(job, picture, actions),
  );
  announce(picture.status === "fallback" ? "done-fallback" : "done");
  return { elements: [frameOf(job, pictureLink(job, shown, actions)), details], stop: shown.stop };
}

/** The picture, which a click enlarges. @param {Job} job @param {Shown} shown @param {CardActions} actions */
function pictureLink(job, { src, link, prompt }, actions) {
  const image = el("img", { alt: altText(prompt), src });
  return el(
    "a.enlarge",
    {
      href: link,
      target: "_blank",
      rel: "noopener",
      onclick: (/** @type {MouseEvent} */ event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return; // as any link
        event.preventDefault();
        actions.enlarge(job);
      },
    },
    image,
  );
}

/** @param {Job} job @param {Shown} shown @param {CardActions} actions */
function actionBar(job, shown, actions) {
  const { link } = shown;
  return el(
    "div.bar",
    {},
    anotherButton(job, actions),
    saveButton(shown),
    copyImageButton(shown),
    shareButton(shown),
    el("a.quiet", { href: link, target: "_blank", rel: "noopener" }, icon("open"), textElement("span", "open")),
  );
}

/** @param {Job} job @param {CardActions} actions */
const anotherButton = (job, actions) =>
  el(
    "button.quiet",
    { type: "button", "data-act": "another", onclick: () => actions.another(job) },
    icon("again"),
    textElement("span", "another"),
  );

/** @param {Job} job @param {CardActions} actions */
const storedNote = (job, actions) =>
  el(
    "p.stored",
    {},
    textElement("span", "found-stored"),
    textElement(
      "button.link",
      "draw-another",
      {},
      { type: "button", "data-act": "draw-another", onclick: () => actions.another(job) },
    ),
  );

/** The list of what the picture was made with. @param {Job} job @param {Picture} picture @param {CardActions} actions */
function facts(job, picture, actions) {
  const list = el("dl.facts");
  /** @param {string} key @param {Node | string | null | false | undefined} value */
  const add = (key, value) => {
    if (value) list.append(el("div", {}, textElement("dt", key), el("dd", {}, value)));
  };
  const { seed } = picture;
  add("fact-model", picture.model);
  add("fact-seed", seed && keepSeedButton(seed, actions));
  add("fact-size", (picture.size || job.parameters.size)?.replace("x", " × "));
  if (!job.permalink) add("fact-time", textElement("span", "seconds", { seconds: job.seconds.toFixed(1) }));
  add("fact-source", textElement("span", picture.made ? "source-made" : "source-stored"));
  if (!picture.permalink) add("fact-kept", textElement("span", "not-stored"));
  return list;
}

/** @param {string} seed @param {CardActions} actions */
function keepSeedButton(seed, actions) {
  const button = el("button", { type: "button", onclick: () => actions.keepSeed(seed) }, seed);
  setText(button, "seed-keep", { seed }, "title");
  return button;
}

/** @param {Picture} picture @param {Shown} shown */
function copyButtons(picture, { link, prompt, file }) {
  const ways = {
    "copy-link": link,
    "copy-markdown": asMarkdown(link, prompt),
    "copy-html": asHtml(link, prompt),
    "copy-curl": asCurl(link, file, !picture.permalink && Boolean(token())),
  };
  const buttons = Object.entries(ways).map(([key, text]) => {
    const label = textElement("span", key);
    const button = el("button.quiet", { type: "button", "data-copy": key }, label);
    copyOnClick(button, () => text, label);
    return button;
  });
  const group = el(
    "div.copy-as",
    { role: "group" },
    el("span", { "aria-hidden": "true" }, icon("copy"), textElement("span", "copy-as")),
    ...buttons,
  );
  return setText(group, "copy-as", {}, "aria-label");
}

/** The prompt that was really drawn, and what had been done to it. @param {Picture} picture @param {string} typed */
function drawnPrompt(picture, typed) {
  if (!picture.prompt || !picture.status) return null;
  if (picture.status === "original" && picture.prompt === typed) return null;
  const badge = textElement(`span.badge.${picture.status}`, `status-${picture.status}`);
  return el(
    "div.drawn",
    {},
    el("div.heading", {}, textElement("b", "drawn-prompt"), badge),
    el("p", { dir: "auto", tabindex: "0" }, picture.prompt),
    picture.status === "fallback" && textElement("span.hint", "fallback-note"),
  );
}
