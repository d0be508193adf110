import assert from "node:assert/strict";
import { test } from "node:test";
import {
  generate,
  waitForCard,
  waitForPicture,
  press,
  useTestApp,
  startTestApp,
  textOf,
  visit,
} from "./support/index.mjs";

const FAILED = /status of [45]\d\d/;

const suite = useTestApp();

const open = (options = {}, at = suite.app) => visit(suite.browser, `${at.url}/gui/`, { allow: FAILED, ...options });

test("the form can be mended after a failure", async () => {
  const at = await open();
  suite.app.vendors.onImage = () =>
    suite.app.vendors.errorReply(400, { code: 20015, message: "unsafe prompt", data: null });
  await generate(at.page, "something refused");
  await waitForCard(at.page, "failed");
  await press(at.page, ".job .words summary");
  assert.match(await textOf(at.page, ".job .failure"), /refused.*unsafe prompt/);
  suite.app.vendors.release();
  await at.page.$$eval(".job .failure button", (all) => all.find((one) => one.textContent === "Edit")?.click());
  assert.equal(await at.page.evaluate(() => document.activeElement?.id), "prompt");
  await at.page.keyboard.type("!");
  await press(at.page, "#generate");
  await waitForPicture(at.page);
  await at.close();
});

test("real trouble with the vendors is explained: spent keys, then a failing service", async () => {
  const troubled = await startTestApp({ vars: { IMAGE_API_KEYS: "only-one", GENERATION_TIMEOUT: "5" } });
  try {
    const at = await open({}, troubled);
    troubled.vendors.onImage = () => troubled.vendors.errorReply(500, { message: "broken" });
    await generate(at.page, "a broken vendor");
    await waitForCard(at.page, "failed");
    assert.match(await textOf(at.page, ".job .failure"), /The image service (failed|took too long)/);
    troubled.vendors.onImage = () =>
      troubled.vendors.errorReply(
        429,
        { message: "Request was rejected due to rate limiting. Details: IPM limit reached.", data: null },
        { "retry-after": "900" },
      );
    await generate(at.page, "a busy vendor");
    await at.page.waitForFunction(() => document.querySelector(".job .failure h3")?.textContent.includes("free quota"));
    await at.close();
  } finally {
    await troubled.stop();
  }
});

test("a visitor who asks too fast is told when to go on, by the service itself", async () => {
  const limited = await startTestApp({ rateLimit: 1 });
  try {
    const at = await open({}, limited);
    await generate(at.page, "within the limit");
    await waitForPicture(at.page);
    await generate(at.page, "beyond the limit");
    await waitForCard(at.page, "waiting");
    assert.match(await textOf(at.page, ".job .failure"), /Too many new pictures.*Trying again in \d+ s/);
    await at.close();
  } finally {
    await limited.stop();
  }
});

test("a service without a key says which setting is missing", async () => {
  const bare = await startTestApp({ vars: { IMAGE_API_KEYS: undefined, PROCESS_API_KEY: undefined } });
  try {
    const at = await open({}, bare);
    await generate(at.page, "no key set");
    await waitForCard(at.page, "failed");
    await press(at.page, ".job .words summary");
    assert.match(await textOf(at.page, ".job .failure"), /not set up yet.*IMAGE_API_KEYS/);
    await at.close();
  } finally {
    await bare.stop();
  }
});
