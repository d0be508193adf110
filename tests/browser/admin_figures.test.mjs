/** The owner's page: keys, days, tokens, and what needs the owner. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { press, ready, startTestApp, textOf, useTestApp } from "./support/index.mjs";
import { enterAdmin, FRIEND, makeImage, OWNER, PER_DAY, TOKENS } from "./support/owner.mjs";

/** @import { Page } from "puppeteer-core" */

const suite = useTestApp({ vars: { ACCESS_TOKENS: TOKENS } });

/** The figures of today, by what they are of. @param {Page} page @returns {Promise<Record<string, string>>} */
const today = (page) =>
  page.$$eval("#today .card", (all) =>
    Object.fromEntries(
      all.map((card) => [card.querySelector("dt")?.textContent, card.querySelector("dd")?.textContent]),
    ),
  );

/** The rows of a list, each with its bar's length in percent. @param {Page} page @param {string} id */
const rows = (page, id) =>
  page.$$eval(`#${id} li`, (all) =>
    all.map((row) => [
      row.querySelector(".called")?.textContent ?? row.textContent,
      row.querySelector(".soft")?.textContent ?? "",
      row.querySelector("rect:last-child")?.getAttribute("width") ?? "",
    ]),
  );

/** Asks for an image that will fail. @param {Record<string, string>} parameters @param {string} token */
async function failImage(parameters, token = OWNER) {
  const url = `${suite.app.url}/?${new URLSearchParams(parameters)}`;
  const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}`, Accept: "application/json" } });
  assert.ok(!answer.ok, `${answer.status}`);
  return answer.json();
}

test("before anything was made the page says so, in both languages", async () => {
  const fresh = await startTestApp({ vars: { ACCESS_TOKENS: TOKENS } });
  try {
    for (const [language, words] of /** @type {["en" | "zh-CN", RegExp[]][]} */ ([
      ["en", [/Nothing needs you/, /Nothing was made/, /None failed/, /Key 1 ready/]],
      ["zh-CN", [/没有要处理的事/, /没有生成图片/, /没有失败的/, /密钥 1 可用/]],
    ])) {
      const at = await enterAdmin({ browser: suite.browser, app: fresh }, { language });
      await at.page.waitForSelector("#stats:not([hidden])");
      const all = await textOf(at.page, "#stats");
      for (const word of words) assert.match(all, word);
      await at.close();
    }
  } finally {
    await fresh.stop();
  }
});

test("what was made and what failed is counted: by day, model, reason and token", async () => {
  for (let n = 1; n <= PER_DAY; n += 1) await makeImage(suite.app, { prompt: `a friend's ${n}` }, FRIEND);
  await makeImage(suite.app, { prompt: "the owner's own" });
  const { error } = await failImage({ prompt: "one too many" }, FRIEND);
  assert.equal(error.code, "quota_exceeded");
  suite.app.vendors.onImage = () => suite.app.vendors.errorReply(400, { code: 20015, message: "no", data: null });
  await failImage({ prompt: "not for the model" });

  const at = await enterAdmin(suite);
  const { page } = at;
  await page.waitForSelector("#stats:not([hidden])");
  const figures = await today(page);
  assert.equal(figures.Made, String(PER_DAY + 1));
  assert.match(figures["Half within"], /^[\d.]+ s$/);
  assert.match(figures["Keys ready"], /^\d+ \/ \d+$/);
  assert.match(await page.$eval("#made-chart svg", (chart) => chart.getAttribute("aria-label") ?? ""), /3 made/);
  const [friend] = (await rows(page, "tokens")).filter(([name]) => name === "<b>friend</b>");
  assert.deepEqual(friend, ["<b>friend</b>", `all ${PER_DAY} of today used, ${PER_DAY} in seven days`, "100"]);
  const [me] = (await rows(page, "tokens")).filter(([name]) => name === "me");
  assert.match(me[1], /1 today, 1 in seven days; no quota/);
  const [[model, note]] = await rows(page, "models");
  assert.deepEqual([model, note], ["black-forest-labs/FLUX.1-schnell", "3 today, 3 in seven days"]);
  assert.ok((await rows(page, "failures")).some(([reason]) => reason === "The model refused this request"));
  assert.equal(await page.$$eval("#stats b b", (all) => all.length), 0, "a name is only a name");

  await press(page, ".as-table summary");
  const [row] = await page.$$eval("#days tbody tr", (all) =>
    all.map((one) => Array.from(one.children, (cell) => cell.textContent)),
  );
  assert.equal(row[1], String(PER_DAY + 1));
  await at.close();
});

