/** A visit to a page, and a guard that minds what no page may do: errors, violations of its policy, foreign hosts. */
import assert from "node:assert/strict";
import { isFirefox } from "./browser.mjs";

/**
 * @typedef {object} Options
 * @property {"en" | "zh-CN"} [language] the browser's
 * @property {"light" | "dark"} [scheme] the system's
 * @property {number} [width] of the window
 * @property {number} [height]
 * @property {boolean} [script] false: scripts are switched off
 * @property {Record<string, any>} [storage] what this browser kept earlier, without the keys' prefix
 * @property {RegExp} [allow] console errors that belong to the test; a browser logs each failed request as one
 * @property {boolean} [touch]
 */

/** Firefox looks for the icon of a picture that is opened on its own, whose policy lets nothing be loaded, and says so. */
const ICON_OF_A_PICTURE = /^Content-Security-Policy: .*\(img-src\) at \S+\/favicon\.ico .*“default-src 'none'”/;

/**
 * Opens a page in a browser profile of its own.
 * @param {import("puppeteer-core").Browser} browser
 * @param {string} url
 * @param {Options} [options]
 */
export async function visit(browser, url, options = {}) {
  const { language = "en", scheme = "light", width = 1280, height = 800, script = true, storage = {}, allow } = options;
  const context = await browser.createBrowserContext();
  const origin = new URL(url).origin;
  if (!isFirefox)
    await context.overridePermissions(origin, ["clipboard-read", "clipboard-write", "clipboard-sanitized-write"]);
  const page = await context.newPage();
  if (isFirefox) adaptToFirefox(page);
  /** @type {string[]} */
  const problems = [];
  /** @type {import("puppeteer-core").HTTPRequest[]} */
  const requests = [];

  page.on("pageerror", (error) => {
    const message = error instanceof Error ? error.message : String(error);
    if (!(isFirefox && ICON_OF_A_PICTURE.test(message))) problems.push(`uncaught: ${message}`);
  });
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warn") return;
    const text = `console: ${message.text()} ${message.location().url || ""}`;
    if (!allow?.test(text)) problems.push(text);
  });
  page.on("request", (request) => {
    requests.push(request);
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin) {
      problems.push(`foreign request: ${request.url()}`);
    }
  });
  await page.exposeFunction("reportViolation", (/** @type {string} */ what) => problems.push(`policy: ${what}`));
  await page.evaluateOnNewDocument(() => {
    addEventListener("securitypolicyviolation", (event) =>
      /** @type {any} */ (window).reportViolation(`${event.effectiveDirective} ${event.blockedURI}`),
    );
  });
  const languages = language === "en" ? ["en-GB", "en"] : ["zh-CN", "zh"];
  await page.evaluateOnNewDocument((list) => {
    Object.defineProperty(navigator, "languages", { get: () => list });
    Object.defineProperty(navigator, "language", { get: () => list[0] });
  }, languages);
  await page.evaluateOnNewDocument((entries) => {
    // A picture on its own has no storage; a reload finds what the page made of it.
    if (!entries.length || sessionStorage.getItem("seeded")) return;
    sessionStorage.setItem("seeded", "yes");
    for (const [key, value] of entries) localStorage.setItem(`flux.${key}`, JSON.stringify(value));
  }, Object.entries(storage));
  if (!script) await page.setJavaScriptEnabled(false);
  if (isFirefox) {
    await page.setViewport({ width, height });
  } else {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.setViewport({ width, height, hasTouch: Boolean(options.touch), isMobile: Boolean(options.touch) });
  }
  await page.goto(url);
  if (script) await ready(page);

  return {
    page,
    requests,
    problems,
    /** Closes the page, having checked that nothing went wrong unseen. */
    async close() {
      await context.close();
      assert.deepEqual(problems, []);
    },
  };
}

/**
 * Goes around what the library cannot do in Firefox: it waits by code that it makes from a text inside the page, which the
 * page's policy forbids; and it sets a window's size, and then fails at the screen's orientation.
 *
 * @param {Page} page
 */
