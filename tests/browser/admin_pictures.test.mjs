/** The owner's page: what can be done to a picture of the store. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { press, textOf, useTestApp } from "./support/index.mjs";
import { captions, emptyStore, enterAdmin, makeImage, TOKENS, waitForTiles } from "./support/owner.mjs";

const suite = useTestApp({ vars: { ACCESS_TOKENS: TOKENS } });

/** A button of the picture with an id. @param {string} id @param {string} act */
const act = (id, act) => `.tile[data-id="${id}"] [data-act="${act}-one"]`;

/** True while KV has an image. @param {string} id */
async function isStored(id) {
  const library = await suite.app.library();
  return (await library.get(`image:v1:${id}`, "arrayBuffer")) !== null;
}

/** Waits until KV no longer has an image. @param {string} id */
async function waitUntilGone(id) {
  while (await isStored(id)) await new Promise((resolve) => setTimeout(resolve, 20));
}

test("a deletion can be undone before it is sent, and then the picture stays", async () => {
  await emptyStore(suite.app);
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
  await emptyStore(suite.app);
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
  await emptyStore(suite.app);
  const id = await makeImage(suite.app, { prompt: "left behind" });
  const at = await enterAdmin(suite);
  await waitForTiles(at.page, 1);
  await press(at.page, act(id, "delete"));
  await at.page.goto(`${suite.app.url}/gui/`);
  await waitUntilGone(id);
  await at.close();
});

test("a picture is drawn anew in its place, and shown at once", async () => {
  await emptyStore(suite.app);
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
  await emptyStore(suite.app);
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
  await emptyStore(suite.app);
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

test("everything can be reached and done by the keyboard alone", async () => {
  await emptyStore(suite.app);
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
  await page.keyboard.press(" ");
  await page.waitForSelector(".over .countdown");
  await page.keyboard.press(" ");
  assert.equal(await page.$(".over"), null);
  await page.keyboard.down("Shift");
  await tabTo(".as-table summary");
  await page.keyboard.up("Shift");
  await page.keyboard.press("Enter");
  assert.equal(await page.$eval("details.as-table", (details) => details.open), true);
  assert.equal(await page.$$eval("#days tbody tr", (rows) => rows.length), 7);
  await at.close();
});