test("a key that the vendor refuses is pointed out, with no more of it than four characters", async () => {
  const app = await startTestApp({
    vars: { ACCESS_TOKENS: TOKENS, IMAGE_API_KEYS: "key-one-abcdefgh,key-two-ijklmnop", PROCESS_API_KEY: undefined },
  });
  try {
    app.vendors.onImage = () => app.vendors.errorReply(401, "Invalid token");
    const answer = await fetch(`${app.url}/?prompt=refused`, {
      headers: { Authorization: `Bearer ${OWNER}`, Accept: "application/json" },
    });
    assert.equal(answer.status, 502);
    for (const [language, words] of /** @type {["en" | "zh-CN", RegExp][]} */ ([
      ["en", /refused.*does not accept this key/],
      ["zh-CN", /被拒绝.*不接受这个密钥/],
    ])) {
      const at = await enterAdmin({ browser: suite.browser, app }, { language });
      await at.page.waitForSelector("#stats:not([hidden])");
      assert.match(await textOf(at.page, "#keys li:first-child"), words);
      assert.ok((await textOf(at.page, "#keys")).includes("…efgh"));
      assert.doesNotMatch(await at.page.content(), /key-one|key-two|abcdefgh|ijklmnop/);
      assert.notEqual(await textOf(at.page, "#warnings"), "");
      assert.equal(await at.page.$(".warning.none"), null);
      await at.close();
    }
  } finally {
    await app.stop();
  }
});

test("a key that rests says until when", async () => {
  const app = await startTestApp({
    vars: {
      ACCESS_TOKENS: TOKENS,
      IMAGE_API_KEYS: "key-one-abcdefgh",
      PROCESS_API_KEY: undefined,
      GENERATION_TIMEOUT: "5",
    },
  });
  try {
    app.vendors.onImage = () => app.vendors.errorReply(429, { message: "slow down" });
    await fetch(`${app.url}/?prompt=later`, {
      headers: { Authorization: `Bearer ${OWNER}`, Accept: "application/json" },
    });
    const at = await enterAdmin({ browser: suite.browser, app });
    await at.page.waitForSelector("#stats:not([hidden])");
    assert.match(await textOf(at.page, "#keys li"), /resting until \d\d:\d\d/);
    await at.close();
  } finally {
    await app.stop();
  }
});

test("the figures follow when they are asked for anew", async () => {
  const at = await enterAdmin(suite);
  await at.page.waitForSelector("#stats:not([hidden])");
  const before = Number((await today(at.page)).Made);
  await makeImage(suite.app, { prompt: "made while one looks" });
  await press(at.page, "#reload");
  await at.page.waitForFunction(
    (count) => document.querySelector("#today dd")?.textContent === count,
    {},
    String(before + 1),
  );
  await at.close();
});

test("the language can be switched, and everything on the page follows", async () => {
  const at = await enterAdmin(suite);
  const { page } = at;
  await page.waitForSelector("#stats:not([hidden])");
  await page.waitForSelector(".tile");
  const han = () =>
    page.evaluate(() => (document.body.innerText.match(/\p{Script=Han}+/gu) ?? []).filter((words) => words !== "中文"));
  assert.deepEqual(await han(), []);
  await press(page, "#language-switch");
  assert.equal(await page.title(), "管理 · Free Flux");
  assert.ok("已生成" in (await today(page)));
  const labels = await page.$$eval("h1, h2, dt, figcaption, summary, button, .pill, thead th", (all) =>
    all
      .filter((element) => element.getClientRects().length)
      .map((element) => /** @type {HTMLElement} */ (element).innerText.trim()),
  );
  assert.deepEqual(
    labels.filter((label) => /[A-Za-z]{4,}/.test(label) && label !== "English"),
    [],
  );
  await page.reload();
  await ready(page);
  await page.waitForSelector("#stats:not([hidden])");
  assert.equal(await page.title(), "管理 · Free Flux");
  await at.close();
});
