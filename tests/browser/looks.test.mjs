import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import {
  generate,
  waitForCard,
  storedValue,
  waitForPicture,
  press,
  ready,
  useTestApp,
  textOf,
  visit,
  CHROMIUM_ONLY,
} from "./support/index.mjs";

/** @import { Page } from "puppeteer-core" */

const suite = useTestApp();

/** @param {string} path */
const open = (path, options = {}) => visit(suite.browser, suite.app.url + path, options);

for (const scheme of ["light", "dark"]) {
  for (const language of ["en", "zh-CN"]) {
    test(`axe finds nothing wrong with the usage page (${scheme}, ${language})`, async () => {
      const at = await open("/", { scheme, language });
      await at.page.$eval("details.more", (details) => (details.open = true));
      await assertAccessible(at.page, "as it is");
      await at.close();
    });
  }

  test(`axe finds nothing wrong with the form page in any of its states (${scheme})`, async () => {
    const at = await open("/gui/", { scheme, allow: /status of 4/ });
    const { page } = at;
    await page.waitForSelector("#model-field:not([hidden])");
    await assertAccessible(page, "empty");
    await press(page, "#advanced summary");
    await press(page, '[name="size"][value="custom"]');
    await page.$eval("input#width", (field) => (field.value = "1"));
    await press(page, "#generate");
    await assertAccessible(page, "everything open, with faults");
    await page.$eval("input#width", (field) => (field.value = "512"));
    await press(page, "#seed-dice");
    suite.app.vendors.hold();
    await generate(page, "画 a picture");
    await waitForCard(page, "working");
    await assertAccessible(page, "at work");
    suite.app.vendors.release();
    await waitForPicture(page);
    await page.waitForSelector("#gallery img");
    await assertAccessible(page, "with a picture");
    await press(page, '[name="count"][value="2"]');
    await press(page, "#generate");
    await page.waitForFunction(() => document.querySelectorAll('#jobs .job[data-state="done"] img').length === 2);
    await assertAccessible(page, "with several");
    await press(page, "#history-choose");
    await press(page, "#gallery .show");
    await assertAccessible(page, "choosing");
    await press(page, "#choice-end");
    await press(page, "#gallery .remove");
    await page.waitForSelector("#toast .toast");
    await assertAccessible(page, "with a message");
    await press(page, "#jobs .enlarge");
    await page.waitForSelector("#lightbox[open] img");
    await assertAccessible(page, "with the lightbox");
    await page.keyboard.press("Escape");
    await press(page, '[name="count"][value="1"]');
    suite.app.vendors.onImage = () => suite.app.vendors.errorReply(400, { code: 20015, message: "no", data: null });
    await generate(page, "refused");
    await waitForCard(page, "failed");
    suite.app.vendors.release();
    await assertAccessible(page, "with an error");
    await page.evaluate(() => document.querySelector("dialog")?.showModal());
    await assertAccessible(page, "with the token dialog");
    await at.close();
  });
}

for (const path of ["/", "/gui/"]) {
  test(`nothing scrolls sideways on ${path} from 320 pixels to a wide screen`, async () => {
    for (const language of ["en", "zh-CN"]) {
      const at = await open(path, { language, width: 320, height: 640 });
      if (path === "/gui/") {
        await at.page.$eval("details#advanced", (details) => (details.open = true));
        await press(at.page, '[name="size"][value="custom"]');
        await generate(at.page, `${"Donaudampfschifffahrtsgesellschaft".repeat(4)} 一二三`);
        await waitForPicture(at.page);
      }
      for (const width of [320, 360, 414, 600, 768, 900, 1024, 1280, 1920, 2560]) {
        await at.page.setViewport({ width, height: 800 });
        const { page: wide, out } = await at.page.evaluate(() => ({
          page: document.documentElement.scrollWidth,
          out: Array.from(document.querySelectorAll("main *, header *"))
            .filter(
              (element) =>
                element.getClientRects().length &&
                !element.closest(".visually-hidden, .styles, .ideas, .tile small, pre, .picture, svg"),
            )
            .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
            .map((element) => element.id || element.className || element.tagName),
        }));
        assert.equal(wide, width, `${language} at ${width}`);
        assert.deepEqual(out, [], `${language} at ${width}`);
      }
      await at.close();
    }
  });
}

