/** Streams of an image's making, in a test's hand: the page's own `fetch` answers with them in the service's place. */

/** @typedef {import("puppeteer-core").Page} Page */

/** Answers each request for a stream with one that stays open until the test ends it. @param {Page} page */
export const fakeStreams = (page) =>
  page.evaluate(() => {
    const real = window.fetch;
    /** @type {any[]} */
    const streams = [];
    Object.assign(window, { streams });
    window.fetch = (url, options = {}) => {
      if (/** @type {any} */ (options.headers)?.Accept !== "text/event-stream") return real(url, options);
      const body = new ReadableStream({
        start(controller) {
          streams.push({ url, controller });
          options.signal?.addEventListener("abort", () => controller.error(options.signal?.reason));
        },
      });
      return Promise.resolve(new Response(body, { headers: { "Content-Type": "text/event-stream" } }));
    };
  });

/** Sends an event on the n-th stream. @param {Page} page @param {number} n @param {string} event @param {unknown} data */
export const sendEvent = (page, n, event, data) =>
  page.evaluate(
    (index, text) => {
      /** @type {any} */ (window).streams[index].controller.enqueue(new TextEncoder().encode(text));
    },
    n,
    `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
  );

/** Ends the n-th stream. @param {Page} page @param {number} n */
export const endStream = (page, n) =>
  page.evaluate((index) => /** @type {any} */ (window).streams[index].controller.close(), n);

/** Waits until so many streams were asked for. @param {Page} page @param {number} count */
export const waitForStreams = (page, count) =>
  page.waitForFunction((n) => /** @type {any} */ (window).streams.length === n, {}, count);

/**
 * Has an image made by the Worker, and tells of it as `done` would.
 * @param {string} origin
 * @param {string} prompt
 */
export async function doneEvent(origin, prompt) {
  const answer = await fetch(`${origin}/?prompt=${encodeURIComponent(prompt)}&size=512x512&seed=1`);
  await answer.arrayBuffer();
  const id = answer.headers.get("x-image-id");
  return {
    ...{ id, url: `https://elsewhere.example${answer.headers.get("content-location")}`, markdown: "", width: 512 },
    ...{ height: 512, model: "FLUX", seed: 1, prompt, prompt_status: "original", cached: false },
  };
}
