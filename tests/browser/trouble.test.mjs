import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, card, picture, press, scene, startWorld, textOf, visit } from "./support/index.mjs";

const FAILED = /status of [45]\d\d/;

const here = scene();

const open = (options = {}, at = here.world) => visit(here.browser, `${at.url}/gui/`, { allow: FAILED, ...options });

test("the form can be mended after a failure", async () => {
  const at = await open();
  here.world.vendors.onImage = () =>
    here.world.vendors.fails(400, { code: 20015, message: "unsafe prompt", data: null });
  await ask(at.page, "something refused");
  await card(at.page, "failed");
  assert.match(await textOf(at.page, ".job .failure"), /refused.*unsafe prompt/);
  here.world.vendors.release();
  await at.page.$$eval(".job .failure button", (all) => all.find((one) => one.textContent === "Edit").click());
  assert.equal(await at.page.evaluate(() => document.activeElement.id), "prompt");
  await at.page.keyboard.type("!");
  await press(at.page, "#generate");
  await picture(at.page);
  await at.leave();
});

test("real trouble with the vendors is explained: spent keys, then a failing service", async () => {
  const troubled = await startWorld({ vars: { IMAGE_API_KEYS: "only-one", GENERATION_TIMEOUT: "5" } });
  try {
    const at = await open({}, troubled);
    troubled.vendors.onImage = () => troubled.vendors.fails(500, { message: "broken" });
    await ask(at.page, "a broken vendor");
    await card(at.page, "failed");
    assert.match(await textOf(at.page, ".job .failure"), /The image service (failed|took too long)/);
    troubled.vendors.onImage = () =>
      troubled.vendors.fails(
        429,
        { message: "Request was rejected due to rate limiting. Details: IPM limit reached.", data: null },
        { "retry-after": "900" },
      );
    await ask(at.page, "a busy vendor");
    await at.page.waitForFunction(() => document.querySelector(".job .failure h3")?.textContent.includes("free quota"));
    await at.leave();
  } finally {
    await troubled.stop();
  }
});

test("a visitor who asks too fast is told when to go on, by the service itself", async () => {
  const limited = await startWorld({ rateLimit: 1 });
  try {
    const at = await open({}, limited);
    await ask(at.page, "within the limit");
    await picture(at.page);
    await ask(at.page, "beyond the limit");
    await card(at.page, "waiting");
    assert.match(await textOf(at.page, ".job .failure"), /Too many new pictures.*Trying again in \d+ s/);
    await at.leave();
  } finally {
    await limited.stop();
  }
});

test("a service without a key says which setting is missing", async () => {
  const bare = await startWorld({ vars: { IMAGE_API_KEYS: undefined, PROCESS_API_KEY: undefined } });
  try {
    const at = await open({}, bare);
    await ask(at.page, "no key set");
    await card(at.page, "failed");
    assert.match(await textOf(at.page, ".job .failure"), /not set up yet.*IMAGE_API_KEYS/);
    await at.leave();
  } finally {
    await bare.stop();
  }
});
