/** The pages' states, for their screenshots: how each is reached, by what a reader does and what the service says. */

import { fakeStreams, sendEvent, waitForStreams } from "./streams.mjs";
import { TOKEN } from "./owners_week.mjs";
import { press, setValue, waitForCard, waitForPicture } from "./visit.mjs";

/** @typedef {import("puppeteer-core").Page} Page */

/**
 * @typedef {object} Scene what a state is made of
 * @property {Record<string, any>[]} entries of the history, the newest first
 * @property {"light" | "dark"} scheme
 * @property {string} origin
 * @property {boolean} isWhole the whole page is to be shown, where it is longer than its window
 *
 * @typedef {Awaited<ReturnType<typeof import("./visit.mjs").visit>>} Visit
 * @typedef {(path: string, options?: import("./visit.mjs").Options) => Promise<Visit>} Open
 *
 * @typedef {object} State
 * @property {boolean} [full] the whole page is shown, not only what the window shows of it
 * @property {(open: Open, scene: Scene) => Promise<Visit>} reach
 */

/** What a language model makes of the last prompt, which is another one in the dark. */
const REWRITTEN = {
  light:
    "An orange tabby cat curled up asleep on a wooden windowsill, warm afternoon sunlight through linen curtains, soft " +
    "shadows, shallow depth of field, cozy atmosphere, a half-drawn curtain, dust in the light",
  dark:
    "A tall sailing ship resting on a glassy sea under a full moon, silver reflections on the water, a purple night " +
    "sky with drifting clouds, wide angle, calm and dreamlike atmosphere, a distant shore with pines",
};

const MODEL = "black-forest-labs/FLUX.1-schnell";
const DRAWING = { step: "drawing", model: MODEL, provider: "SiliconFlow" };

/**
 * Has a picture of the last prompt made, and tells of it as `done` would.
 * @param {Scene} scene
 * @param {object} [more] what is told otherwise
 * @param {number} [next] another of the same prompt
 */
async function doneEvent({ entries: [{ parameters }], origin }, more, next = 0) {
  const seed = Number(parameters.seed) + next;
  const answer = await fetch(`${origin}/?${new URLSearchParams({ ...parameters, seed: String(seed) })}`);
  await answer.arrayBuffer();
  const url = new URL(answer.headers.get("content-location") ?? "", origin).href;
  return {
    ...{ id: answer.headers.get("x-image-id"), url, markdown: "", width: 1024, height: 1024, cached: false },
    ...{ model: MODEL, seed, prompt: parameters.prompt, prompt_status: "original", ...more },
  };
}

/** A page with pictures asked for, whose making is told by `sendEvent`. @param {Open} open @param {Scene} scene @param {number} [count] */
async function underWay(open, { entries: [{ parameters }, ...earlier] }, count = 1) {
  const at = await open("/gui/", { storage: { "history.v1": earlier } });
  await fakeStreams(at.page);
  await press(at.page, `[name="count"][value="${count}"]`);
  await at.page.type("#prompt", parameters.prompt);
  await press(at.page, "#generate");
  await waitForStreams(at.page, count);
  return at;
}

/** Waits until a card says what has a number in it. @param {Page} page */
const waitForNumber = (page) =>
  page.waitForFunction(() => /\d/.test(document.querySelector("#jobs .phase")?.textContent ?? ""));

/** Waits until all pictures on the stage are there. @param {Page} page @param {number} count */
const waitForPictures = (page, count) =>
  page.waitForFunction(
    (n) => {
      const there = Array.from(/** @type {NodeListOf<HTMLImageElement>} */ (document.querySelectorAll("#jobs img")));
      return there.filter((image) => image.naturalWidth > 0).length === n;
    },
    {},
    count,
  );

/** Brings all of the history's pictures, of which only those near the window are loaded. @param {Page} page */
async function loadHistory(page) {
  await page.waitForSelector("#history:not([hidden])");
  await page.$eval("#history", (section) => section.scrollIntoView());
  await page.waitForFunction(
    () => document.querySelectorAll("#gallery img").length === document.querySelectorAll("#gallery .entry").length,
  );
}

