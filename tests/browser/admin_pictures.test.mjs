/** The owner's page: the pictures of the store, and what can be done to one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { clipboard, press, startTestApp, textOf, useTestApp } from "./support/index.mjs";
import { captions, enterAdmin, makeImage, TOKENS, waitForTiles } from "./support/owner.mjs";

/** @import { Page } from "puppeteer-core" */

const suite = useTestApp({ vars: { ACCESS_TOKENS: TOKENS } });

/** A button of the picture with an id. @param {string} id @param {string} act */
const act = (id, act) => `.tile[data-id="${id}"] [data-act="${act}-one"]`;

/** Takes all pictures out of the store. */
async function emptyStore() {
  const library = await suite.app.library();
  for (let page; !page?.list_complete; ) {
    page = await library.list();
    for (const { name } of page.keys) await library.delete(name);
  }
}

/** True while KV has an image. @param {string} id */
async function isStored(id) {
  const library = await suite.app.library();
  return (await library.get(`image:v1:${id}`, "arrayBuffer")) !== null;
}

/** Waits until KV no longer has an image. @param {string} id */
async function waitUntilGone(id) {
  while (await isStored(id)) await new Promise((resolve) => setTimeout(resolve, 20));
}

test("where nothing is stored yet, and where nothing can be, the page says so", async () => {
  await emptyStore();
  const bare = await startTestApp({ vars: { ACCESS_TOKENS: TOKENS }, kv: false });
  try {
    for (const [app, language, words] of /** @type {[any, "en" | "zh-CN", RegExp][]} */ ([
      [suite.app, "en", /No picture is stored yet/],
      [suite.app, "zh-CN", /还没有保存图片/],
      [bare, "en", /bind a KV namespace as FLUX_API/],
      [bare, "zh-CN", /绑定为 FLUX_API/],
    ])) {
      const at = await enterAdmin({ browser: suite.browser, app }, { language });
      await at.page.waitForSelector("#no-pictures:not([hidden])");
      assert.match(await textOf(at.page, "#no-pictures"), words);
      await at.close();
    }
  } finally {
    await bare.stop();
  }
});

test("pictures are shown the newest first, with what made them, and a stranger's words are only words", async () => {
  await emptyStore();
  const nasty = `<img src=x onerror="document.title='taken'"> & "quoted" </p>`;
  const ids = [];
  for (const prompt of ["the first", nasty]) ids.push(await makeImage(suite.app, { prompt, size: "768x512" }));
  // Both were made within a second: KV tells which is the newer.
  const library = await suite.app.library();
  const { bytes, metadata } = await suite.app.stored(ids[0]);
  await library.put(`image:v1:${ids[0]}`, Uint8Array.from(bytes).buffer, {
    metadata: { .../** @type {any} */ (metadata), time: 1_700_000_000 },
  });

  const at = await enterAdmin(suite);
  await waitForTiles(at.page, 2);
  assert.deepEqual(await captions(at.page), [nasty, "the first"]);
  assert.notEqual(await at.page.title(), "taken");
  assert.equal(await at.page.$$eval(".tile .caption *", (all) => all.length), 0);
  const facts = await textOf(at.page, ".tile:last-child .facts");
  assert.match(facts, /2023.*768×512.*kB.*FLUX\.1-schnell/);
  await at.page.waitForFunction(() =>
    Array.from(document.querySelectorAll("#grid img")).every(
      (image) => /** @type {HTMLImageElement} */ (image).naturalWidth > 0,
    ),
  );
  const [href, rel] = await at.page.$eval(".tile:first-child a.thumb", (link) => [link.href, link.rel]);
  assert.equal(new URL(href).pathname, `/i/${ids[1]}.png`);
  assert.match(rel, /noopener/);
  await press(at.page, act(ids[1], "copy"));
  await at.page.waitForFunction(
    (selector) => document.querySelector(selector)?.classList.contains("done"),
    {},
    act(ids[1], "copy"),
  );
  assert.equal(await clipboard(at.page), href);
  assert.equal(await textOf(at.page, "#picture-count"), "2");
  await at.close();
});