test("the language is the browser's, until it is switched, and the switch is remembered on both pages", async () => {
  let at = await open("/gui/", { language: "zh-CN" });
  assert.equal(await textOf(at.page, "h1"), "文字生成图片");
  assert.equal(await at.page.title(), "文字生成图片 · Free Flux");
  await generate(at.page, "switch me");
  await waitForPicture(at.page);
  assert.match(await textOf(at.page, ".job"), /再来一张.*下载.*新生成/);
  await press(at.page, "#language-switch");
  assert.equal(await textOf(at.page, "h1"), "Text to image");
  assert.match(await textOf(at.page, ".job"), /Another.*Download.*Newly drawn/);
  assert.equal(await at.page.evaluate(() => document.documentElement.lang), "en");
  await at.page.goto(`${suite.app.url}/`);
  await ready(at.page);
  assert.match(await textOf(at.page, "h1"), /A link/);
  await press(at.page, "#language-switch");
  await at.page.reload();
  await ready(at.page);
  assert.match(await textOf(at.page, "h1"), /一个链接/);
  await at.close();
  at = await open("/", { language: "en" });
  assert.match(await textOf(at.page, "h1"), /A link/);
  await at.close();
});

test("with a language chosen, not a word of the other is in sight", async () => {
  for (const path of ["/", "/gui/"]) {
    const at = await open(path, { language: "en" });
    const han = await at.page.evaluate(() => document.body.innerText.match(/\p{Script=Han}+/gu) || []);
    // The switch itself, and the example of a Chinese prompt.
    assert.deepEqual(
      han.filter((words) => !["中文", "一位女孩"].includes(words)),
      [],
    );
    await press(at.page, "#language-switch");
    const labels = await at.page.$$eval("label, h1, h2, summary, button", (all) =>
      all.filter((element) => element.getClientRects().length).map((element) => element.innerText.trim()),
    );
    const known = ["English", "HTML", "Markdown", "curl"];
    assert.deepEqual(
      labels.filter((label) => /^[A-Za-z ]{4,}$/.test(label) && !known.includes(label)),
      [],
    );
    await at.close();
  }
});

test(
  "light and dark follow the system, until switched; the choice is there before the first paint",
  CHROMIUM_ONLY,
  async () => {
    /** @param {Page} page */
    const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = "rgb(246, 246, 244)";
    const dark = "rgb(18, 18, 20)";
    const at = await open("/gui/", { scheme: "dark" });
    assert.equal(await background(at.page), dark);
    await at.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
    assert.equal(await background(at.page), light);
    await press(at.page, "#theme-switch");
    assert.equal(await background(at.page), dark);
    assert.equal(await storedValue(at.page, "theme"), "dark");
    await at.page.goto(`${suite.app.url}/`, { waitUntil: "domcontentloaded" });
    assert.equal(await background(at.page), dark);
    await ready(at.page);
    assert.equal(
      await at.page.$eval("button#theme-switch", (button) => button.getAttribute("aria-label")),
      "Switch to light",
    );
    await press(at.page, "#theme-switch");
    assert.equal(await background(at.page), light);
    assert.equal(await storedValue(at.page, "theme"), null, "back with the system");
    await at.close();
  },
);

test("whoever asks for less motion gets none", CHROMIUM_ONLY, async () => {
  const at = await open("/gui/");
  await at.page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  suite.app.vendors.hold();
  await generate(at.page, "calm");
  await waitForCard(at.page, "working");
  assert.equal(await at.page.evaluate(() => document.getAnimations().length), 0);
  suite.app.vendors.release();
  await waitForPicture(at.page);
  assert.equal(await at.page.evaluate(() => document.getAnimations().length), 0);
  await at.close();
});