/** The page with the last picture of the history. @param {Open} open @param {Scene} scene */
async function withPicture(open, { entries }) {
  const [{ parameters, permalink }] = entries;
  const [id = ""] = /[\w-]{43}/.exec(permalink) ?? [];
  const at = await open(`/gui/?${new URLSearchParams({ ...parameters, id })}`);
  await waitForPicture(at.page);
  return at;
}

/** @type {Record<string, State>} */
const GUI = {
  gui: {
    full: true,
    async reach(open, scene) {
      const at = await withPicture(open, scene);
      await at.page.$eval("#advanced", (details) => details.removeAttribute("open"));
      await loadHistory(at.page);
      return at;
    },
  },
  "gui-opening": {
    full: true,
    async reach(open) {
      const at = await open("/gui/", { storage: {} });
      await at.page.waitForFunction(() => document.querySelectorAll("#ideas img").length === 12);
      return at;
    },
  },
  "gui-form": {
    full: true,
    async reach(open) {
      const at = await open("/gui/", { storage: {} });
      await press(at.page, "#advanced summary");
      await press(at.page, '[name="size"][value="custom"]');
      for (const field of ["width", "steps"]) await setValue(at.page, `#${field}`, "5000");
      await press(at.page, '[data-style="watercolor"]');
      await press(at.page, '[name="count"][value="4"]');
      await press(at.page, "#generate");
      await at.page.waitForSelector("#size-problem:not([hidden])");
      return at;
    },
  },
  "gui-working": {
    async reach(open, scene) {
      const at = await underWay(open, scene);
      await sendEvent(at.page, 0, "prompt", { prompt: REWRITTEN[scene.scheme], status: "optimized" });
      await sendEvent(at.page, 0, "step", DRAWING);
      await at.page.waitForSelector("#jobs .drawing:not([hidden])");
      return at;
    },
  },
  "gui-line": {
    async reach(open, scene) {
      const at = await underWay(open, scene);
      await sendEvent(at.page, 0, "step", { step: "waiting", position: 3, ready_in_ms: 11_000 });
      await waitForNumber(at.page);
      return at;
    },
  },
  "gui-several": {
    full: true,
    async reach(open, scene) {
      const at = await underWay(open, scene, 4);
      await sendEvent(at.page, 0, "done", await doneEvent(scene));
      await sendEvent(at.page, 1, "step", DRAWING);
      await sendEvent(at.page, 2, "step", { step: "waiting", position: 1, ready_in_ms: 5000 });
      await sendEvent(at.page, 3, "step", { step: "waiting", position: 2, ready_in_ms: 19_000 });
      await waitForPictures(at.page, 1);
      await loadHistory(at.page);
      return at;
    },
  },
  "gui-several-done": {
    full: true,
    async reach(open, scene) {
      const at = await underWay(open, scene, 4);
      for (const n of [0, 1, 2, 3]) await sendEvent(at.page, n, "done", await doneEvent(scene, {}, n));
      await waitForPictures(at.page, 4);
      await loadHistory(at.page);
      return at;
    },
  },
  "gui-rewritten": {
    full: true,
    async reach(open, scene) {
      const at = await underWay(open, scene);
      await sendEvent(
        at.page,
        0,
        "done",
        await doneEvent(scene, { prompt: REWRITTEN[scene.scheme], prompt_status: "optimized" }),
      );
      await waitForPictures(at.page, 1);
      await loadHistory(at.page);
      return at;
    },
  },
  "gui-found": {
    async reach(open, scene) {
      const at = await underWay(open, scene);
      await sendEvent(at.page, 0, "done", await doneEvent(scene, { cached: true }));
      await waitForPictures(at.page, 1);
      return at;
    },
  },
  "gui-failed": {
    async reach(open, scene) {
      const at = await underWay(open, scene);
      const message = "The model refused the request: The prompt contains sensitive content.";
      await sendEvent(at.page, 0, "error", { message, code: "prompt_rejected", status: 422 });
      await waitForCard(at.page, "failed");
      return at;
    },
  },
  "gui-retry": {
    async reach(open, scene) {
      const at = await underWay(open, scene);
      const message = "Every key rests.";
      await sendEvent(at.page, 0, "error", { message, code: "keys_exhausted", status: 503, retry_after: 42 });
      await waitForCard(at.page, "waiting");
      return at;
    },
  },
  "gui-lightbox": { reach: (open, scene) => lightbox(open, scene) },
  "gui-compare": {
    async reach(open, scene) {
      const at = await lightbox(open, scene);
      await press(at.page, "#lightbox-compare");
      await at.page.waitForFunction(() => document.querySelectorAll("#lightbox img").length === 2);
      return at;
    },
  },
  "gui-history": {
    async reach(open, scene) {
      const at = await withPicture(open, scene);
      await loadHistory(at.page);
      await press(at.page, "#gallery .entry:nth-child(4) .pin");
      await press(at.page, "#gallery .entry:last-child .remove");
      await at.page.waitForSelector("#toast .toast");
      await press(at.page, "#history-choose");
      for (const nth of [2, 3]) await press(at.page, `#gallery .entry:nth-child(${nth}) .show`);
      await at.page.$eval("#history", (section) => section.scrollIntoView());
      return at;
    },
  },
  "gui-token": {
    async reach(open, scene) {
      const at = await underWay(open, scene);
      await sendEvent(at.page, 0, "error", { message: "A token is needed.", code: "unauthorized", status: 401 });
      await at.page.waitForSelector("#token-dialog[open]");
      return at;
    },
  },
};

