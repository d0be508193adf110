/**
 * Takes screenshots of the pages, from the built Worker in demo mode, and for the owner after a week: `npm run
 * screenshots`.
 *
 *   test-results/screenshots/   all pages at 360 to 1920 pixels, light and dark, in both languages; git ignores them
 *   docs/                       small ones for the READMEs, written with `npm run screenshots -- --docs`
 *
 * Another folder in place of the first: `npm run screenshots -- some/folder`.
 */

import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { openBrowser } from "./support/browser.mjs";
import { startOwnersWeek, TOKEN } from "./support/owners_week.mjs";
import { drawScenes } from "./support/scenes.mjs";
import { startTestApp } from "./support/test_app.mjs";
import { visit, waitForPicture } from "./support/visit.mjs";
import { texts } from "../../assets/shared/texts/texts.js";
import { build } from "../../scripts/build.mjs";
import { main } from "../../scripts/lib/problem.mjs";
import { inProject } from "../../scripts/lib/project.mjs";

/** @type {Record<string, string | undefined>} */
const DEMO = { DEMO_IMAGES: "1", IMAGE_API_KEYS: undefined, PROCESS_API_KEY: undefined };
const WIDTHS = { 360: 780, 768: 1024, 1280: 800, 1920: 1080 };
const SCHEMES = /** @type {const} */ (["light", "dark"]);
const LANGUAGES = /** @type {const} */ (["zh-CN", "en"]);

/**
 * @typedef {typeof LANGUAGES[number]} Language
 *
 * @typedef {object} Shot
 * @property {"gui" | "usage" | "admin"} page
 * @property {Language} language
 * @property {typeof SCHEMES[number]} scheme
 * @property {number} width of the window, in pixels
 * @property {number} height
 * @property {string} file
 * @property {"png" | "webp"} type
 * @property {boolean} [full] the whole page, not only what the window shows of it
 * @property {number} [quality] of a WebP picture, in percent
 */

/** What is drawn for the form page's history and, last, its stage; in the dark another one is last. */
const PROMPTS = {
  "zh-CN": [
    "雨后的江南小巷，油纸伞，水彩",
    "云海上的未来城市，电影感",
    "竹林里的熊猫",
    "月光下的帆船，平静的海",
    "戴草帽的女孩肖像",
    "群山日出，薄雾",
    "窗台上打盹的橘猫，午后阳光",
  ],
  en: [
    "a lighthouse in a storm, oil painting",
    "a city above the clouds, cinematic",
    "a panda in a bamboo grove",
    "a sailing ship on a calm sea under the moon",
    "portrait of a girl in a straw hat",
    "mountains in the mist at dawn",
    "an orange cat asleep on a sunny windowsill",
  ],
};

/**
 * Pictures are asked for once and found in the store afterwards, so every visit shows the same ones.
 *
 * @param {string} url
 * @param {Language} language
 * @param {boolean} isDark
 */
async function history(url, language, isDark) {
  const list = [];
  const prompts = isDark ? [...PROMPTS[language].slice(4), ...PROMPTS[language].slice(0, 4)] : PROMPTS[language];
  for (const [index, prompt] of prompts.entries()) {
    const parameters = { prompt, size: "1024x1024", seed: String(index + 7) };
    const answer = await fetch(`${url}/?${new URLSearchParams(parameters)}`);
    if (!answer.ok) throw new Error(`no demo picture: ${answer.status} ${await answer.text()}`);
    const permalink = answer.headers.get("content-location") ?? "";
    list.unshift({ parameters, permalink, seed: parameters.seed, at: index });
  }
  return list;
}

/**
 * Visits a page and takes its picture.
 *
 * @param {string} url where the Worker is
 * @param {import("puppeteer-core").Browser} browser
 * @param {Shot} shot
 */
