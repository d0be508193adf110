import assert from "node:assert/strict";
import { test } from "node:test";
import {
  generate,
  waitForCard,
  waitForPicture,
  press,
  useTestApp,
  textOf,
  visit,
  addressOf,
  CHROMIUM_ONLY,
} from "./support/index.mjs";

/** @import { Page, ResponseForRequest } from "puppeteer-core" */

/**
 * Every code of the API's error table, with its status, and what the page says of it in either language.
 * @type {Record<string, [status: number, en: string, zh: string]>}
 */
const CODES = {
  answer_too_large: [413, "The pictures are too large for one answer", "图片太大，一次放不下"],
  missing_prompt: [400, "There is no prompt", "缺少提示词"],
  invalid_parameter: [400, "A setting is not accepted", "有个参数不对"],
  invalid_json: [400, "The service could not read the request", "服务没有读懂请求"],
  invalid_signature: [403, "The link’s signature is not right", "链接的签名不对"],
  signature_expired: [403, "The signed link has expired", "签名链接已过期"],
  referer_not_allowed: [403, "Pictures cannot be made from this site", "不允许从这个网站生成图片"],
  not_found: [404, "There is nothing at this address", "没有这个地址"],
  image_not_found: [404, "This picture is no longer stored", "这张图片不再保存"],
  model_not_found: [404, "There is no such model", "没有这个模型"],
  method_not_allowed: [405, "The service does not take this kind of request", "服务不接受这种请求"],
  body_too_large: [413, "The request is too large", "请求太大"],
  unsupported_media_type: [415, "The service does not take this format", "服务不接受这种格式"],
  prompt_rejected: [422, "The model refused this request", "模型拒绝了这个请求"],
  rate_limited: [429, "Too many new pictures", "请求太快了"],
  quota_exceeded: [429, "Today’s new pictures are used up", "今天的新图片已经用完"],
  misconfigured: [500, "The service is not set up yet", "服务还没有设置好"],
  upstream_error: [502, "The image service failed", "图片服务出了差错"],
  keys_exhausted: [503, "The free quota is used up for now", "免费额度暂时用完了"],
  store_unavailable: [503, "The picture cannot be read just now", "暂时读不到图片"],
  upstream_timeout: [504, "The image service took too long", "图片服务太慢了"],
};
const FAILED = /status of [45]\d\d/;

const suite = useTestApp();

const open = (options = {}) => visit(suite.browser, `${suite.app.url}/gui/`, { allow: FAILED, ...options });

/**
 * Answers image requests in the Worker's place.
 * @param {Page} page
 * @param {() => Partial<ResponseForRequest> | null} reply null lets the request through
 */
async function intercept(page, reply) {
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    const asks = /\/\?prompt=/.test(request.url()) && !/&id=/.test(request.url()); // with an id it is a redirect's target
    const answer = asks ? reply() : null;
    if (answer) request.respond(answer);
    else request.continue();
  });
}

/** @param {number} status @param {string} code @param {string} message */
const apiError = (status, code, message, headers = {}) => ({
  status,
  headers: { "X-Error-Code": code, ...headers },
  contentType: "application/json",
  body: JSON.stringify({ error: { message, type: "error", param: "steps", code } }),
});

for (const [language, column] of /** @type {const} */ ([
  ["en", 1],
  ["zh-CN", 2],
])) {
  test(`each error code is explained, with what to do and what the service said (${language})`, async () => {
    const at = await open({ language });
    /** @type {string} */
    let code;
    await intercept(at.page, () => apiError(CODES[code][0], code, `the service says ${code}`));
    for (code of Object.keys(CODES)) {
      await generate(at.page, `wrong ${code}`);
      if (["invalid_signature", "referer_not_allowed"].includes(code)) {
        // A token may open what a signature or a site does not.
        await at.page.waitForSelector("#token-dialog[open]");
        await at.page.keyboard.press("Escape");
      }
      await waitForCard(at.page, "failed");
      const box = await at.page.$eval(".job .failure", (element) => ({
        role: element.getAttribute("role"),
        title: element.querySelector("h3")?.textContent,
        advice: element.querySelector("h3 + p")?.textContent,
        said: element.querySelector(".said")?.textContent,
      }));
      assert.equal(box.role, "alert");
      assert.equal(box.title, CODES[code][column]);
      assert.ok(box.advice && box.advice.length > 4, `${code} comes with advice`);
      assert.equal(box.said, `the service says ${code}`);
    }
    await at.close();
  });
}

test("what is not the API's own error is explained too", async () => {
  const at = await open();
  /** @type {Partial<ResponseForRequest>} */
  let reply;
  await intercept(at.page, () => reply);
  /** @type {[Partial<ResponseForRequest>, string][]} */
  const cases = [
    [{ status: 500, contentType: "text/html", body: "<h1>Worker threw exception</h1>" }, "unexpected"],
    [{ status: 429, contentType: "text/html", body: "<h1>1027</h1>" }, "Too many new pictures"],
    [
      { status: 418, contentType: "application/json", body: '{"error":{"code":"brand_new","message":"news"}}' },
      "unexpected",
    ],
    [{ status: 200, contentType: "text/html", body: "<p>a captive portal</p>" }, "not a picture"],
    [{ status: 502, contentType: "application/json", body: "{{{" }, "unexpected"],
  ];
  for (const [index, [answer, words]] of cases.entries()) {
    reply = answer;
    await generate(at.page, `odd ${index}`);
    await waitForCard(at.page, "failed");
    assert.ok((await textOf(at.page, ".job .failure")).includes(words), words);
  }
  await at.close();
});