/** @param {Open} open @param {Scene} scene */
async function lightbox(open, scene) {
  const at = await withPicture(open, scene);
  await at.page.click("#jobs .enlarge");
  await at.page.waitForFunction(
    () => Number(/** @type {HTMLImageElement | null} */ (document.querySelector("#lightbox img"))?.naturalWidth) > 0,
  );
  return at;
}

/** @type {Record<string, State>} */
const USAGE = {
  usage: { full: true, reach: (open) => open("/") },
  "usage-wrong": {
    async reach(open, { entries: [{ parameters }] }) {
      const at = await open("/");
      await at.page.type("#prompt", parameters.prompt);
      await press(at.page, "details.more summary");
      await at.page.type("#steps", "5000");
      await at.page.$eval("#build", (section) => section.scrollIntoView());
      return at;
    },
  },
};

/** The owner's page, as far down as its first pictures: of the others only those near the window are there. @param {Open} open */
async function dashboard(open) {
  const at = await open("/admin/");
  await at.page.type("#token", TOKEN);
  await at.page.keyboard.press("Enter");
  await at.page.waitForSelector("#stats:not([hidden])");
  await at.page.waitForSelector(".tile img");
  return at;
}

/** @param {Page} page */
async function growToPictures(page) {
  const end = await page.$eval("#grid", (grid) => grid.getBoundingClientRect().top + scrollY + 640);
  await page.setViewport({ width: await page.evaluate(() => innerWidth), height: Math.ceil(end) });
}

/** @type {Record<string, State>} */
const ADMIN = {
  admin: {
    async reach(open, { isWhole }) {
      const at = await dashboard(open);
      if (isWhole) await growToPictures(at.page);
      return at;
    },
  },
  "admin-sign-in": {
    async reach(open) {
      const at = await open("/admin/", { allow: /status of 401/ });
      await at.page.type("#token", "token-of-nobody");
      await at.page.keyboard.press("Enter");
      await at.page.waitForFunction(() => document.querySelector("#sign-in-problem")?.textContent !== "");
      return at;
    },
  },
  "admin-work": {
    async reach(open) {
      const at = await dashboard(open);
      await at.page.$eval("#pictures", (section) => section.scrollIntoView());
      await press(at.page, '.tile [data-act="delete-one"]');
      await at.page.waitForSelector(".over .countdown");
      return at;
    },
  },
};

/** The first of each page is its own name: what stands in the READMEs. */
export const STATES = { ...GUI, ...USAGE, ...ADMIN };
