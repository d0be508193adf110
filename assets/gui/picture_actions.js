/** What can be done with a picture that is here: copy it, hand it on, save it. */
import { announce } from "../shared/announce.js";
import { answerOn } from "../shared/clipboard.js";
import { el, icon, textElement } from "../shared/dom.js";
import { fileName, requestUrl } from "../shared/links.js";
import { toast } from "../shared/toast.js";

/**
 * @typedef {object} Shown a picture with what it is called
 * @property {string} src where it is shown from: its permalink, once it is stored
 * @property {string} link to hand on
 * @property {string} file its name as a file
 * @property {string} prompt
 * @property {() => Promise<Blob>} blob
 */

/** What is shown of a job, so that its bytes have one address. @type {WeakMap<object, Shown & {stop: () => void}>} */
const shownJobs = new WeakMap();

/** @param {import("./job.js").Job} job that is done @returns {Shown & {stop: () => void}} */
export function shownPicture(job) {
  const known = shownJobs.get(job);
  if (known) return known;
  const { picture, parameters } = job;
  if (!picture) throw new Error("a job that is done has its picture");
  const local = picture.permalink ? null : URL.createObjectURL(picture.blob);
  const { prompt } = parameters;
  const size = picture.size || parameters.size;
  const shown = {
    src: picture.permalink ?? local ?? "",
    link: picture.permalink || requestUrl({ ...parameters, seed: parameters.seed || picture.seed || "" }),
    file: fileName({ prompt, size, seed: picture.seed, type: picture.type }),
    prompt,
    blob: () => Promise.resolve(picture.blob),
    stop: () => {
      shownJobs.delete(job);
      if (local) URL.revokeObjectURL(local);
    },
  };
  shownJobs.set(job, shown);
  return shown;
}

/** @param {Shown} shown */
export function saveButton({ src, file }) {
  return el("a.quiet", { href: src, download: file }, icon("download"), textElement("span", "download"));
}

/** A button that puts the picture itself on the clipboard, where a browser can. @param {Shown} shown */
export function copyImageButton({ blob }) {
  if (typeof ClipboardItem === "undefined" || !navigator.clipboard?.write) return null;
  const label = textElement("span", "copy-image");
  const button = el("button.quiet", { type: "button", "data-act": "copy-image" }, icon("copy"), label);
  button.addEventListener("click", async () => {
    // Safari wants the item at once, and its bytes when they are there.
    const item = new ClipboardItem({ "image/png": blob().then(asPng) });
    const done = await navigator.clipboard.write([item]).then(
      () => true,
      () => false,
    );
    answerOn(button, label, done);
  });
  return button;
}

/** A button for the system's own way to hand things on, where there is one. @param {Shown} shown */
export function shareButton({ link, file, prompt, blob }) {
  if (typeof navigator.share !== "function") return null;
  return el(
    "button.quiet",
    {
      type: "button",
      "data-act": "share",
      onclick: async () => {
        try {
          const bytes = await blob();
          const files = [new File([bytes], file, { type: bytes.type })];
          await navigator.share(
            navigator.canShare?.({ files }) ? { files, title: prompt } : { url: link, title: prompt },
          );
        } catch (error) {
          // Who closes the system's sheet has said no; nothing else is silent.
          if (!(error instanceof DOMException && error.name === "AbortError")) toast("share-failed");
        }
      },
    },
    icon("share"),
    textElement("span", "share"),
  );
}

/** The picture as PNG, the one format that every clipboard takes. @param {Blob} blob @returns {Promise<Blob>} */
async function asPng(blob) {
  if (blob.type === "image/png") return blob;
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  try {
    await image.decode();
    const canvas = el("canvas", { width: image.naturalWidth, height: image.naturalHeight });
    canvas.getContext("2d")?.drawImage(image, 0, 0);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((png) => (png ? resolve(png) : reject(new Error("no PNG"))), "image/png");
    });
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

/** Saves bytes as a file. @param {Blob} blob @param {string} file its name */
export function saveFile(blob, file) {
  const href = URL.createObjectURL(blob);
  el("a", { href, download: file }).click();
  announce("saved", { file });
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
