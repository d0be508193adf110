/** A visit to the owner's page of a deployment with tokens of both kinds. */
import { visit } from "./visit.mjs";

/** @typedef {import("./index.mjs").TestApp} TestApp */
/** @typedef {import("puppeteer-core").Page} Page */

export const OWNER = "token-of-the-owner";
export const FRIEND = "token-of-a-friend";

/** What a friend may have made in a day. */
export const PER_DAY = 2;

export const TOKENS = JSON.stringify({
  me: { token: OWNER, owner: true },
  "<b>friend</b>": { token: FRIEND, per_day: PER_DAY },
});

/** Opens the page. @param {{browser: import("puppeteer-core").Browser, app: TestApp}} suite @param {import("./visit.mjs").Options} [options] */
export const openAdmin = (suite, options) => visit(suite.browser, `${suite.app.url}/admin/`, options);

/** Answers the question for the token. @param {Page} page @param {string} token */
export async function signIn(page, token) {
  await page.waitForSelector("#sign-in:not([hidden])");
  await page.type("#token", token);
  await page.keyboard.press("Enter");
}

/**
 * Opens the page, and goes in with the owner's token.
 * @param {Parameters<typeof openAdmin>[0]} suite
 * @param {Parameters<typeof openAdmin>[1]} [options]
 */
export async function enterAdmin(suite, options) {
  const at = await openAdmin(suite, options);
  await signIn(at.page, OWNER);
  await at.page.waitForSelector("#dashboard:not([hidden])");
  return at;
}

/** Waits for so many pictures to be on show. @param {Page} page @param {number} count */
export const waitForTiles = (page, count) =>
  page.waitForFunction((n) => document.querySelectorAll(".tile").length === n, {}, count);

/** The prompts on show, in their order. @param {Page} page */
export const captions = (page) => page.$$eval(".tile .caption", (all) => all.map((caption) => caption.textContent));

/**
 * Has an image made for someone, and waits until it is stored.
 * @param {TestApp} app
 * @param {Record<string, string>} parameters
 * @param {string} [token]
 * @returns {Promise<string>} its id
 */
export async function makeImage(app, parameters, token = OWNER) {
  const url = `${app.url}/?${new URLSearchParams(parameters)}`;
  const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}`, Accept: "application/json" } });
  if (!answer.ok) throw new Error(`no image: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
  const id = answer.headers.get("x-image-id") ?? "";
  await app.stored(id);
  return id;
}

/** Takes all pictures out of the store. @param {TestApp} app */
export async function emptyStore(app) {
  const library = await app.library();
  for (let page; !page?.list_complete; ) {
    page = await library.list();
    for (const { name } of page.keys) await library.delete(name);
  }
}
