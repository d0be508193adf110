/** The owner's page: who is let in, and where the token goes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { press, ready, setValue, textOf, useTestApp } from "./support/index.mjs";
import { enterAdmin, FRIEND, openAdmin, OWNER, signIn, TOKENS } from "./support/owner.mjs";

/** @import { Page } from "puppeteer-core" */

const REFUSED = /status of 401/;

const suite = useTestApp({ vars: { ACCESS_TOKENS: TOKENS } });

/** The token that a page would find. @param {Page} page */
const kept = (page) =>
  page.evaluate(() =>
    ["flux.owner-token"].flatMap((name) => [sessionStorage.getItem(name), localStorage.getItem(name)]),
  );

test("without a token the page asks for one, and asks the service nothing", async () => {
  for (const [language, heading] of /** @type {["en" | "zh-CN", string][]} */ ([
    ["en", "For the owner"],
    ["zh-CN", "管理"],
  ])) {
    const at = await openAdmin(suite, { language });
    await at.page.waitForSelector("#sign-in:not([hidden])");
    assert.equal(await textOf(at.page, "#sign-in h1"), heading);
    assert.equal(await at.page.evaluate(() => document.activeElement?.id), "token");
    await at.page.keyboard.press("Enter");
    assert.notEqual(await textOf(at.page, "#sign-in-problem"), "");
    assert.deepEqual(
      at.requests.filter((request) => /\/v1\/|\/health/.test(request.url())),
      [],
    );
    await at.close();
  }
});

for (const [whose, token] of [
  ["nobody's", "token-of-nobody"],
  ["a friend's, who may only make pictures", FRIEND],
]) {
  test(`a token that is ${whose} is refused in words, and forgotten`, async () => {
    const at = await openAdmin(suite, { allow: REFUSED });
    await signIn(at.page, token);
    await at.page.waitForFunction(() => document.querySelector("#sign-in-problem")?.textContent !== "");
    assert.match(await textOf(at.page, "#sign-in-problem"), /not accepted.*an owner’s/);
    assert.deepEqual(await kept(at.page), [null, null]);
    assert.equal(await at.page.evaluate(() => document.activeElement?.id), "token");
    assert.equal(await at.page.$eval("div#dashboard", (element) => element.hidden), true);
    // The field still has it, to be mended.
    await setValue(at.page, "#token", "");
    await signIn(at.page, OWNER);
    await at.page.waitForSelector("#dashboard:not([hidden])");
    assert.equal(await textOf(at.page, "#sign-in-problem"), "");
    await at.close();
  });
}

test("a token that no header can carry is not sent", async () => {
  const at = await openAdmin(suite);
  await signIn(at.page, "键 键");
  assert.match(await textOf(at.page, "#sign-in-problem"), /no token/);
  assert.equal(await at.page.$eval("#token", (field) => field.getAttribute("aria-invalid")), "true");
  assert.ok(!at.requests.some((request) => request.url().includes("/v1/")));
  await at.close();
});

test("the token is kept for this tab, sent in a header, and in no address; no request says where it comes from", async () => {
  const at = await enterAdmin(suite);
  assert.deepEqual(await kept(at.page), [OWNER, null]);
  await at.page.reload();
  await ready(at.page);
  await at.page.waitForSelector("#dashboard:not([hidden])");
  await at.page.waitForSelector("#no-pictures:not([hidden])");
  const asked = at.requests.filter((request) => request.url().includes("/v1/"));
  assert.ok(asked.length >= 2);
  for (const request of asked) assert.equal(request.headers().authorization, `Bearer ${OWNER}`);
  for (const request of at.requests) {
    assert.ok(!request.url().includes(OWNER), request.url());
    assert.ok(!request.headers().referer, request.url());
  }
  assert.ok(!(await at.page.content()).includes(OWNER));

  const tab = await at.page.browserContext().newPage();
  await tab.goto(`${suite.app.url}/admin/`);
  await ready(tab);
  assert.equal(await tab.$eval("form#sign-in", (form) => form.hidden), false);
  await at.close();
});

test("a token that is to be remembered opens the next tab, until it is forgotten", async () => {
  const at = await openAdmin(suite);
  await at.page.click("#remember");
  await signIn(at.page, OWNER);
  await at.page.waitForSelector("#dashboard:not([hidden])");
  assert.deepEqual(await kept(at.page), [null, OWNER]);
  const tab = await at.page.browserContext().newPage();
  await tab.goto(`${suite.app.url}/admin/`);
  await tab.waitForSelector("#dashboard:not([hidden])");
  await Promise.all([tab.waitForNavigation(), tab.click("#sign-out")]);
  await ready(tab);
  assert.equal(await tab.$eval("form#sign-in", (form) => form.hidden), false);
  assert.deepEqual(await kept(tab), [null, null]);
  await at.close();
});

test("a token that is no longer good leads back to the question, and takes what was shown with it", async () => {
  const at = await enterAdmin(suite, { allow: REFUSED });
  await at.page.waitForSelector("#stats:not([hidden])");
  await at.page.evaluate(() => sessionStorage.setItem("flux.owner-token", "token-of-yesterday"));
  await press(at.page, "#reload");
  await at.page.waitForSelector("#sign-in:not([hidden])");
  assert.match(await textOf(at.page, "#sign-in-problem"), /no longer accepted/);
  assert.equal(await at.page.$eval("div#dashboard", (element) => element.hidden), true);
  assert.deepEqual(await kept(at.page), [null, null]);
  await at.close();
});

test("where storage is blocked the token lasts as long as the page", async () => {
  const at = await openAdmin(suite);
  await at.page.evaluate(() => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException("blocked", "SecurityError");
        },
      });
    }
  });
  await signIn(at.page, OWNER);
  await at.page.waitForSelector("#dashboard:not([hidden])");
  await at.page.waitForSelector("#no-pictures:not([hidden])");
  await at.close();
});
