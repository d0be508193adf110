import assert from "node:assert/strict";
import { test } from "node:test";
import { clipboard, useTestApp, textOf, visit } from "./support/index.mjs";

const PARAMETERS = [
  "prompt",
  "size",
  "width",
  "height",
  "optimization",
  "enhance",
  "seed",
  "model",
  "negative_prompt",
  "steps",
  "guidance",
  "refresh",
  "sig",
  "exp",
];
const CODES = [
  "missing_prompt",
  "invalid_parameter",
  "invalid_json",
  "unauthorized",
  "invalid_signature",
  "signature_expired",
  "referer_not_allowed",
  "not_found",
  "image_not_found",
  "model_not_found",
  "method_not_allowed",
  "body_too_large",
  "unsupported_media_type",
  "prompt_rejected",
  "rate_limited",
  "quota_exceeded",
  "misconfigured",
  "upstream_error",
  "keys_exhausted",
  "store_unavailable",
  "upstream_timeout",
];

const suite = useTestApp();

const open = (options = {}) => visit(suite.browser, `${suite.app.url}/`, options);

test("every parameter and every error code is documented, in both languages", async () => {
  for (const [language, words] of [
    ["en", "Parameters"],
    ["zh-CN", "参数"],
  ]) {
    const at = await open({ language });
    assert.equal(await textOf(at.page, "#parameters h2"), words);
    /** @param {string} id */
    const listed = (id) => at.page.$$eval(`#${id} code`, (all) => all.map((code) => code.textContent));
    const parameters = await listed("parameters");
    for (const name of PARAMETERS) assert.ok(parameters.includes(name), name);
    const codes = await listed("errors");
    for (const code of CODES) assert.ok(codes.includes(code), code);
    const empty = await at.page.$$eval("main dd", (all) => all.filter((dd) => !dd.innerText.trim()).length);
    assert.equal(empty, 0);
    await at.close();
  }
});

test("the examples name this host", async () => {
  const at = await open();
  const examples = await at.page.$$eval(".example code", (all) => all.map((code) => code.textContent));
  assert.ok(examples.length >= 10);
  for (const example of examples) assert.ok(example.includes(suite.app.url), example);
  assert.ok(!(await at.page.evaluate(() => document.body.innerText)).includes("your-worker.example"));
  await at.close();
});

test("each example can be copied as it stands", async () => {
  const at = await open();
  const examples = await at.page.$$(".example");
  for (const example of examples) {
    const button = await example.$("button");
    await button.evaluate((element) => element.click());
    await at.page.waitForFunction((element) => element.textContent === "Copied", {}, button);
    assert.equal(await clipboard(at.page), await example.$eval("code", (code) => code.textContent));
  }
  await at.close();
});

test("the examples that are links bring pictures", async () => {
  const at = await open();
  const [address, html, markdown] = await at.page.$$eval("#examples code", (all) =>
    all.map((code) => code.textContent),
  );
  const source = await at.page.evaluate(
    (text) => new DOMParser().parseFromString(text, "text/html").images[0].src,
    html,
  );
  for (const url of [address, source, /\((.*)\)$/.exec(markdown)[1]]) {
    const answer = await fetch(url);
    assert.equal(answer.status, 200, url);
    assert.match(answer.headers.get("content-type"), /^image\//);
  }
  await at.close();
});

test("the form builds a link as one types, and the link brings the picture", async () => {
  const at = await open();
  const { page } = at;
  await page.type("#prompt", "a (tall) tree & a *star*");
  await page.$eval("input#size", (field) => (field.value = ""));
  await page.type("#size", "768 x 512");
  await page.type("#seed", "9");
  await page.click(".switch");
  const link = await textOf(page, "#built-link");
  const { searchParams } = new URL(link);
  const given = { prompt: "a (tall) tree & a *star*", size: "768x512", optimization: "1", seed: "9" };
  assert.deepEqual(Object.fromEntries(searchParams), given);
  assert.match(link, /^http:\/\/[\w.:]+\/\?[A-Za-z0-9%.=&-]+$/, "nothing in it breaks in Markdown or HTML");
  const answer = await fetch(link);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("x-image-size"), "768x512");
  assert.ok((await textOf(page, "#built-markdown")).endsWith(`](${link})`));
  await Promise.all([page.waitForNavigation(), page.click("#open-link")]);
  assert.equal(new URL(page.url()).searchParams.get("seed"), "9");
  // The browser's own view of a picture has an inline style.
  assert.deepEqual(
    at.problems.filter((problem) => !/style-src/.test(problem)),
    [],
  );
});

test("a wrong value is said, and no link is opened", async () => {
  const at = await open();
  await at.page.type("#prompt", "too big");
  await at.page.$eval("input#size", (field) => (field.value = ""));
  await at.page.type("#size", "9000x9000");
  assert.match(await textOf(at.page, "#build-problem"), /64 to 2,048/);
  await at.page.click("#open-link");
  assert.equal(new URL(at.page.url()).pathname + new URL(at.page.url()).search, "/");
  await at.close();
});

test("a link that would be an error is neither shown nor copied, and comes back once it is mended", async () => {
  const at = await open();
  const { page } = at;
  /** @param {string} text */
  const type = (text) =>
    page.$eval(
      "textarea#prompt",
      (field, value) => {
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      },
      text,
    );
  await type("字".repeat(2500));
  assert.match(await textOf(page, "#build-problem"), /At most 2000/);
  const copies = () => page.$$eval("#built button", (all) => all.map((button) => button.disabled));
  assert.deepEqual(await copies(), [true, true, true, true]);
  assert.doesNotMatch(await textOf(page, "#built"), /http/);
  await type("short");
  assert.deepEqual(await copies(), [false, false, false, false]);
  assert.match(await textOf(page, "#built-link"), /prompt=short/);
  await at.close();
});

test("the two pages lead to each other", async () => {
  const at = await open();
  await Promise.all([at.page.waitForNavigation(), at.page.click('.masthead a[href="/gui/"]')]);
  assert.equal(await textOf(at.page, "h1"), "Text to image");
  await Promise.all([at.page.waitForNavigation(), at.page.click('.masthead a[href="/"]')]);
  assert.match(await textOf(at.page, "h1"), /A link that is a picture/);
  await at.close();
});
