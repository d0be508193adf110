/** Six pictures on four keys: what the page says of each is what the vendor's fake and the key ring say, within a second. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { generate, useTestApp, visit } from "./support/index.mjs";

/** @import { Page } from "puppeteer-core" */

const suite = useTestApp();

/** A minute of the vendor's, in milliseconds, in which each key may draw twice; and how long it draws. */
const MINUTE = 12_000;
const TAKES = 2_500;

/** @typedef {{seed: string, start: number, end: number, refused: boolean}} VendorCall */

/**
 * The vendor, who says when a key that has drawn twice is back. Each has just drawn once when it is first seen.
 * @returns {VendorCall[]} its calls
 */
function twoAMinute() {
  /** @type {VendorCall[]} */
  const calls = [];
  /** @type {Map<string, number[]>} when each key drew */
  const drawn = new Map();
  suite.app.vendors.onImage = async ({ seed }, { key = "" }) => {
    const start = Date.now();
    const recent = (drawn.get(key) ?? [start]).filter((at) => at > start - MINUTE);
    const refused = recent.length >= 2;
    const call = { seed: String(seed), start, end: Infinity, refused };
    calls.push(call);
    if (!refused) {
      drawn.set(key, [...recent, start]);
      await sleep(TAKES);
    }
    call.end = Date.now();
    if (!refused) return null;
    const seconds = Math.ceil((recent[0] + MINUTE - start) / 1_000);
    return suite.app.vendors.errorReply(429, { message: "Too many requests" }, { "retry-after": String(seconds) });
  };
  return calls;
}

/** @typedef {{at: number, card: number, says: string}} Saying what a card says from then on */

/** Opens a page that writes down what each card says, whenever that changes. */
async function open() {
  const at = await visit(suite.browser, `${suite.app.url}/gui/`);
  await at.page.evaluate(() => {
    /** @type {string[]} */
    const last = [];
    /** @type {any[]} */
    const sayings = [];
    Object.assign(window, { sayings });
    // No timer: those of a page behind another one are slowed down.
    const observer = new MutationObserver(() => {
      for (const [card, element] of document.querySelectorAll("#jobs > .job").entries()) {
        const says = element.querySelector(".phase")?.textContent ?? element.getAttribute("data-state") ?? "";
        if (last[card] !== says) sayings.push({ at: Date.now(), card, says });
        last[card] = says;
      }
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  return at;
}

/** Asks for so many pictures at once. @param {Page} page @param {number} count */
async function ask(page, count) {
  await page.$eval(`[name="count"][value="${count}"]`, (radio) => /** @type {HTMLElement} */ (radio).click());
  await generate(page, `${count} at once`);
}

/** Waits for them: what each card said, by its seed. @param {Page} page @param {number} count */
async function said(page, count) {
  const isDone = (/** @type {number} */ n) => document.querySelectorAll('.job[data-state="done"] .facts').length === n;
  await page.waitForFunction(isDone, { timeout: 60_000 }, count);
  const seeds = await page.$$eval("#jobs > .job", (cards) =>
    cards.map((card) => {
      const fact = Array.from(card.querySelectorAll(".facts > *")).find(
        (one) => one.firstChild?.textContent === "Seed",
      );
      return fact?.lastChild?.textContent ?? "";
    }),
  );
  /** @type {Saying[]} */
  const all = await page.evaluate(() => /** @type {any} */ (window).sayings);
  return seeds.map((seed, card) => ({ seed, own: all.filter((saying) => saying.card === card) }));
}

test("six jobs on four keys at two a minute: the page says what the vendor and the ring say, within a second", async () => {
  const calls = twoAMinute();
  const [one, other] = [await open(), await open()];
  await ask(one.page, 4);
  await ask(other.page, 2);
  const jobs = [...(await said(one.page, 4)), ...(await said(other.page, 2))];
  await one.close();
  await other.close();

  for (const { seed, own } of jobs) {
    const ofIt = calls.filter((call) => call.seed === seed);
    const made = ofIt.filter(({ refused }) => !refused);
    assert.equal(made.length, 1, `each is drawn once, and ${seed} ${made.length} times`);
    checkDrawing(own, ofIt);
    checkCountdown(own, made[0].start);
  }
  const everything = jobs.flatMap(({ seed, own }) => own.map((saying) => ({ ...saying, seed })));
  checkPlaces(everything.sort((a, b) => a.at - b.at));
  for (const words of [/^Number 2 in line, about /, /^You are next, in about /]) {
    assert.ok(
      everything.some(({ says }) => words.test(says)),
      `nobody was told ${words}`,
    );
  }
  assert.ok(
    calls.some(({ refused }) => refused),
    "the vendor's limit was met",
  );
});

/** A card says that its picture is drawn while the vendor draws it. @param {Saying[]} own @param {VendorCall[]} calls */
function checkDrawing(own, calls) {
  for (const [n, { at, says }] of own.entries()) {
    if (!/ is drawing/.test(says)) continue;
    const until = own[n + 1].at;
    // A place is told at most once a second: so long a card may go on saying what was so before.
    const real = calls.find(({ start, end }) => Math.abs(at - start) < 1_000 && until - end < 2_000);
    assert.ok(real, `“${says}” from ${at} to ${until}, and the calls were ${JSON.stringify(calls)}`);
  }
}

/** The last countdown before its picture was drawn came true. @param {Saying[]} own @param {number} start */
function checkCountdown(own, start) {
  const last = own.filter(({ at, says }) => at <= start && / about \d+ s$/.test(says)).at(-1);
  if (!last) return;
  const seconds = Number(/(\d+) s$/.exec(last.says)?.[1]);
  // It counts whole seconds, the one that has begun included.
  const early = last.at + (seconds - 1) * 1_000 - start;
  const late = start - (last.at + seconds * 1_000);
  assert.ok(early < 1_000 && late < 1_000, `“${last.says}” at ${last.at}, and it was drawn at ${start}`);
}

/** No two cards say the same place, but for the time that it takes to hear of a change. @param {(Saying & {seed: string})[]} said */
function checkPlaces(said) {
  const place = (/** @type {string} */ says) =>
    /^You are next/.test(says) ? 1 : Number(/^Number (\d+) in line/.exec(says)?.[1] ?? 0);
  /** @type {Map<string, number>} */
  const places = new Map();
  let sameSince = Infinity;
  for (const { at, seed, says } of said) {
    assert.ok(at - sameSince < 2_000, `two had the same place for ${at - sameSince} ms`);
    places.set(seed, place(says));
    const taken = [...places.values()].filter((number) => number > 0);
    sameSince = new Set(taken).size < taken.length ? Math.min(sameSince, at) : Infinity;
  }
}
