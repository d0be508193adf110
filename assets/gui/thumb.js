/** The small picture of an entry of the history: loaded when it comes near the window. */
import { el, textElement } from "../shared/dom.js";

/** Bytes that are here already, so that a picture just drawn is not fetched once more. @type {Map<string, Blob>} */
const blobs = new Map();

/** How many are held: the newest are the ones that are looked at. */
const MAX_BLOBS = 24;

/** @param {string} key @param {Blob} blob */
export function cacheBlob(key, blob) {
  blobs.delete(key);
  blobs.set(key, blob);
  for (const oldest of blobs.keys()) {
    if (blobs.size <= MAX_BLOBS) break;
    blobs.delete(oldest);
  }
}

/**
 * The bytes of a stored picture.
 * @param {import("./history.js").Entry} entry
 * @param {string} key
 * @returns {Promise<Blob | string>} or the sentence that stands in their place
 */
export async function bytesOf({ permalink }, key) {
  const cached = blobs.get(key);
  if (cached) return cached;
  if (!permalink) return "gone";
  // By fetch: the answer for a picture that is gone is a picture too, with a message in it.
  const response = await fetch(permalink, { headers: { Accept: "application/json" } });
  if (response.status === 404) return "gone";
  const isImage = response.headers.get("Content-Type")?.startsWith("image/");
  return response.status === 200 && isImage ? response.blob() : "not-loaded";
}

/** @param {import("./history.js").Entry} entry @param {string} key */
export function thumbOf(entry, key) {
  const thumb = el("span.thumb");
  const observer = new IntersectionObserver(
    async (changes) => {
      if (!changes.some((change) => change.isIntersecting)) return;
      observer.disconnect();
      const bytes = await bytesOf(entry, key).catch(() => "not-loaded");
      if (typeof bytes === "string") thumb.replaceChildren(textElement("span.gone", bytes));
      else thumb.replaceChildren(el("img", { src: URL.createObjectURL(bytes), alt: "", decoding: "async" }));
    },
    { rootMargin: "600px" },
  );
  observer.observe(thumb);
  return thumb;
}

/** Lets go of what the thumb of an element holds. @param {Element} element */
export function releaseThumb(element) {
  const image = element.querySelector("img");
  if (image) URL.revokeObjectURL(image.src);
}
