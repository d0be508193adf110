import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  generate,
  clipboard,
  waitForPicture,
  press,
  useTestApp,
  startTestApp,
  visit,
  CHROMIUM_ONLY,
} from "./support/index.mjs";

/** @import { Page } from "puppeteer-core" */

const AWKWARD = `a "cat" & <b>dog</b> [x](y) *bold* _it_ 'q' \`c\` $HOME 100%`;

const suite = useTestApp();

/** @param {Page} page @param {string} way */
async function copied(page, way) {
  await press(page, `.job [data-copy="copy-${way}"]`);
  const button = await page.$(`.job [data-copy="copy-${way}"]`);
  await page.waitForFunction((element) => element?.textContent === "Copied", {}, button);
  return clipboard(page);
}

/** @param {string} text */
const permalink = (text) => {
  const found = new RegExp(`${suite.app.url}/i/[A-Za-z0-9_-]{43}\\.png`).exec(text);
  assert.ok(found, `an absolute permalink is in ${text}`);
  return found[0];
};

test("the clipboard really holds the link, the Markdown, the HTML and the curl, and the link goes on working", async () => {
  const at = await visit(suite.browser, `${suite.app.url}/gui/`);
  await generate(at.page, AWKWARD);
  await waitForPicture(at.page);

  const link = await copied(at.page, "link");
  assert.equal(link, permalink(link));
  const answer = await fetch(link);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "image/png");

  const markdown = await copied(at.page, "markdown");
  assert.equal(permalink(markdown), link);
  assert.ok(markdown.startsWith("![") && markdown.endsWith(`](${link})`));
  const alt = markdown.slice(2, -link.length - 3);
  assert.equal(alt.replace(/\\(.)/g, "$1"), AWKWARD);
  assert.doesNotMatch(alt.replace(/\\./g, ""), /[[\]<>*_`&()$]/, "all that Markdown would act on is escaped");

  const html = await copied(at.page, "html");
  const image = await at.page.evaluate((text) => {
    const { body } = new DOMParser().parseFromString(text, "text/html");
    return {
      elements: body.querySelectorAll("*").length,
      src: body.querySelector("img")?.src,
      alt: body.querySelector("img")?.alt,
    };
  }, html);
  assert.deepEqual(image, { elements: 1, src: link, alt: AWKWARD });

  const curl = await copied(at.page, "curl");
  assert.match(curl, /^curl -L -o "[\p{L}\p{N}.-]+\.png" "[^"$`\\!]+"$/u);
  assert.equal(permalink(curl), link);
  await at.close();
});

test("without the clipboard API the link is copied all the same", async () => {
  const at = await visit(suite.browser, `${suite.app.url}/gui/`);
  await at.page.evaluate(() => {
    Object.defineProperty(navigator.clipboard, "writeText", { value: () => Promise.reject(new Error("no")) });
  });
  await generate(at.page, "an old browser");
  await waitForPicture(at.page);
  permalink(await copied(at.page, "link"));
  await at.close();
});

test("the download is the picture's bytes under a sensible name", CHROMIUM_ONLY, async () => {
  const folder = await mkdtemp(join(tmpdir(), "free-flux-download-"));
  const at = await visit(suite.browser, `${suite.app.url}/gui/`);
  try {
    const session = await at.page.createCDPSession();
    const browserContextId = at.page.browserContext().id;
    await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder, browserContextId });
    await generate(at.page, "雨夜 / neon: street");
    await waitForPicture(at.page);
    const save = ".job .bar a[download]";
    const [, id] = /\/i\/([\w-]{8})/.exec(permalink(await at.page.$eval(save, (link) => link.href))) ?? [];
    await press(at.page, save);
    // The name that the Worker sends with a stored picture: a browser takes it before the page's own.
    const name = `雨夜-neon-street-${id}.png`;
    for (let i = 0; i < 50 && !(await readdir(folder)).includes(name); i += 1)
      await new Promise((r) => setTimeout(r, 100));
    assert.deepEqual(await readdir(folder), [name]);
    assert.equal((await readFile(join(folder, name))).subarray(1, 4).toString(), "PNG");
    await at.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a picture opens at its permalink", async () => {
  const at = await visit(suite.browser, `${suite.app.url}/gui/`);
  await generate(at.page, "to be opened");
  await waitForPicture(at.page);
  const links = await at.page.$$eval('.job a[target="_blank"]', (all) => all.map((a) => [a.href, a.rel]));
  assert.equal(links.length, 2); // the picture and the button
  for (const [href, rel] of links) {
    permalink(href);
    assert.equal(rel, "noopener");
  }
  await at.close();
});

test("where nothing is stored the link draws the picture, and breaks in neither Markdown nor HTML", async () => {
  const bare = await startTestApp({ kv: false });
  try {
    const at = await visit(suite.browser, `${bare.url}/gui/`);
    await generate(at.page, AWKWARD);
    await waitForPicture(at.page);
    const link = await copied(at.page, "link");
    if (!/\/i\//.test(link)) {
      assert.match(link, /^http:\/\/[\w.:]+\/\?[A-Za-z0-9%.=&-]+$/);
      assert.equal(new URL(link).searchParams.get("prompt"), AWKWARD);
    }
    const markdown = await copied(at.page, "markdown");
    assert.ok(markdown.endsWith(`](${link})`));
    assert.match(await copied(at.page, "html"), /^<img src="[^"<>]+" alt="[^"<>]*">$/);
    await at.close();
  } finally {
    await bare.stop();
  }
});