test("a deletion can be undone before it is sent, and then the picture stays", async () => {
  await emptyStore();
  const id = await makeImage(suite.app, { prompt: "nearly deleted" });
  const at = await enterAdmin(suite);
  await waitForTiles(at.page, 1);
  await at.page.focus(act(id, "delete"));
  await at.page.keyboard.press("Enter");
  assert.match(await textOf(at.page, ".over"), /Deleted in \d+ s/);
  assert.equal(
    await at.page.evaluate(() => document.activeElement?.textContent),
    "Undo",
    "the focus is at the way back",
  );
  await at.page.keyboard.press("Enter");
  assert.equal(await at.page.$(".over"), null);
  assert.equal(
    await at.page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).dataset.act),
    "delete-one",
  );
  await at.page.reload();
  await waitForTiles(at.page, 1);
  assert.ok(!at.requests.some((request) => request.method() === "DELETE"));
  assert.ok(await isStored(id));
  await at.close();
});

test("a deletion is sent after ten seconds, once, and the focus stays among the pictures", async () => {
  await emptyStore();
  const ids = [];
  for (const prompt of ["goes", "stays"]) ids.push(await makeImage(suite.app, { prompt }));
  const at = await enterAdmin(suite);
  await waitForTiles(at.page, 2);
  await at.page.focus(act(ids[0], "delete"));
  const begun = Date.now();
  await at.page.keyboard.press("Enter");
  await waitForTiles(at.page, 1);
  assert.ok(Date.now() - begun >= 9_500, "there were ten seconds to undo it");
  assert.deepEqual(await captions(at.page), ["stays"]);
  const sent = at.requests.filter((request) => request.method() === "DELETE");
  assert.deepEqual(
    sent.map((request) => new URL(request.url()).pathname),
    [`/i/${ids[0]}`],
  );
  assert.ok(await at.page.evaluate(() => document.activeElement?.closest(".tile") !== null));
  assert.ok(!(await isStored(ids[0])));
  await at.close();
});

test("whoever leaves the page has decided: what was to be deleted is", async () => {
  await emptyStore();
  const id = await makeImage(suite.app, { prompt: "left behind" });
  const at = await enterAdmin(suite);
  await waitForTiles(at.page, 1);
  await press(at.page, act(id, "delete"));
  await at.page.goto(`${suite.app.url}/gui/`);
  await waitUntilGone(id);
  await at.close();
});

test("a picture is drawn anew in its place, and shown at once", async () => {
  await emptyStore();
  const id = await makeImage(suite.app, { prompt: "once more, please", seed: "7", size: "768x512" });
  const before = (await suite.app.stored(id)).bytes;
  const calls = suite.app.vendors.images.length;
  const at = await enterAdmin(suite, { allow: /status of 404/ });
  await waitForTiles(at.page, 1);
  await press(at.page, act(id, "refresh"));
  await at.page.waitForFunction(() =>
    /** @type {HTMLImageElement} */ (document.querySelector(".tile img")).src.startsWith("blob:"),
  );
  assert.equal(await at.page.$(".over"), null);
  assert.equal(suite.app.vendors.images.length, calls + 1);
  assert.equal(suite.app.vendors.images.at(-1).seed, 7);
  while ((await suite.app.stored(id)).bytes.equals(before)) await new Promise((resolve) => setTimeout(resolve, 20));
  await at.close();
});

test("a picture whose request is not known is not drawn anew, and the page says why and what can be done", async () => {
  await emptyStore();
  const id = await makeImage(suite.app, { prompt: "一只猫", seed: "8" });
  const calls = suite.app.vendors.images.length;
  const at = await enterAdmin(suite, { allow: /status of 404/ });
  await waitForTiles(at.page, 1);
  await press(at.page, act(id, "refresh"));
  await at.page.waitForSelector(".over a");
  assert.match(await textOf(at.page, ".over"), /Only what was drawn is stored/);
  const [prompt] = await captions(at.page);
  const form = new URL(await at.page.$eval(".over a", (link) => link.href));
  assert.deepEqual([form.pathname, form.searchParams.get("prompt")], ["/gui/", prompt]);
  assert.equal(suite.app.vendors.images.length, calls);
  await press(at.page, ".over button");
  assert.equal(await at.page.$(".over"), null);
  await at.close();
});

test("a picture that cannot be drawn anew stays as it was, with the reason", async () => {
  await emptyStore();
  const id = await makeImage(suite.app, { prompt: "refused the second time" });
  const at = await enterAdmin(suite, { allow: /status of 4/ });
  await waitForTiles(at.page, 1);
  suite.app.vendors.onImage = () => suite.app.vendors.errorReply(400, { code: 20015, message: "no", data: null });
  await press(at.page, act(id, "refresh"));
  await at.page.waitForSelector(".over button");
  assert.match(await textOf(at.page, ".over"), /refused this request/);
  assert.ok(await isStored(id));
  await at.close();
});

