import assert from "node:assert/strict";
import { test } from "node:test";
import { CHROMIUM_ONLY, useTestApp, visit, addressOf } from "./support/index.mjs";

/** @import { Page } from "puppeteer-core" */

/** Words on a page, by its path. @type {Record<string, string[]>} */
const WORDS = {
  "/": ["参数", "Parameters", "错误代码", "Error codes"],
  "/gui/": ["提示词", "Prompt", "尺寸", "Generate", "没有 JavaScript 也能用"],
};

const suite = useTestApp();

/** The size of the picture that the browser shows on its own. @param {Page} page */
const shown = (page) =>
  page.evaluate(() => {
    const { naturalWidth: width, naturalHeight: height } = document.images[0] || {};
    return { width, height };
  });

test("without JavaScript the form is a plain one, and its button opens the picture", CHROMIUM_ONLY, async () => {
  const at = await visit(suite.browser, `${suite.app.url}/gui/`, { script: false, allow: /./ });
  const { page } = at;
  await page.type("#prompt", "一只橘猫 & friends");
  await page.click('.tile:has([value="576x1024"])');
  await page.click(".switch");
  await Promise.all([page.waitForNavigation(), page.click("#generate")]);
  const sent = new URL(await addressOf(page)).searchParams;
  assert.equal(sent.get("prompt"), "一只橘猫 & friends");
  assert.equal(sent.get("size"), "576x1024");
  assert.equal(sent.get("optimization"), "1");
  await page.setJavaScriptEnabled(true);
  assert.deepEqual(await shown(page), { width: 576, height: 1024 });
});

test("the usage page's form works the same way", CHROMIUM_ONLY, async () => {
  const at = await visit(suite.browser, `${suite.app.url}/`, { script: false, allow: /./ });
  const { page } = at;
  await page.type("#prompt", "a plain link");
  await Promise.all([page.waitForNavigation(), page.click("#open-link")]);
  await page.setJavaScriptEnabled(true);
  assert.deepEqual(await shown(page), { width: 1024, height: 1024 });
});

for (const path of ["/", "/gui/"]) {
  test(
    `without JavaScript ${path} can be read in both languages, and shows nothing that would not work`,
    CHROMIUM_ONLY,
    async () => {
      const at = await visit(suite.browser, suite.app.url + path, { script: false });
      const seen = await at.page.evaluate(() => document.body.innerText);
      for (const words of WORDS[path]) assert.ok(seen.includes(words), words);
      const dead = await at.page.$$eval(
        ".script-only",
        (all) => all.filter((element) => element.getClientRects().length).length,
      );
      assert.equal(dead, 0);
      await at.close();
    },
  );
}
