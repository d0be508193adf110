/** A picture of the store: what it is, its link, and buttons to draw it anew and to delete it. */
import { copyOnClick } from "../shared/clipboard.js";
import { el, icon, textElement } from "../shared/dom.js";
import { setText, text } from "../shared/language.js";
import { altText, encode } from "../shared/links.js";
import { fileSize, moment } from "./format.js";
import { deleteSoon, dismiss, drawnBytes, refresh, workOf } from "./picture_work.js";

/** @typedef {import("./picture.js").Picture} Picture */

/** What a tile shows now, so that only a change is drawn. @type {WeakMap<HTMLElement, {bytes: Blob | null, kind: string}>} */
const shown = new WeakMap();

/** @param {Picture} picture */
export function createTile(picture) {
  const prompt = altText(picture.prompt);
  const name = prompt || picture.id.slice(0, 8);
  const image = el("img", { src: picture.path, alt: "", loading: "lazy", decoding: "async" });
  const link = el("a.thumb", { href: picture.path, target: "_blank", rel: "noopener noreferrer" }, image);
  setText(link, "open-one", { name }, "aria-label");
  image.addEventListener("error", () => image.replaceWith(textElement("span.gone", "not-loaded")));
  const copy = actButton("copy", "copy-one", name);
  copyOnClick(copy, () => picture.url, el("span"));
  return el(
    "li.tile",
    { "data-id": picture.id },
    el("div.frame", {}, link),
    caption(prompt),
    el("p.facts.soft"),
    el(
      "div.acts",
      {},
      copy,
      actButton("again", "refresh-one", name, () => refresh(picture)),
      actButton("trash", "delete-one", name, () => deleteSoon(picture.id)),
    ),
  );
}

/** @param {HTMLElement} tile @param {Picture} picture */
export function updateTile(tile, picture) {
  const facts = tile.querySelector(".facts");
  if (facts) facts.textContent = factsOf(picture);
  const before = shown.get(tile) ?? { bytes: null, kind: "" };
  const now = workOf(picture.id);
  const bytes = drawnBytes(picture.id);
  if (bytes && bytes !== before.bytes) showBytes(tile, bytes);
  const kind = now?.kind ?? "";
  if (kind !== before.kind) showWork(tile, picture, now);
  const left = tile.querySelector(".countdown");
  if (left && now?.kind === "deleting") {
    setText(left, "deleted-in", { seconds: Math.max(0, Math.ceil((now.sendsAt - Date.now()) / 1000)) });
  }
  shown.set(tile, { bytes, kind });
}

/** Lets go of what a tile holds. @param {HTMLElement} tile */
export function releaseTile(tile) {
  const source = tile.querySelector("img")?.src;
  if (source?.startsWith("blob:")) URL.revokeObjectURL(source);
}

/** @param {string} prompt */
function caption(prompt) {
  if (prompt) return el("p.caption", { dir: "auto", title: prompt }, prompt);
  return textElement("p.caption.soft", "no-prompt");
}

/** @param {string} symbol @param {string} key @param {string} name @param {() => void} [onclick] */
function actButton(symbol, key, name, onclick) {
  const button = el("button.plain.round", { type: "button", "data-act": key, onclick }, icon(symbol));
  setText(button, key, { name }, "aria-label");
  return setText(button, key.replace("-one", "-short"), {}, "title");
}

/** @param {Picture} picture */
const factsOf = ({ model, size, bytes, time }) =>
  [
    time === null ? text("no-time") : moment(time),
    size.replace("x", "×"),
    bytes !== null && fileSize(bytes),
    model.split("/").at(-1),
  ]
    .filter(Boolean)
    .join(" · ");

/** @param {HTMLElement} tile @param {Blob} bytes */
function showBytes(tile, bytes) {
  releaseTile(tile);
  tile.querySelector(".thumb")?.replaceChildren(el("img", { src: URL.createObjectURL(bytes), alt: "" }));
}

/** @param {HTMLElement} tile @param {Picture} picture @param {import("./picture_work.js").Work | null} now */
function showWork(tile, picture, now) {
  const hadFocus = tile.contains(document.activeElement);
  tile.querySelector(".over")?.remove();
  tile.toggleAttribute("data-busy", now !== null);
  for (const button of tile.querySelectorAll("button")) button.disabled = now !== null;
  if (now) tile.append(over(picture, now));
  if (!hadFocus) return;
  const next = now
    ? (tile.querySelector(".over button") ?? tile.querySelector(".over"))
    : tile.querySelector('[data-act="delete-one"]');
  /** @type {HTMLElement | null} */ (next)?.focus();
}

/** What covers the picture while something is done to it. @param {Picture} picture @param {import("./picture_work.js").Work} now */
function over(picture, now) {
  /** @param {string} key */
  const button = (key) => textElement("button.quiet", key, {}, { type: "button", onclick: () => dismiss(picture.id) });
  switch (now.kind) {
    case "deleting":
      return el("div.over", {}, el("p.countdown", { role: "timer", "aria-live": "off" }), button("undo"));
    case "failed":
      return el(
        "div.over.failed",
        {},
        textElement("p", `error.${now.code}`),
        now.code === "not-refreshable" && textElement("a", "open-in-form", {}, { href: formUrl(picture) }),
        button("close"),
      );
    default:
      return el(
        "div.over",
        { tabindex: "-1" },
        textElement("p", now.kind === "drawing" ? "drawing-anew" : "deleting-now"),
      );
  }
}

/** The form page with what is known of a picture filled in. @param {Picture} picture */
const formUrl = ({ prompt, size, model }) =>
  `/gui/?prompt=${encode(prompt)}${size && `&size=${encode(size)}`}${model && `&model=${encode(model)}`}`;
