/** The owner's page: the pictures of the store. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CHROMIUM_ONLY, clipboard, press, startTestApp, textOf, useTestApp } from "./support/index.mjs";
import { captions, emptyStore, enterAdmin, makeImage, TOKENS, waitForTiles } from "./support/owner.mjs";

const suite = useTestApp({ vars: { ACCESS_TOKENS: TOKENS } });

test("where nothing is stored yet, and where nothing can be, the page says so", async () => {
  await emptyStore(suite.app);
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
  await emptyStore(suite.app);
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
  // Not every browser loads what is below the window.
  await at.page.$eval("#pictures", (section) => section.scrollIntoView());
  await at.page.waitForFunction(() =>
    Array.from(document.querySelectorAll("#grid img")).every(
      (image) => /** @type {HTMLImageElement} */ (image).naturalWidth > 0,
    ),
  );
  const [href, rel] = await at.page.$eval(".tile:first-child a.thumb", (link) => [link.href, link.rel]);
  assert.equal(new URL(href).pathname, `/i/${ids[1]}.png`);
  assert.match(rel, /noopener/);
  const copy = `.tile[data-id="${ids[1]}"] [data-act="copy-one"]`;
  await press(at.page, copy);
  await at.page.waitForFunction((selector) => document.querySelector(selector)?.classList.contains("done"), {}, copy);
  assert.equal(await clipboard(at.page), href);
  assert.equal(await textOf(at.page, "#picture-count"), "2");
  await at.close();
});

test("without a connection the page says so, and goes on when asked to", CHROMIUM_ONLY, async () => {
  await emptyStore(suite.app);
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
