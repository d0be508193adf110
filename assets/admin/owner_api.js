/** The routes for the owner: figures, pictures, and what may be done to one. */
import { Problem, readProblem, unreachable } from "../shared/problem.js";
import { ownerToken } from "./owner_token.js";
import { readPicture } from "./picture.js";
import { readStats } from "./stats.js";

/** @typedef {import("./picture.js").Picture} Picture */

/** @returns {Promise<import("./stats.js").Stats>} rejects with a Problem */
export const getStats = async () => readStats(await getJson("/v1/stats"));

/**
 * @typedef {object} Page of the store's list
 * @property {Picture[]} pictures
 * @property {string | null} cursor of the next one; null: this is the last
 * @property {boolean} isStored false: nothing is, since there is no KV
 */

/** @param {string | null} cursor @returns {Promise<Page>} rejects with a Problem */
export async function listPictures(cursor) {
  const page = await getJson(`/v1/images${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`);
  const images = Array.isArray(page?.images) ? page.images : [];
  return {
    pictures: images.map(readPicture).filter((/** @type {Picture | null} */ one) => one !== null),
    cursor: typeof page?.cursor === "string" && page.cursor ? page.cursor : null,
    // The service says why there is no list.
    isStored: !page?.why,
  };
}

/** @param {string} id @param {boolean} [isLeaving] true: the page may be gone before the answer is here */
export async function deletePicture(id, isLeaving = false) {
  const response = await send(`/i/${id}`, { method: "DELETE", keepalive: isLeaving });
  if (!response.ok) throw await readProblem(response);
}

/**
 * Has a picture drawn anew, in its place. The store keeps what was drawn, not what was asked for: where these differ, or
 * where more than size, model and seed was asked for, there is no way back to the request, and nothing is drawn.
 *
 * @param {Picture} picture
 * @returns {Promise<Blob>} the new bytes; rejects with a Problem, `not-refreshable` among them
 */
export async function refreshPicture(picture) {
  const stored = await send(`/i/${picture.id}`, { method: "HEAD", cache: "no-store" });
  if (!stored.ok) throw await problemOfHead(stored);
  const seed = stored.headers.get("X-Seed");
  for (const url of requestsOf(picture, seed)) {
    const found = await send(url, { method: "HEAD", cache: "no-store" });
    if (found.headers.get("X-Image-Id") !== picture.id) continue;
    const response = await send(`${url}&refresh=1`, { cache: "no-store" });
    if (!response.ok) throw await readProblem(response);
    const blob = await response.blob().catch((error) => Promise.reject(unreachable(error)));
    // The browser holds the old bytes at the permalink, which it was told never change.
    send(picture.path, { cache: "reload" }).catch(() => {});
    return blob;
  }
  throw new Problem("not-refreshable");
}

/** The requests that may have made a picture. @param {Picture} picture @param {string | null} seed */
function requestsOf({ prompt, size, model }, seed) {
  const parameters = { prompt, ...(size && { size }), ...(model && { model }) };
  const plain = `/?${new URLSearchParams(parameters)}`;
  return seed ? [plain, `${plain}&seed=${seed}`] : [plain];
}

/** An answer to HEAD has no body to say what is wrong. @param {Response} response */
const problemOfHead = async (response) =>
  response.status === 404 ? new Problem("image_not_found", { status: 404 }) : readProblem(response);

/** @param {string} url @returns {Promise<any>} */
async function getJson(url) {
  const response = await send(url, { cache: "no-store" });
  if (!response.ok) throw await readProblem(response);
  return response.json().catch(() => Promise.reject(new Problem("unknown", { status: response.status })));
}

/** @param {string} url @param {RequestInit} options */
async function send(url, options) {
  const headers = { Accept: "application/json", Authorization: `Bearer ${ownerToken() ?? ""}` };
  try {
    return await fetch(url, { ...options, headers });
  } catch (error) {
    throw unreachable(error);
  }
}
