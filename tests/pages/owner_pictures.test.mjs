import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { FakeStorage, stubGlobal } from "./support/browser.mjs";

stubGlobal("location", new URL("https://flux.example/admin/"));
stubGlobal("sessionStorage", new FakeStorage());
stubGlobal("localStorage", new FakeStorage());
const { byTime, readPicture, search } = await import("../../assets/admin/picture.js");
const { PictureList } = await import("../../assets/admin/picture_list.js");

const ID = "A".repeat(43);

/** The requests so far, and the answers to come. @type {{asked: string[], answers: (() => Response | Promise<Response>)[]}} */
const service = { asked: [], answers: [] };
stubGlobal("fetch", (/** @type {string} */ url) => {
  service.asked.push(url);
  return Promise.resolve().then(service.answers.shift());
});
beforeEach(() => Object.assign(service, { asked: [], answers: [] }));

/** @param {number[]} times @param {string} [cursor] */
const page = (times, cursor) => () =>
  Response.json({ images: times.map((time) => ({ id: `picture-${time}`, time })), cursor });

/** @param {object} json */
function pictureOf(json) {
  const picture = readPicture(json);
  if (!picture) throw new Error("no picture");
  return picture;
}

/** @param {InstanceType<typeof PictureList>} list */
const times = (list) => list.pictures.map(({ time }) => time);

test("a picture is opened at this host, and handed on under the address that the service knows", () => {
  const of = (/** @type {string | undefined} */ url) => {
    const { path, url: handed } = pictureOf({ id: ID, url });
    return [path, handed];
  };
  const here = [`/i/${ID}`, `https://flux.example/i/${ID}`];
  assert.deepEqual(of(`https://pictures.example/i/${ID}.png`), [
    `/i/${ID}.png`,
    `https://pictures.example/i/${ID}.png`,
  ]);
  for (const url of [
    undefined,
    "",
    "javascript:alert(1)",
    `javascript://x/i/${ID}`,
    "https://x.example/other",
    `//x/i/${ID}`,
  ]) {
    assert.deepEqual(of(url), here, String(url));
  }
});

test("what names no picture is passed over, and what is not known of one is left open", () => {
  for (const json of [null, 1, {}, { id: "" }, { id: "../../x" }, { id: 7 }]) assert.equal(readPicture(json), null);
  const { prompt, model, size, bytes, time } = pictureOf({ id: ID, prompt: 5, bytes: "1", time: Infinity });
  assert.deepEqual([prompt, model, size, bytes, time], ["", "", "", null, null]);
});

test("the newest is first, and those of unknown time are last", () => {
  const pictures = [1, null, 3, 2].map((time, at) => pictureOf({ id: `picture-${at}`, time }));
  assert.deepEqual(
    byTime(pictures).map(({ time }) => time),
    [3, 2, 1, null],
  );
});

test("words are looked for in prompt and model, and an address finds its picture", () => {
  const other = "B".repeat(43);
  const pictures = [
    pictureOf({ id: ID, prompt: "A Ｃat in the rain", model: "FLUX" }),
    pictureOf({ id: other, prompt: "a dog", model: "Kolors" }),
  ];
  const found = (/** @type {string} */ words) => search(pictures, words).map(({ id }) => id);
  assert.deepEqual(found("RAIN cat"), [ID]);
  assert.deepEqual(found("kolors"), [other]);
  assert.deepEqual(found("  "), [ID, other]);
  assert.deepEqual(found("zebra"), []);
  assert.deepEqual(found(`https://x.example/i/${other}.png`), [other]);
  assert.deepEqual(found(`https://x.example/?prompt=cat&id=${ID}`), [ID]);
});

test("pages follow each other by their cursor, and what is loaded is sorted together", async () => {
  const list = new PictureList();
  service.answers = [page([5, 1], "next page&more"), page([9, 3, 5])];
  await list.restart();
  assert.deepEqual([times(list), list.isComplete], [[5, 1], false]);
  await list.loadMore();
  assert.deepEqual([times(list), list.isComplete], [[9, 5, 3, 1], true]);
  await list.loadMore();
  assert.deepEqual(service.asked, ["/v1/images", "/v1/images?cursor=next%20page%26more"]);
});

test("a page is asked for once, however often it is wanted", async () => {
  const list = new PictureList();
  service.answers = [page([1], "c"), page([2])];
  await list.restart();
  await Promise.all([list.loadMore(), list.loadMore(), list.loadAll()]);
  assert.deepEqual([times(list), service.asked.length], [[2, 1], 2]);
});

test("a page that fails is told, and asked for again when that is wanted", async () => {
  const list = new PictureList();
  const failure = () => Response.json({ error: { code: "store_unavailable", message: "no" } }, { status: 503 });
  service.answers = [page([1], "c"), failure, page([2])];
  await list.restart();
  await list.loadAll();
  assert.equal(/** @type {any} */ (list.problem).code, "store_unavailable");
  assert.deepEqual(times(list), [1]);
  await list.loadAll();
  assert.equal(list.problem, null, "asked again");
  assert.deepEqual(times(list), [2, 1]);
});

test("an answer to what was asked for before a new beginning is not taken", async () => {
  const list = new PictureList();
  let late = (/** @type {Response} */ _response) => {};
  service.answers = [() => new Promise((resolve) => (late = resolve)), page([2])];
  const first = list.restart();
  await Promise.resolve();
  await new Promise(setImmediate);
  await list.restart();
  late(page([1])());
  await first;
  assert.deepEqual([times(list), list.isLoading], [[2], false]);
});

test("a picture that is gone leaves the list, and an empty page is no end", async () => {
  const list = new PictureList();
  service.answers = [page([], "c"), page([4, 2])];
  await list.restart();
  assert.equal(list.isComplete, false);
  await list.loadMore();
  list.remove("picture-4");
  assert.deepEqual(times(list), [2]);
});
