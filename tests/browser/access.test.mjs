import assert from "node:assert/strict";
import { test } from "node:test";
import {
  generate,
  waitForCard,
  clipboard,
  storedValue,
  waitForPicture,
  press,
  ready,
  useTestApp,
  startTestApp,
  textOf,
  visit,
  addressOf,
} from "./support/index.mjs";

/** @import { Page } from "puppeteer-core" */

const TOKEN = "open-sesame-123";

const suite = useTestApp({ vars: { ACCESS_TOKENS: TOKEN } });

const open = (options = {}) => visit(suite.browser, `${suite.app.url}/gui/`, { allow: /status of 401/, ...options });

/** @param {Page} page @param {string} token */
async function answer(page, token) {
  await page.waitForSelector("#token-dialog[open]");
  await page.type("#token", token);
  await page.keyboard.press("Enter");
}

test("a token is asked for once, kept in this browser, sent in a header and never put in a link", async () => {
  const at = await open();
  await generate(at.page, "behind a door");
  await answer(at.page, TOKEN);
  await waitForPicture(at.page);
  assert.equal(await storedValue(at.page, "token"), TOKEN);

  await at.page.goto(`${suite.app.url}/gui/`);
  await ready(at.page);
  await generate(at.page, "the second needs no asking");
  await waitForPicture(at.page);
  assert.equal(await at.page.$("#token-dialog[open]"), null);

  const withToken = at.requests.filter((request) => request.headers().authorization === `Bearer ${TOKEN}`);
  assert.ok(withToken.length >= 2);
  for (const request of at.requests) assert.ok(!request.url().includes(TOKEN), request.url());
  assert.ok(!(await addressOf(at.page)).includes(TOKEN));
  for (const way of ["link", "markdown", "html", "curl"]) {
    await press(at.page, `.job [data-copy="copy-${way}"]`);
    await at.page.waitForFunction(
      (key) => document.querySelector(`[data-copy="copy-${key}"]`)?.textContent === "Copied",
      {},
      way,
    );
    assert.ok(!(await clipboard(at.page)).includes(TOKEN));
  }
  await at.close();
});

test("a wrong token is said to be wrong and asked for again", async () => {
  const at = await open();
  await generate(at.page, "wrong key");
  await answer(at.page, "not-it");
  await at.page.waitForFunction(() => document.querySelector("#token-why")?.textContent.includes("not accepted"));
  await answer(at.page, TOKEN);
  await waitForPicture(at.page);
  await at.close();
});

test("who has no token can say so, and is told what that means", async () => {
  const at = await open();
  await generate(at.page, "no key at all");
  await at.page.waitForSelector("#token-dialog[open]");
  await at.page.keyboard.press("Escape");
  await waitForCard(at.page, "failed");
  assert.match(await textOf(at.page, ".job .failure"), /access token is needed/i);
  await press(at.page, ".job .failure button");
  await answer(at.page, TOKEN);
  await waitForPicture(at.page);
  await at.close();
});

test("two pictures that need a token ask for it once", async () => {
  const at = await open();
  await generate(at.page, "first behind the door");
  await at.page.waitForSelector("#token-dialog[open]");
  await at.page.evaluate(() => {
    /** @type {HTMLTextAreaElement} */ (document.querySelector("textarea")).value = "second behind the door";
    document.forms.namedItem("form")?.requestSubmit();
  });
  await at.page.waitForFunction(() => document.querySelectorAll(".job").length === 2);
  await answer(at.page, TOKEN);
  await at.page.waitForFunction(() => document.querySelectorAll('.job[data-state="done"]').length === 2);
  await at.close();
});

test("a token that no header can carry is not taken", async () => {
  const at = await open();
  await generate(at.page, "odd key");
  await answer(at.page, "键 键");
  assert.equal(await at.page.$eval("#token", (field) => field.getAttribute("aria-invalid")), "true");
  assert.equal(await storedValue(at.page, "token"), null);
  await at.close();
});

test("a token can be forgotten", async () => {
  const at = await open({ storage: { token: TOKEN } });
  await press(at.page, "#token-button");
  await at.page.waitForSelector("#token-dialog[open]");
  await press(at.page, "#token-forget");
  assert.equal(await storedValue(at.page, "token"), null);
  assert.equal(await at.page.$eval("button#token-button", (button) => button.hidden), true);
  await at.close();
});

test("where only certain sites may have pictures made, both pages may on such a site", async () => {
  const guarded = await startTestApp({ vars: { ALLOWED_REFERERS: "localhost" } });
  try {
    const site = guarded.url.replace("127.0.0.1", "localhost");
    const at = await visit(suite.browser, `${site}/gui/`);
    await generate(at.page, "from this very site");
    await waitForPicture(at.page);
    await at.page.goto(`${site}/`);
    await ready(at.page);
    await at.page.type("#prompt", "by the usage page's link");
    const [answer] = await Promise.all([at.page.waitForNavigation(), at.page.click("#open-link")]);
    assert.equal(answer?.status(), 200);
  } finally {
    await guarded.stop();
  }
});