function adaptToFirefox(page) {
  /** @param {any} condition @param {any} _options @param {any[]} given @returns {Promise<any>} */
  page.waitForFunction = async (condition, _options, ...given) => {
    const end = Date.now() + 30_000;
    while (Date.now() < end) {
      const value = await page.evaluateHandle(condition, ...given).catch(() => /** @type {any} */ (null));
      // A built-in function has no source that could be sent there.
      if (await value?.evaluate((/** @type {unknown} */ it) => Boolean(it))) return value;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`waited 30 s for ${condition}`);
  };
  const setViewport = page.setViewport.bind(page);
  page.setViewport = async (viewport) => {
    await setViewport(viewport).catch(() => {});
    // Nor does it wait until the window has that size.
    await page.waitForFunction((width) => innerWidth === width, {}, viewport?.width ?? 0);
  };
}

/** @typedef {import("puppeteer-core").Page} Page */

/** Waits until the page's scripts have set it up. @param {Page} page */
export const ready = (page) => page.waitForSelector("html[data-ready]");

/** Empties a field and types into it. @param {Page} page @param {string} selector @param {string} text */
export async function retype(page, selector, text) {
  await setValue(page, selector, "");
  await page.type(selector, text);
}

/**
 * Sets a field's value without its page hearing of it.
 *
 * @param {Page} page
 * @param {string} selector
 * @param {string} value
 */
export const setValue = (page, selector, value) =>
  page.$eval(
    selector,
    (field, text) => {
      /** @type {HTMLInputElement} */ (field).value = text;
    },
    value,
  );

/** The value of a field. @param {Page} page @param {string} selector */
export const valueOf = (page, selector) =>
  page.$eval(selector, (field) => /** @type {HTMLInputElement} */ (field).value);

/** The values of the page's form, by name. @param {Page} page @returns {Promise<Record<string, unknown>>} */
export const formValues = (page) =>
  page.$eval("#form", (form) => Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (form))));

/** Types a prompt and asks for its picture. @param {Page} page @param {string} prompt */
export async function generate(page, prompt) {
  await setValue(page, "#prompt", "");
  await page.type("#prompt", prompt);
  await page.click("#generate");
}

/**
 * The newest card, once it is in a state.
 * @param {Page} page
 * @param {import("../../../assets/gui/job.js").State} state
 */
export const waitForCard = (page, state) => page.waitForSelector(`#jobs > .job:first-child[data-state="${state}"]`);

/** Waits for a picture that is really there. @param {Page} page */
export async function waitForPicture(page) {
  const shown = await waitForCard(page, "done");
  await page.waitForFunction((element) => Number(element?.querySelector("img")?.naturalWidth) > 0, {}, shown);
  return shown;
}

/** The text a reader sees in an element. @param {Page} page @param {string} selector */
export const textOf = (page, selector) =>
  page.$eval(selector, (element) => /** @type {HTMLElement} */ (element).innerText.replace(/\s+/g, " ").trim());

/**
 * The facts on the newest card: `{ Model, Seed, Size, … }`.
 * @param {Page} page
 * @returns {Promise<Record<string, string>>}
 */
export const facts = (page) =>
  page.$eval("#jobs > .job:first-child .facts", (list) =>
    Object.fromEntries(
      Array.from(list.children, (fact) => [fact.firstChild?.textContent, fact.lastChild?.textContent]),
    ),
  );

/** Clicks, wherever the element is on the page. @param {Page} page @param {string} selector */
export const press = (page, selector) =>
  page.$eval(selector, (element) => /** @type {HTMLElement} */ (element).click());

/** The page's address, as its scripts have left it. @param {Page} page */
export const addressOf = (page) => page.evaluate(() => location.href);

/** The text on the clipboard. @param {Page} page */
export const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

/** The value that this browser stores under a key. @param {Page} page @param {string} key @returns {Promise<any>} */
export const storedValue = (page, key) =>
  page.evaluate((name) => JSON.parse(localStorage.getItem(`flux.${name}`) ?? "null"), key);
