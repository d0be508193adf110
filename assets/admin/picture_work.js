/** What is being done to pictures: a deletion that can still be undone, one that is sent, a refresh, or how one failed. */
import { announce } from "../shared/announce.js";
import { deletePicture, refreshPicture } from "./owner_api.js";
import { codeOf } from "./problem_box.js";

/** How long a deletion can be undone before it is sent, in milliseconds. */
const UNDO = 10_000;

/**
 * @typedef {{kind: "deleting", sendsAt: number} | {kind: "sending"} | {kind: "drawing"} | {kind: "failed", code: string}}
 *   Work `sendsAt` as `Date.now()` counts
 */

/** By the picture's id. @type {Map<string, Work>} */
const works = new Map();

/** The bytes of pictures that were drawn anew. @type {Map<string, Blob>} */
const drawn = new Map();

/** Tells of each change by an event `change`, and of a picture that is gone by `gone`, with its id. */
export const work = new EventTarget();

/** @param {string} id @returns {Work | null} */
export const workOf = (id) => works.get(id) ?? null;

/** The bytes of a picture, where they are newer than what a cache may hold. @param {string} id */
export const drawnBytes = (id) => drawn.get(id) ?? null;

/** Deletes a picture in ten seconds, unless that is undone. @param {string} id */
export function deleteSoon(id) {
  set(id, { kind: "deleting", sendsAt: Date.now() + UNDO });
  announce("deleting-soon", { seconds: UNDO / 1000 });
  tick();
}

/** Takes back a deletion that is not sent, or closes what was said of a failure. @param {string} id */
export function dismiss(id) {
  const kind = works.get(id)?.kind;
  if (kind !== "deleting" && kind !== "failed") return;
  set(id, null);
  if (kind === "deleting") announce("deletion-undone");
}

/** Sends what waits, at once: the page is about to be left. */
export function sendDeletions() {
  for (const [id, { kind }] of works) if (kind === "deleting") send(id, true);
}

/** Has a picture drawn anew, in its place. @param {import("./picture.js").Picture} picture */
export async function refresh(picture) {
  set(picture.id, { kind: "drawing" });
  announce("drawing-anew");
  try {
    const blob = await refreshPicture(picture);
    drawn.set(picture.id, blob);
    Object.assign(picture, { time: Math.floor(Date.now() / 1000), bytes: blob.size });
    set(picture.id, null);
    announce("drawn-anew");
  } catch (error) {
    fail(picture.id, error);
  }
}

let timer = 0;

/** Counts down where something waits, and sends what is due. */
function tick() {
  clearTimeout(timer);
  let isWaiting = false;
  for (const [id, one] of works) {
    if (one.kind !== "deleting") continue;
    if (one.sendsAt <= Date.now()) send(id);
    else isWaiting = true;
  }
  if (isWaiting) timer = setTimeout(tick, 250);
  work.dispatchEvent(new Event("change"));
}

/** @param {string} id @param {boolean} [isLeaving] */
async function send(id, isLeaving = false) {
  set(id, { kind: "sending" });
  try {
    await deletePicture(id, isLeaving);
    works.delete(id);
    drawn.delete(id);
    announce("deleted");
    work.dispatchEvent(new CustomEvent("gone", { detail: id }));
  } catch (error) {
    fail(id, error);
  }
}

/** @param {string} id @param {unknown} error */
function fail(id, error) {
  const code = codeOf(error);
  set(id, { kind: "failed", code });
  announce(`error.${code}`);
}

/** @param {string} id @param {Work | null} now */
function set(id, now) {
  if (now) works.set(id, now);
  else works.delete(id);
  work.dispatchEvent(new Event("change"));
}