test("without a connection the page says so, and goes on when asked to", async () => {
  await emptyStore();
  await makeImage(suite.app, { prompt: "far away" });
  const at = await enterAdmin(suite, { allow: /ERR_INTERNET_DISCONNECTED/ });
  await waitForTiles(at.page, 1);
  await at.page.setOfflineMode(true);
  await press(at.page, "#reload");
  await at.page.waitForSelector("#pictures-problem .problem-box");
  await at.page.waitForSelector("#stats-problem .problem-box");
  assert.match(await textOf(at.page, "#pictures-problem"), /You are offline/);
  await at.page.setOfflineMode(false);
  await press(at.page, "#pictures-problem button");
  await waitForTiles(at.page, 1);
  await press(at.page, "#stats-problem button");
  await at.page.waitForFunction(() => !document.querySelector(".problem-box"));
  await at.close();
});

test("ten thousand pictures come in pages, and only those near the window are in the document", async () => {
  const app = await startTestApp({
    vars: { ACCESS_TOKENS: TOKENS },
    around: ["tests/browser/support/many_pictures.mjs"],
  });
  try {
    await makeImage(app, { prompt: "one of many" });
    const at = await enterAdmin({ browser: suite.browser, app });
    const { page } = at;
    /** @param {string} count */
    const waitForCount = (count) =>
      page.waitForFunction((text) => document.querySelector("#picture-count")?.textContent === text, {}, count);
    const lists = () => at.requests.filter((request) => request.url().includes("/v1/images")).length;
    await waitForCount("100 loaded");
    assert.match(await textOf(page, "#order-note"), /no order of time/);
    assert.equal(lists(), 1, "the rest is asked for when it is looked for");

    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await waitForCount("200 loaded");
    const shown = () => at.requests.filter((request) => new URL(request.url()).pathname.startsWith("/i/")).length;
    const before = shown();
    await press(page, "#load-all");
    await waitForCount("9,990");
    assert.equal(lists(), 100);
    assert.ok(shown() - before <= 60, "no picture is fetched that is gone from sight with the next page");
    assert.match(await textOf(page, "#order-note"), /All that are stored/);

    for (const share of [0.2, 0.6, 1]) {
      await page.evaluate((part) => scrollTo(0, part * document.documentElement.scrollHeight), share);
      await page.waitForFunction(() => document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest(".tile"));
      assert.ok((await page.$$(".tile")).length <= 60);
    }
    await page.waitForSelector('.tile[aria-posinset="9990"]');
    const places = await page.$$eval(".tile", (all) => all.map((tile) => Number(tile.getAttribute("aria-posinset"))));
    assert.deepEqual(
      places,
      places.map((_, at) => places[0] + at),
    );
    const [oldest] = (await captions(page)).slice(-1);
    assert.equal(oldest, "picture 0");

    await page.type("#search", "picture 4711");
    await waitForTiles(page, 1);
    assert.deepEqual(await captions(page), ["picture 4711"]);
    await at.close();
  } finally {
    await app.stop();
  }
});

test("everything can be reached and done by the keyboard alone", async () => {
  await emptyStore();
  const id = await makeImage(suite.app, { prompt: "by keys" });
  const at = await enterAdmin(suite);
  const { page } = at;
  await waitForTiles(page, 1);
  /** @param {string} selector */
  const tabTo = async (selector) => {
    for (let i = 0; i < 60; i += 1) {
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`no way to ${selector}`);
  };
  for (const selector of [
    "#reload",
    ".as-table summary",
    ".tile .thumb",
    act(id, "copy"),
    act(id, "refresh"),
    act(id, "delete"),
  ]) {
    await tabTo(selector);
  }
  await page.keyboard.press("Space");
  await page.waitForSelector(".over .countdown");
  await page.keyboard.press("Space");
  assert.equal(await page.$(".over"), null);
  await page.keyboard.down("Shift");
  await tabTo(".as-table summary");
  await page.keyboard.up("Shift");
  await page.keyboard.press("Enter");
  assert.equal(await page.$eval("details.as-table", (details) => details.open), true);
  assert.equal(await page.$$eval("#days tbody tr", (rows) => rows.length), 7);
  await at.close();
});
