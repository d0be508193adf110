import assert from "node:assert/strict";
import { test } from "node:test";
import { generate, facts, waitForPicture, press, ready, useTestApp, textOf, valueOf, visit } from "./support/index.mjs";

const suite = useTestApp();
/** @type {Awaited<ReturnType<typeof visit>>} */
let at;

const open = async (query = "", options = {}) =>
  (at = await visit(suite.browser, `${suite.app.url}/gui/${query}`, options)).page;

test("a rolled seed is used once; a locked one stays", async () => {
  const page = await open();
  await press(page, "#seed-dice");
  const rolled = await page.$eval("input#seed", (field) => field.value);
  assert.match(rolled, /^\d{1,10}$/);
  await generate(page, "dice");
  await waitForPicture(page);
  assert.equal((await facts(page)).Seed, rolled);
  assert.equal(await valueOf(page, "#seed"), rolled, "it is shown");
  await press(page, "#generate");
  await page.waitForFunction(
    (seed) => /** @type {HTMLInputElement} */ (document.querySelector("#seed")).value !== seed,
    {},
    rolled,
  );
  await page.$eval("input#seed", (field) => field.select());
  await page.type("#seed", "77");
  await generate(page, "a lock");
  await waitForPicture(page);
  assert.equal((await facts(page)).Seed, "77");
  assert.equal(await page.$eval("input#seed", (field) => field.value), "77");
  await at.close();
});

test("every setting reaches the API under its name, and the page's URL keeps them over a reload", async () => {
  const page = await open();
  await press(page, "#advanced summary");
  await page.waitForSelector("#model-field:not([hidden])");
  await page.select("#model", "Kwai-Kolors/Kolors");
  await page.type("#negative_prompt", "blur & haze");
  await page.type("#steps", "12");
  await page.type("#guidance", "7.5");
  await page.type("#seed", "42");
  await press(page, '[name="size"][value="768x1024"]');
  await generate(page, "all of it");
  await waitForPicture(page);
  const sent = suite.app.vendors.images.at(-1);
  const { prompt, image_size, model, seed, negative_prompt, num_inference_steps, guidance_scale } = sent;
  assert.deepEqual(
    { prompt, image_size, model, seed, negative_prompt, num_inference_steps, guidance_scale },
    {
      prompt: "all of it",
      image_size: "768x1024",
      model: "Kwai-Kolors/Kolors",
      seed: 42,
      negative_prompt: "blur & haze",
      num_inference_steps: 12,
      guidance_scale: 7.5,
    },
  );
  await page.reload();
  await ready(page);
  await page.waitForSelector("#model-field:not([hidden])");
  const state = await page.$eval("form#form", (form) => Object.fromEntries(new FormData(form)));
  assert.deepEqual(state, {
    count: "1",
    prompt: "all of it",
    size: "768x1024",
    seed: "42",
    model: "Kwai-Kolors/Kolors",
    negative_prompt: "blur & haze",
    steps: "12",
    guidance: "7.5",
  });
  await waitForPicture(page); // it was asked for before, so it is shown again
  await at.close();
});

test("what is typed is in the page's URL before anything is sent", async () => {
  const page = await open();
  await page.type("#prompt", "half a thought");
  await page.waitForFunction(() => new URLSearchParams(location.search).get("prompt") === "half a thought");
  await at.close();
});

test("a size of one's own is told its limits first, and held to them", async () => {
  const page = await open();
  await press(page, '[name="size"][value="custom"]');
  assert.match(await textOf(page, "#size-help"), /64 to 2,048/);
  await page.$eval("input#width", (field) => (field.value = "40"));
  await generate(page, "too narrow");
  assert.match(await textOf(page, "#size-problem"), /64 to 2,048/);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "width");
  assert.equal(await page.$(".job"), null);
  await page.$eval("input#width", (field) => (field.value = ""));
  await page.type("#width", "640");
  await page.$eval("input#height", (field) => (field.value = "320"));
  await generate(page, "just right");
  await waitForPicture(page);
  assert.equal((await facts(page)).Size, "640 × 320");
  await at.close();
});

test("an empty or an over-long prompt is said before it is sent, and counted as the API counts", async () => {
  const page = await open();
  await press(page, "#generate");
  assert.match(await textOf(page, "#prompt-problem"), /Write what you want/);
  await page.$eval("textarea#prompt", (field) => {
    field.value = `  ${"😀".repeat(2000)}  `;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  assert.equal(await textOf(page, "#prompt-count"), "2000 / 2000");
  await page.$eval("textarea#prompt", (field) => {
    field.value = "字".repeat(2001);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await press(page, "#generate");
  assert.match(await textOf(page, "#prompt-problem"), /At most 2000/);
  assert.equal(await page.$eval("textarea#prompt", (field) => field.getAttribute("aria-invalid")), "true");
  assert.equal(await page.$(".job"), null);
  await at.close();
});

test("the prompt's field grows with its text", async () => {
  const page = await open();
  const before = await page.$eval("textarea#prompt", (field) => field.offsetHeight);
  await page.type("#prompt", "line\n".repeat(12));
  assert.ok((await page.$eval("textarea#prompt", (field) => field.offsetHeight)) > before + 100);
  await at.close();
});

test("everything can be done with the keyboard alone", async () => {
  const page = await open();
  const focused = () =>
    page.evaluate(
      () => document.activeElement?.id || /** @type {HTMLElement} */ (document.activeElement).innerText.trim(),
    );
  /** @param {string} wanted */
  const tabTo = async (wanted) => {
    for (let i = 0; i < 60; i += 1) {
      await page.keyboard.press("Tab");
      if ((await focused()) === wanted) {
        const seen = await page.evaluate(() => {
          const element = document.activeElement;
          const shown = element?.matches(".tile input, .switch input, .counts input")
            ? element?.parentElement
            : element;
          const parts = [shown, element?.nextElementSibling || shown];
          const outlined = parts.some((part) => part && getComputedStyle(part).outlineStyle !== "none");
          return outlined && element?.matches(":focus-visible");
        });
        assert.ok(seen, `the focus on ${wanted} can be seen`);
        return;
      }
    }
    assert.fail(`Tab does not reach ${wanted}; the last was ${await focused()}`);
  };
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "Skip to the prompt");
  await page.keyboard.press("Enter");
  await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.equal(await focused(), "prompt");
  await page.keyboard.type("keys only");
  for (let i = 0; i < 14; i += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement?.matches('[name="size"]'))) break;
  }
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.$eval("form#form", (form) => new FormData(form).get("size")), "768x1024");
  await tabTo("seed-dice");
  await page.keyboard.press("Enter");
  await tabTo("optimization");
  await page.keyboard.press(" ");
  assert.equal(await page.$eval("input#optimization", (box) => box.checked), true);
  await tabTo("Advanced");
  await page.keyboard.press("Enter");
  await page.keyboard.down("Control");
  await page.keyboard.press("Enter");
  await page.keyboard.up("Control");
  await waitForPicture(page);
  await tabTo("Another");
  await tabTo("Link");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.textContent === "Copied");
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /\/i\//);
  await at.close();
});
