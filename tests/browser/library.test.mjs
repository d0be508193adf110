import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  generate,
  press,
  storedValue,
  textOf,
  useTestApp,
  visit,
  waitForPicture,
  CHROMIUM_ONLY,
} from "./support/index.mjs";

/** @import { Page } from "puppeteer-core" */

const suite = useTestApp();
let folder = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "free-flux-library-"));
});
after(() => rm(folder, { recursive: true, force: true }));

const open = (options = {}) => visit(suite.browser, `${suite.app.url}/gui/`, options);

/** @param {Page} page */
const captions = (page) => page.$$eval("#gallery .caption", (all) => all.map((caption) => caption.textContent));

/** @param {number} n */
const entry = (n) => ({
  parameters: { prompt: `kept ${n}`, size: "512x512" },
  permalink: /** @type {string | null} */ (null),
  seed: String(n),
  at: n,
});

/** @param {Page} page */
async function downloadsTo(page) {
  const session = await page.createCDPSession();
  const browserContextId = page.browserContext().id;
  await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder, browserContextId });
}

/** Waits for a file. @param {string} name */
async function downloaded(name) {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await readdir(folder)).includes(name)) return readFile(join(folder, name));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${name} did not come`);
}

test("a search shows what has its words, and a pin keeps one in front", async () => {
  const at = await open({ storage: { "history.v1": Array.from({ length: 12 }, (_, n) => entry(12 - n)) } });
  await at.page.type("#history-search", "kept 7");
  assert.deepEqual(await captions(at.page), ["kept 7"]);
  await press(at.page, "#gallery .pin");
  await at.page.$eval("#history-search", (field) => {
    /** @type {HTMLInputElement} */ (field).value = "";
    field.dispatchEvent(new Event("input"));
  });
  assert.equal((await captions(at.page))[0], "kept 7");
  await at.page.type("#history-search", "nowhere");
  assert.equal(await textOf(at.page, "#history-none"), "Nothing found.");
  await at.close();
});

test("an export is imported elsewhere; what is no history is said to be none", CHROMIUM_ONLY, async () => {
  let at = await open({ storage: { "history.v1": [entry(2), entry(1)] } });
  await downloadsTo(at.page);
  await press(at.page, "#history-export");
  const text = (await downloaded("free-flux-history.json")).toString();
  assert.equal(JSON.parse(text).pictures.length, 2);
  await at.close();

  at = await open();
  const field = /** @type {import("puppeteer-core").ElementHandle<HTMLInputElement>} */ (
    await at.page.$("#history-file")
  );
  await writeFile(join(folder, "hostile.json"), '{"pictures":[{"parameters":{"prompt":5}}]}');
  await field.uploadFile(join(folder, "hostile.json"));
  await at.page.waitForFunction(() => /no history/.test(document.querySelector("#toast")?.textContent ?? ""));
  await field.uploadFile(join(folder, "free-flux-history.json"));
  await at.page.waitForFunction(() => /2 imported/.test(document.querySelector("#toast")?.textContent ?? ""));
  assert.deepEqual(await captions(at.page), ["kept 2", "kept 1"]);
  await at.close();
});

test("several are chosen, compared, downloaded as a zip, and deleted with a way back", CHROMIUM_ONLY, async () => {
  const at = await open();
  const { page } = at;
  await downloadsTo(page);
  for (const prompt of ["one for the zip", "two for the zip"]) {
    await generate(page, prompt);
    await waitForPicture(page);
  }
  await press(page, "#history-choose");
  await press(page, "#gallery .entry:nth-child(1) .show");
  await press(page, "#gallery .entry:nth-child(2) .show");
  assert.equal(await textOf(page, "#choice-count"), "2 selected");
  await press(page, "#choice-zip");
  const zip = await downloaded("free-flux.zip");
  assert.equal(zip.readUInt32LE(0), 0x04034b50);
  assert.ok(zip.includes("one-for-the-zip-1024x1024-") && zip.includes("two-for-the-zip-1024x1024-"));
  await press(page, "#choice-compare");
  assert.equal((await page.$$("#lightbox[open] figure")).length, 2);
  await page.keyboard.press("Escape");
  await press(page, "#choice-delete");
  assert.deepEqual(await storedValue(page, "history.v1"), []);
  await press(page, '#toast [data-act="undo"]');
  assert.equal((await captions(page)).length, 2);
  await at.close();
});
