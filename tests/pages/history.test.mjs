import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { addEntry, clearHistory, entries, onHistory, removeEntry } from "../../assets/gui/history.js";
import { load, save } from "../../assets/shared/store.js";
import { FakeStorage, stubGlobal, stubWindowEvents } from "./support/browser.mjs";

const storage = new FakeStorage();
stubGlobal("localStorage", storage);
stubWindowEvents();

/** @param {number} n @param {string | null} [permalink] */
const entry = (n, permalink = `/i/${n}.png`) => ({ parameters: { prompt: `cat ${n}` }, permalink, seed: "1", at: n });
const prompts = () => entries().map(({ parameters }) => parameters.prompt);

afterEach(() => {
  storage.blocked = false;
  clearHistory();
});

test("the newest entry is first, and the same picture is there once", () => {
  addEntry(entry(1));
  addEntry(entry(2, null));
  addEntry(entry(1));
  addEntry(entry(2, null));
  assert.deepEqual(prompts(), ["cat 2", "cat 1"]);
});

test("the last fifty are kept", () => {
  for (let n = 0; n < 52; n += 1) addEntry(entry(n));
  assert.equal(entries().length, 50);
  assert.equal(prompts().at(-1), "cat 2");
});

test("an entry is removed by its permalink, or by its parameters where it has none", () => {
  addEntry(entry(1));
  addEntry(entry(2, null));
  removeEntry("/i/1.png");
  assert.deepEqual(prompts(), ["cat 2"]);
  removeEntry("prompt=cat%202");
  assert.deepEqual(prompts(), []);
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
