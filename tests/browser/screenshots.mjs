/**
 * Takes screenshots of the pages, from the built Worker in demo mode, and for the owner after a week: `npm run
 * screenshots`.
 *
 *   test-results/screenshots/   all states at 360 to 1920 pixels, light and dark, in both languages; git ignores them
 *   docs/                       small ones for the READMEs, written with `npm run screenshots -- --docs`
 *
 * Another folder in place of the first, and only some states: `npm run screenshots -- some/folder gui-line usage`.
 */

import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { openBrowser } from "./support/browser.mjs";
import { startOwnersWeek } from "./support/owners_week.mjs";
import { drawScenes } from "./support/scenes.mjs";
import { STATES } from "./support/states.mjs";
import { startTestApp } from "./support/test_app.mjs";
import { visit } from "./support/visit.mjs";
import { texts } from "../../assets/shared/texts/texts.js";
import { build } from "../../scripts/build.mjs";
import { main } from "../../scripts/lib/problem.mjs";
import { inProject } from "../../scripts/lib/project.mjs";

/** @type {Record<string, string | undefined>} */
const DEMO = { DEMO_IMAGES: "1", IMAGE_API_KEYS: undefined, PROCESS_API_KEY: undefined };
const WIDTHS = { 360: 780, 768: 1024, 1280: 800, 1920: 1080 };
const SCHEMES = /** @type {const} */ (["light", "dark"]);
const LANGUAGES = /** @type {const} */ (["zh-CN", "en"]);

/** The states that the READMEs show. */
const README_STATES = ["gui", "usage", "admin"];

/**
 * @typedef {typeof LANGUAGES[number]} Language
 *
 * @typedef {object} Shot
 * @property {string} state its name
 * @property {Language} language
 * @property {typeof SCHEMES[number]} scheme
 * @property {number} width of the window, in pixels
 * @property {number} height
 * @property {string} file
 * @property {"png" | "webp"} type
 * @property {boolean} full where the state has more than its window
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
 * Brings a page into a state and takes its picture.
 *
 * @param {string} url where the Worker is
 * @param {import("puppeteer-core").Browser} browser
 * @param {Shot} shot
 */
async function shoot(url, browser, { state, language, scheme, width, height, full, file, type, quality }) {
  const entries = isAdmin(state) ? [] : await history(url, language, scheme === "dark");
  const { reach, full: isLong } = STATES[state];
  const options = { language, scheme, width, height, storage: { "history.v1": entries } };
  const scene = { scheme, entries, origin: url, isWhole: full };
  const at = await reach((path, more) => visit(browser, url + path, { ...options, ...more }), scene);
  await settle(at.page, isLong === true);
  // What sticks to a narrow window's foot would be in the middle of the page.
  if (full && isLong && width < 900) {
    await at.page.setViewport({ width, height: await at.page.evaluate(() => document.documentElement.scrollHeight) });
  }
  await at.page.screenshot({ path: file, fullPage: full && isLong, type, quality });
  await at.close();
}

/** Ends what moves, names a host as a reader's would be, and goes to the top. @param {import("puppeteer-core").Page} page @param {boolean} toTop */
async function settle(page, toTop) {
  await page.mouse.move(0, 0);
  await page.waitForFunction(() =>
    Array.from(document.images).every((image) => {
      const [place] = image.getClientRects();
      return image.complete || !place || place.top > innerHeight || place.left > innerWidth;
    }),
  );
  await page.evaluate((isTop) => {
    if (isTop) scrollTo(0, 0);
    for (const code of document.querySelectorAll(".example code")) {
      code.textContent = code.textContent.replaceAll(location.origin, "https://flux.example.com");
    }
    for (const origin of document.querySelectorAll(".live-link .origin"))
      origin.textContent = "https://flux.example.com/";
    const passing = document.getAnimations().filter((one) => one.effect?.getTiming().iterations === 1);
    return Promise.allSettled(passing.map((one) => one.finished));
  }, toTop);
}

/** @param {string} state */
const isAdmin = (state) => state.startsWith("admin");

/** @param {Omit<Shot, "language" | "scheme" | "file">} shot @param {(name: string) => string} fileOf @returns {Shot[]} */
const inAllLooks = (shot, fileOf) =>
  LANGUAGES.flatMap((language) =>
    SCHEMES.map((scheme) => ({ ...shot, language, scheme, file: fileOf(`${shot.state}-${scheme}-${language}`) })),
  );

/** Small ones of each page in its first state. @returns {Shot[]} */
const forReadmes = () =>
  README_STATES.flatMap((state) =>
    inAllLooks({ state, width: 1280, height: 800, full: false, type: "webp", quality: 82 }, (name) =>
      inProject("docs", `${name}.webp`),
    ),
  );

/** All states in all windows. @param {string} folder @param {string[]} only names of states; none: all @returns {Shot[]} */
const ofAllStates = (folder, only) =>
  Object.keys(STATES)
    .filter((state) => only.length === 0 || only.includes(state))
    .flatMap((state) =>
      Object.entries(WIDTHS).flatMap(([width, height]) =>
        inAllLooks({ state, width: Number(width), height, full: true, type: "png" }, (name) =>
          join(folder, `${name}-${width}.png`),
        ),
      ),
    );

await main(import.meta.url, async () => {
  const docs = process.argv.includes("--docs");
  const [folder = inProject("test-results", "screenshots"), ...only] = process.argv
    .slice(2)
    .filter((word) => !word.startsWith("--"));
  const shots = docs ? forReadmes() : ofAllStates(folder, only);
  await mkdir(docs ? inProject("docs") : folder, { recursive: true });
  await build();
  const app = await startTestApp({ vars: DEMO });
  const weeks = shots.some(({ state }) => isAdmin(state))
    ? { "zh-CN": await startOwnersWeek(texts["zh-CN"]), en: await startOwnersWeek(texts.en) }
    : null;
  const browser = await openBrowser();
  try {
    if (docs) await drawScenes(app.url, browser, inProject("docs", "scenes.webp"));
    for (const shot of shots) {
      await shoot(weeks && isAdmin(shot.state) ? weeks[shot.language].url : app.url, browser, shot);
      console.log(`${shot.file}  ${Math.ceil((await stat(shot.file)).size / 1024)} KB`);
    }
  } finally {
    await browser.close();
    await Promise.all([app, ...Object.values(weeks ?? {})].map((one) => one.stop()));
  }
});
