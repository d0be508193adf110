/** The card of a picture that is there: the picture, what it was made with, and the ways to hand it on. */
import { announce } from "../shared/announce.js";
import { copies } from "../shared/clipboard.js";
import { icon, make, said } from "../shared/dom.js";
import { asCurl, asHtml, asMarkdown, altText, fileName, requestUrl } from "../shared/links.js";
import { token } from "./access.js";
import { frameOf } from "./card.js";

/** @param {import("./job.js").Job} job @param {import("./card.js").Wishes} wishes @param {HTMLElement} asked */
export function drawResult(job, wishes, asked) {
  const picture = job.picture;
  const source = URL.createObjectURL(picture.blob);
  const link = picture.permalink || requestUrl(job.parameters);
  const prompt = job.parameters.prompt;
  const image = make("img", { alt: altText(prompt), src: source });
  const frame = frameOf(job, make("a", { href: link, target: "_blank", rel: "noopener" }, image));
  const size = picture.size || job.parameters.size;
  const facts = make("dl.facts");
  const details = make("div.details", {}, asked, drawnPrompt(picture, prompt), actions(), copyAs(), facts);

  fact("fact-model", picture.model);
  fact("fact-seed", picture.seed && seedButton(picture.seed));
  fact("fact-size", size?.replace("x", " × "));
  if (!job.permalink) fact("fact-time", said("span", "seconds", { seconds: job.seconds.toFixed(1) }));
  fact("fact-source", said("span", picture.made ? "source-made" : "source-stored"));
  if (!picture.permalink) fact("fact-kept", said("span", "not-stored"));
  announce(picture.status === "fallback" ? "done-fallback" : "done");
  return { elements: [frame, details], stop: () => URL.revokeObjectURL(source) };

  function fact(key, value) {
    if (value) facts.append(make("div", {}, said("dt", key), make("dd", {}, value)));
  }

  function seedButton(seed) {
    const button = make("button", { type: "button", onclick: () => wishes.keepSeed(seed) }, seed);
    return button;
  }

  function actions() {
    const file = fileName({ prompt, size, seed: picture.seed, type: picture.type });
    const button = (name, key, onclick) =>
      make("button.quiet", { type: "button", onclick }, icon(name), said("span", key));
    return make(
      "div.bar",
      {},
      make("a.quiet", { href: source, download: file }, icon("download"), said("span", "download")),
      make("a.quiet", { href: link, target: "_blank", rel: "noopener" }, icon("open"), said("span", "open")),
      button("again", "another-seed", () => wishes.anotherSeed(job)),
    );
  }

  function copyAs() {
    const file = fileName({ prompt, size, seed: picture.seed, type: picture.type });
    const ways = {
      "copy-link": link,
      "copy-markdown": asMarkdown(link, prompt),
      "copy-html": asHtml(link, prompt),
      "copy-curl": asCurl(link, file, !picture.permalink && Boolean(token())),
    };
    const buttons = Object.entries(ways).map(([key, what]) => {
      const label = said("span", key);
      const button = make("button.quiet", { type: "button", "data-copy": key }, label);
      copies(button, () => what, label);
      return button;
    });
    return make("div.copy-as", { role: "group" }, make("span", {}, icon("copy"), said("span", "copy-as")), ...buttons);
  }
}

/** The prompt that was really drawn, and what had been done to it. */
function drawnPrompt(picture, asked) {
  if (!picture.prompt || !picture.status) return null;
  if (picture.status === "original" && picture.prompt === asked) return null;
  const badge = said(`span.badge.${picture.status}`, `status-${picture.status}`);
  return make(
    "div.drawn",
    {},
    make("div.heading", {}, said("b", "drawn-prompt"), badge),
    make("p", { dir: "auto", tabindex: "0" }, picture.prompt),
    picture.status === "fallback" && said("span.hint", "fallback-note"),
  );
}