test("a message from the service is text, whatever is in it", async () => {
  const at = await open();
  await intercept(at.page, () => apiError(422, "prompt_rejected", '<img src=x onerror="alert(1)">'));
  await generate(at.page, "<b>bold</b>");
  await waitForCard(at.page, "failed");
  await press(at.page, ".job .words summary");
  assert.equal(await textOf(at.page, ".job .said"), '<img src=x onerror="alert(1)">');
  assert.equal(await textOf(at.page, ".job .asked"), "<b>bold</b>");
  assert.equal(await at.page.$(".job img, .job b b"), null);
  await at.close();
});

test("Retry-After is a countdown that tries again by itself", async () => {
  const at = await open();
  let calls = 0;
  await intercept(at.page, () => {
    calls += 1;
    return calls === 1 ? apiError(429, "rate_limited", "slow down", { "Retry-After": "2" }) : null;
  });
  await generate(at.page, "patience");
  await waitForCard(at.page, "waiting");
  assert.match(await textOf(at.page, ".job .countdown"), /in [12] s/);
  const began = Date.now();
  await waitForPicture(at.page);
  assert.ok(Date.now() - began > 1000, "it waited");
  assert.equal(calls, 2);
  await at.close();
});

test("a countdown can be cut short, and left", async () => {
  const at = await open();
  let calls = 0;
  await intercept(at.page, () => {
    calls += 1;
    return calls < 3 ? apiError(503, "keys_exhausted", "all keys are waiting", { "Retry-After": "300" }) : null;
  });
  /** @param {string} words */
  const button = (words) =>
    at.page.$$eval(".job .failure button", (all, text) => all.find((one) => one.textContent === text)?.click(), words);
  await generate(at.page, "impatience");
  await waitForCard(at.page, "waiting");
  assert.match(await textOf(at.page, ".job .countdown"), /in (300|299) s/);
  await button("Cancel");
  await waitForCard(at.page, "cancelled");
  await button("Try again");
  await waitForCard(at.page, "waiting");
  await button("Try now");
  await waitForPicture(at.page);
  assert.equal(calls, 3);
  await at.close();
});

test("a wait of hours is told as a time, not sat through", async () => {
  const at = await open();
  await intercept(at.page, () => apiError(503, "keys_exhausted", "until tomorrow", { "Retry-After": "20000" }));
  await generate(at.page, "tomorrow");
  await waitForCard(at.page, "failed");
  assert.match(await textOf(at.page, ".job .countdown"), /\d\d?:\d\d/);
  await at.close();
});

test("being offline is said, and the picture is drawn when the connection is back", CHROMIUM_ONLY, async () => {
  const at = await open({ allow: /ERR_INTERNET_DISCONNECTED/ });
  await at.page.setOfflineMode(true);
  await at.page.waitForSelector("#offline:not([hidden])");
  await generate(at.page, "in a tunnel");
  await waitForCard(at.page, "waiting");
  assert.match(await textOf(at.page, ".job .failure"), /You are offline/);
  await at.page.setOfflineMode(false);
  await waitForPicture(at.page);
  assert.equal(await at.page.$eval("p#offline", (banner) => banner.hidden), true);
  await at.close();
});

test("a service that cannot be reached is told apart from being offline", async () => {
  const at = await open({ allow: /ERR_|Failed to load/ });
  await at.page.setRequestInterception(true);
  at.page.on("request", (request) =>
    /\?prompt=/.test(request.url()) ? request.abort("connectionrefused") : request.continue(),
  );
  await generate(at.page, "nobody home");
  await waitForCard(at.page, "failed");
  assert.match(await textOf(at.page, ".job .failure"), /cannot be reached/);
  await at.close();
});

/** A prompt of 1,980 characters, 17,820 in a URL. */
const LONG = "远山与河流，".repeat(330);

/** @param {Page} page */
async function generateLong(page) {
  await page.$eval(
    "textarea#prompt",
    (field, text) => {
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    },
    LONG,
  );
  await press(page, "#generate");
}

test("a prompt that no URL holds goes through POST", async () => {
  const at = await open();
  let asked = "";
  suite.app.vendors.onChat = (body) => {
    asked = JSON.stringify(body);
    return null;
  };
  await generateLong(at.page);
  await waitForPicture(at.page);
  assert.ok(at.requests.some((request) => request.method() === "POST"));
  assert.ok(asked.includes(LONG));
  assert.match(await textOf(at.page, ".job .facts"), /Newly drawn/);
  assert.ok((await addressOf(at.page)).includes("#prompt="), "a state this long stays out of requests");
  await at.close();
});

test("where there is no POST, a prompt that no URL holds is said to be too long", async () => {
  const at = await open();
  await at.page.setRequestInterception(true);
  at.page.on("request", (request) =>
    request.method() === "POST" ? request.respond(apiError(404, "not_found", "no such path")) : request.continue(),
  );
  await generateLong(at.page);
  await waitForCard(at.page, "failed");
  assert.match(await textOf(at.page, ".job .failure"), /too long for a URL/);
  await at.close();
});
