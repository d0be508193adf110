/** The card of a picture that is there: the picture, what it was made with, and the ways to hand it on. */
import { announce } from "../shared/announce.js";
import { copyOnClick } from "../shared/clipboard.js";
import { el, icon, textElement } from "../shared/dom.js";
import { altText, asCurl, asHtml, asMarkdown, fileName, requestUrl } from "../shared/links.js";
import { token } from "./access.js";
import { frameOf } from "./frame.js";

/**
 * @typedef {import("./job.js").Job} Job
 * @typedef {import("./image_api.js").Picture} Picture
 * @typedef {import("./card.js").CardActions} CardActions
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
  const source = URL.createObjectURL(picture.blob);
  const link = picture.permalink || requestUrl(job.parameters);
  const prompt = job.parameters.prompt;
  const size = picture.size || job.parameters.size;
  const file = fileName({ prompt, size, seed: picture.seed, type: picture.type });

  const image = el("img", { alt: altText(prompt), src: source });
  const frame = frameOf(job, el("a", { href: link, target: "_blank", rel: "noopener" }, image));
  const details = el(
    "div.details",
    {},
    heading,
    drawnPrompt(picture, prompt),
    el(
      "div.bar",
      {},
      el("a.quiet", { href: source, download: file }, icon("download"), textElement("span", "download")),
      el("a.quiet", { href: link, target: "_blank", rel: "noopener" }, icon("open"), textElement("span", "open")),
      el(
        "button.quiet",
        { type: "button", onclick: () => actions.anotherSeed(job) },
        icon("again"),
        textElement("span", "another-seed"),
      ),
    ),
    copyButtons(picture, { link, prompt, file }),
    facts(job, picture, size, actions),
  );
  announce(picture.status === "fallback" ? "done-fallback" : "done");
  return { elements: [frame, details], stop: () => URL.revokeObjectURL(source) };
}

/**
 * The list of what the picture was made with.
 * @param {Job} job
 * @param {Picture} picture
 * @param {string} size
 * @param {CardActions} actions
 */
function facts(job, picture, size, actions) {
  const list = el("dl.facts");
  /** @param {string} key @param {Node | string | null | false | undefined} value */
  const add = (key, value) => {
    if (value) list.append(el("div", {}, textElement("dt", key), el("dd", {}, value)));
  };
  const { seed } = picture;
  add("fact-model", picture.model);
  add("fact-seed", seed && el("button", { type: "button", onclick: () => actions.keepSeed(seed) }, seed));
  add("fact-size", size?.replace("x", " × "));
  if (!job.permalink) add("fact-time", textElement("span", "seconds", { seconds: job.seconds.toFixed(1) }));
  add("fact-source", textElement("span", picture.made ? "source-made" : "source-stored"));
  if (!picture.permalink) add("fact-kept", textElement("span", "not-stored"));
  return list;
}

/** @param {Picture} picture @param {{link: string, prompt: string, file: string}} of */
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
  return el("div.copy-as", { role: "group" }, el("span", {}, icon("copy"), textElement("span", "copy-as")), ...buttons);
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