async function shoot(url, browser, { page, language, scheme, width, height, full, file, type, quality }) {
  const entries = await history(url, language, scheme === "dark");
  const [{ parameters, permalink }] = entries;
  const [id = ""] = /[\w-]{43}/.exec(permalink) ?? [];
  const path = page === "gui" ? `/gui/?${new URLSearchParams({ ...parameters, id })}` : "/";
  const at = await visit(browser, url + path, {
    language,
    scheme,
    width,
    height,
    storage: { "history.v1": entries },
  });
  if (page === "gui") {
    await waitForPicture(at.page);
    await at.page.$eval("#advanced", (details) => details.removeAttribute("open"));
    await at.page.$eval("#history", (section) => section.scrollIntoView());
    await at.page.waitForFunction(
      (count) => document.querySelectorAll("#gallery img").length === count,
      {},
      entries.length,
    );
  }
  await at.page.evaluate(() => {
    scrollTo(0, 0);
    // The examples name this host; a reader's is another one.
    for (const code of document.querySelectorAll(".example code")) {
      code.textContent = code.textContent.replaceAll(location.origin, "https://flux.example.com");
    }
    for (const origin of document.querySelectorAll(".live-link .origin"))
      origin.textContent = "https://flux.example.com/";
    return Promise.all(document.getAnimations().map((one) => one.finished));
  });
  await at.page.screenshot({ path: file, fullPage: full, type, quality });
  await at.close();
}

/**
 * Visits the owner's page and takes its picture.
 *
 * @param {string} url where the Worker is
 * @param {import("puppeteer-core").Browser} browser
 * @param {Shot} shot
 */
async function shootAdmin(url, browser, { language, scheme, width, height, full, file, type, quality }) {
  const at = await visit(browser, `${url}/admin/`, { language, scheme, width, height });
  await at.page.type("#token", TOKEN);
  await at.page.keyboard.press("Enter");
  await at.page.waitForSelector("#stats:not([hidden])");
  await at.page.waitForSelector(".tile img");
  // The whole page is taken as far as the first pictures: of the others only those near the window are there.
  if (full) {
    const end = await at.page.$eval("#grid", (grid) => grid.getBoundingClientRect().top + scrollY + 640);
    await at.page.setViewport({ width, height: Math.ceil(end) });
  }
  await at.page.waitForFunction(() =>
    Array.from(document.images).every((image) => image.complete || image.getBoundingClientRect().top > innerHeight),
  );
  await at.page.screenshot({ path: file, type, quality });
  await at.close();
}

await main(import.meta.url, async () => {
  const docs = process.argv.includes("--docs");
  const folder =
    process.argv.slice(2).find((word) => !word.startsWith("--")) ?? inProject("test-results", "screenshots");
  /** @type {Shot[]} */
  const shots = [];
  for (const page of /** @type {const} */ (["gui", "usage", "admin"])) {
    for (const language of LANGUAGES) {
      for (const scheme of SCHEMES) {
        const name = [page, scheme, language];
        if (docs) {
          const file = inProject("docs", `${name.join("-")}.webp`);
          shots.push({ page, language, scheme, width: 1280, height: 800, file, type: "webp", quality: 82 });
          continue;
        }
        for (const [width, height] of Object.entries(WIDTHS)) {
          const file = join(folder, `${[...name, width].join("-")}.png`);
          shots.push({ page, language, scheme, width: Number(width), height, full: true, file, type: "png" });
        }
      }
    }
  }
  await mkdir(docs ? inProject("docs") : folder, { recursive: true });
  await build();
  const app = await startTestApp({ vars: DEMO });
  const weeks = { "zh-CN": await startOwnersWeek(texts["zh-CN"]), en: await startOwnersWeek(texts.en) };
  const browser = await openBrowser();
  try {
    if (docs) await drawScenes(app.url, browser, inProject("docs", "scenes.webp"));
    for (const shot of shots) {
      if (shot.page === "admin") await shootAdmin(weeks[shot.language].url, browser, shot);
      else await shoot(app.url, browser, shot);
      console.log(`${shot.file}  ${Math.ceil((await stat(shot.file)).size / 1024)} KB`);
    }
  } finally {
    await browser.close();
    await Promise.all([app, ...Object.values(weeks)].map((one) => one.stop()));
  }
});
