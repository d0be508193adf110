/** A visit to a page, and a guard that minds what no page may do: errors, violations of its policy, foreign hosts. */
import assert from "node:assert/strict";

/**
 * @typedef {object} Options
 * @property {"en" | "zh-CN"} [language] the browser's
 * @property {"light" | "dark"} [scheme] the system's
 * @property {number} [width] of the window
 * @property {number} [height]
 * @property {boolean} [script] whether scripts run
 * @property {Record<string, any>} [storage] what this browser kept earlier, without the keys' prefix
 * @property {RegExp} [allow] console errors that belong to the test; a browser logs each failed request as one
 * @property {boolean} [touch]
 */

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
  await context.overridePermissions(origin, ["clipboard-read", "clipboard-write", "clipboard-sanitized-write"]);
  const page = await context.newPage();
  const problems = [];
  const requests = [];

  page.on("pageerror", (error) => problems.push(`uncaught: ${error.message}`));
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
  await page.exposeFunction("reportViolation", (what) => problems.push(`policy: ${what}`));
  await page.evaluateOnNewDocument(() => {
    addEventListener("securitypolicyviolation", (event) =>
      window.reportViolation(`${event.effectiveDirective} ${event.blockedURI}`),
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
  await page.setJavaScriptEnabled(script);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.setViewport({ width, height, hasTouch: Boolean(options.touch), isMobile: Boolean(options.touch) });
  await page.goto(url);
  if (script) await ready(page);

  return {
    page,
    requests,
    problems,
    /** Closes the page, having checked that nothing went wrong unseen. */
    async leave() {
      await context.close();
      assert.deepEqual(problems, []);
    },
  };
}

/** Waits until the page's scripts have set it up. */
export const ready = (page) => page.waitForSelector("html[data-ready]");

/** Types a prompt and asks for its picture. */
export async function ask(page, prompt) {
  await page.$eval("#prompt", (field) => (field.value = ""));
  await page.type("#prompt", prompt);
  await page.click("#generate");
}

/** The newest card, once it is in a state. @param {"working" | "done" | "failed" | "waiting" | "cancelled"} state */
export const card = (page, state) => page.waitForSelector(`#jobs > .job:first-child[data-state="${state}"]`);

/** Waits for a picture that is really there. */
export async function picture(page) {
  const shown = await card(page, "done");
  await page.waitForFunction((element) => element.querySelector("img")?.naturalWidth > 0, {}, shown);
  return shown;
}

/** The text a reader sees in an element. */
export const textOf = (page, selector) =>
  page.$eval(selector, (element) => element.innerText.replace(/\s+/g, " ").trim());

/** What the newest card says its picture was made with: `{ Model, Seed, Size, … }`. */
export const facts = (page) =>
  page.$eval("#jobs > .job:first-child .facts", (list) =>
    Object.fromEntries(Array.from(list.children, (fact) => [fact.firstChild.textContent, fact.lastChild.textContent])),
  );

/** Clicks, wherever the element is on the page. */
export const press = (page, selector) => page.$eval(selector, (element) => element.click());

/** What the clipboard holds. */
export const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

/** What this browser keeps. */
export const kept = (page, key) => page.evaluate((name) => JSON.parse(localStorage.getItem(`flux.${name}`)), key);
