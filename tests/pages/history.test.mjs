import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import {
  addEntry,
  checked,
  entries,
  exportText,
  importEntries,
  keyOf,
  MAX_ENTRIES,
  onHistory,
  removeEntries,
  restore,
  search,
  togglePinned,
} from "../../assets/gui/history.js";
import { load, save } from "../../assets/shared/store.js";
import { FakeStorage, stubGlobal, stubWindowEvents } from "./support/browser.mjs";

const storage = new FakeStorage();
stubGlobal("localStorage", storage);
stubWindowEvents();

/** @param {number} n */
const pathOf = (n) => `/i/${String(n).padStart(43, "A")}.png`;

/** @param {number} n @param {string | null} [permalink] */
const entry = (n, permalink = pathOf(n)) => ({ parameters: { prompt: `cat ${n}` }, permalink, seed: "1", at: n });
const prompts = () => entries().map(({ parameters }) => parameters.prompt);

afterEach(() => {
  storage.blocked = false;
  removeEntries(entries().map(keyOf));
});

test("the newest entry is first, and the same picture is there once", () => {
  addEntry(entry(1));
  addEntry(entry(2, null));
  addEntry(entry(1));
  addEntry(entry(2, null));
  assert.deepEqual(prompts(), ["cat 2", "cat 1"]);
});

test("the last ones are kept, and what is pinned", () => {
  addEntry(entry(0));
  togglePinned(pathOf(0));
  for (let n = 1; n < MAX_ENTRIES + 3; n += 1) addEntry(entry(n));
  assert.equal(entries().length, MAX_ENTRIES + 1);
  assert.deepEqual(prompts().slice(-2), ["cat 3", "cat 0"]);
  addEntry(entry(0));
  assert.equal(entries()[0].pinned, true, "drawn again it stays pinned");
  togglePinned(pathOf(0));
  assert.equal(entries()[0].pinned, undefined);
});

test("an entry is removed by its permalink, or by its parameters where it has none", () => {
  addEntry(entry(1));
  addEntry(entry(2, null));
  removeEntries([pathOf(1)]);
  assert.deepEqual(prompts(), ["cat 2"]);
  removeEntries(["prompt=cat%202"]);
  assert.deepEqual(prompts(), []);
});

test("what was deleted comes back where it was, and what came since stays", () => {
  for (const n of [1, 2, 3]) addEntry(entry(n));
  const before = entries();
  removeEntries([pathOf(1), pathOf(3)]);
  addEntry(entry(4));
  restore(before);
  assert.deepEqual(prompts(), ["cat 4", "cat 3", "cat 2", "cat 1"]);
});

test("an exported history is imported again, what is there already once", () => {
  for (const n of [1, 2, 3]) addEntry(entry(n));
  togglePinned(pathOf(2));
  const file = JSON.parse(exportText());
  removeEntries([pathOf(1), pathOf(2)]);
  assert.equal(importEntries(file), 2);
  assert.deepEqual(prompts(), ["cat 3", "cat 2", "cat 1"]);
  assert.equal(entries()[1].pinned, true);
  assert.equal(importEntries(file), 0);
});

test("of a hostile file only what this page could have written is believed", () => {
  const { length } = entries();
  for (const file of [null, 7, "text", {}, [], { pictures: "x" }, { pictures: [{ parameters: { prompt: " " } }] }]) {
    assert.equal(importEntries(file), null, JSON.stringify(file));
  }
  assert.equal(entries().length, length);
  const [found, ...others] = checked([
    {
      parameters: { prompt: "x", onclick: "alert(1)", size: { toString: "no" }, __proto__: { seed: "5" } },
      permalink: "https://evil.example/i/x.png",
      seed: "<b>",
      at: "soon",
      pinned: "yes",
    },
    { parameters: { prompt: "y".repeat(5000) } },
  ]);
  assert.deepEqual(found, { parameters: { prompt: "x", seed: "5" }, permalink: null, seed: null, at: 0 });
  assert.deepEqual(others, []);
  for (const permalink of ["javascript:alert(1)", "//evil.example/i/aaaaaaaa", "/i/../admin", "/v1/images"]) {
    assert.equal(checked([{ parameters: { prompt: "x" }, permalink }])[0].permalink, null, permalink);
  }
});

test("a search finds all of its words, in any case", () => {
  const list = ["An Orange cat", "a cat", "橘猫 窗台"].map((prompt, n) => ({ ...entry(n), parameters: { prompt } }));
  const found = (/** @type {string} */ words) => search(list, words).map(({ parameters }) => parameters.prompt);
  assert.deepEqual(found("CAT orange"), ["An Orange cat"]);
  assert.deepEqual(found("橘猫"), ["橘猫 窗台"]);
  assert.equal(found("  ").length, 3);
  assert.deepEqual(found("dog"), []);
});

test("each change is told, and so are those of another tab", () => {
  let changes = 0;
  onHistory(() => {
    changes += 1;
  });
  addEntry(entry(1));
  assert.equal(changes, 1);
  dispatchEvent(Object.assign(new Event("storage"), { key: "flux.history.v1" }));
  dispatchEvent(Object.assign(new Event("storage"), { key: "flux.theme" }));
  assert.equal(changes, 2);
});

test("what is no history is read as an empty one", () => {
  for (const value of ["text", { length: 1 }, [null, 5, {}, { parameters: {} }]]) {
    save("history.v1", value);
    assert.deepEqual(entries(), []);
  }
  storage.setItem("flux.history.v1", "{{{");
  assert.deepEqual(entries(), []);
});

test("where storage is blocked, things last as long as the page", () => {
  storage.blocked = true;
  assert.equal(save("theme", "dark"), false);
  assert.equal(load("theme"), "dark");
  storage.blocked = false;
  assert.equal(save("theme", "light"), true);
  assert.equal(load("theme"), "light");
  save("theme", null);
  assert.equal(load("theme"), null);
});
