/** The base of the fake upstreams: strict about calls that come, and about those that do not. */
import assert from "node:assert/strict";

/**
 * A call that came in.
 *
 * @typedef {object} Call
 * @property {number} number its place since the last `reset`, from 1
 * @property {string} method
 * @property {string} url absolute
 * @property {Record<string, string>} headers names in lower case
 * @property {string} text the body
 * @property {any} [body] the body as JSON, where the upstream reads JSON
 * @property {string} [key] the key that it was made with, where the upstream takes keys
 */

/**
 * @typedef {import("./answers.mjs").Answer} Answer
 * @typedef {import("./answers.mjs").Answering} Answering
 * @typedef {typeof ORDINARY | Answer | Answering} Planned
 * @typedef {number | Answer | Answering | (number | Answer | Answering)[]} Plan for the calls to come; a number stands for that many that go well
 * @typedef {Record<string, (value: any) => boolean>} Checks by the names of fields
 */

/** How long a call is waited for. */
const PATIENCE_MS = 30_000;

/** Stands for the answer of an upstream that is well. */
const ORDINARY = Symbol("ordinary");

/**
 * A fake upstream. Each call takes the next answer that was announced with `expect`; a call that no answer is left for, a
 * call that is not what the upstream takes, and an answer that nobody called for, are problems that `check` throws.
 */
export class Upstream {
  /** @type {Call[]} what came in since the last `reset` */
  calls = [];
  #name;
  /** @type {Planned[]} */
  #answers = [];
  /** @type {Planned | null} */
  #otherwise = null;
  /** @type {string[]} */
  #problems = [];
  /** @type {{count: number, resolve: () => void}[]} */
  #waiting = [];

  /** @param {string} name for messages */
  constructor(name) {
    this.#name = name;
  }

  /**
   * Announces calls, in order: a number stands for that many that go well; else an `Answer`, or a function (also an async
   * one) from the `Call` to it. A function's error is a problem of the test.
   *
   * @param {...Plan} answers
   */
  expect(...answers) {
    /** @returns {Planned[]} */
    const each = (/** @type {number | Answer | Answering} */ answer) =>
      typeof answer === "number" ? Array(answer).fill(ORDINARY) : [answer];
    this.#answers.push(...answers.flat().flatMap(each));
  }

  /**
   * Any number of calls more than were announced, none included: each goes well, or gets this answer.
   *
   * @param {Planned} [answer]
   */
  allow(answer = ORDINARY) {
    this.#otherwise = answer;
  }

  /** Resolves once that many calls came in since the last `reset`. @param {number} count */
  async called(count) {
    if (this.calls.length >= count) return;
    await /** @type {Promise<void>} */ (
      new Promise((resolve, reject) => {
        const giveUp = () => reject(new Error(`${this.#name} got ${this.calls.length} calls, not ${count}`));
        const patience = setTimeout(giveUp, PATIENCE_MS);
        const done = () => {
          clearTimeout(patience);
          resolve();
        };
        this.#waiting.push({ count, resolve: done });
      })
    );
  }

  /** Throws what went wrong since the last `reset`. */
  check() {
    const left = this.#answers.length;
    const missing = left > 0 ? [`${left} more calls were expected; ${this.calls.length} came in`] : [];
    const problems = [...this.#problems, ...missing];
    assert.equal(problems.map((problem) => `${this.#name}: ${problem}`).join("\n"), "");
  }

  /** Forgets calls, announcements and problems. */
  reset() {
    this.calls = [];
    this.#answers = [];
    this.#otherwise = null;
    this.#problems = [];
  }

  /** Notes a problem that `check` will throw. @param {string} problem */
  complain(problem) {
    this.#problems.push(problem);
  }

  /**
   * Answers a call.
   *
   * @param {Omit<Call, "number">} incoming
   * @returns {Promise<import("./answers.mjs").Answer>}
   */
  async answer(incoming) {
    const call = { ...incoming, number: this.calls.length + 1 };
    this.calls.push(call);
    this.#waiting.filter(({ count }) => this.calls.length >= count).forEach(({ resolve }) => resolve());
    const next = this.#answers.length > 0 ? (this.#answers.shift() ?? null) : this.#otherwise;
    try {
      this.verify(call);
      if (next === null) throw new Error(`call ${call.number} is one too many: ${call.method} ${call.url}`);
      const answer = next === ORDINARY ? this.ordinary : /** @type {Answer | Answering} */ (next);
      return await (typeof answer === "function" ? answer.call(this, call) : answer);
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      this.complain(message);
      return { status: 599, body: message };
    }
  }

  /** Throws where a call is not one that this upstream takes. @param {Call} _call */
  verify(_call) {}

  /** The answer of an upstream that is well. @param {Call} _call @returns {Answer} */
  ordinary(_call) {
    return { status: 200 };
  }
}

/**
 * Checks that a call posts a JSON object to `url` with one of `keys`, and reads its body.
 *
 * @param {Call} call
 * @param {string} url
 * @param {string[]} keys
 */
export function verifyJsonPost(call, url, keys) {
  assert.equal(call.method, "POST");
  assert.equal(call.url, url);
  assert.match(call.headers["content-type"] ?? "", /^application\/json(; ?charset=utf-8)?$/i);
  const [, key] = /^Bearer (\S+)$/.exec(call.headers.authorization ?? "") ?? [];
  assert.ok(keys.includes(key), `the key is not one that was given out: ${call.headers.authorization}`);
  assert.equal(call.headers.cookie, undefined);
  call.key = key;
  call.body = JSON.parse(call.text);
  assert.ok(call.body && typeof call.body === "object" && !Array.isArray(call.body), "the body is no JSON object");
}

/**
 * Checks that an object has no other fields than these, and that each it has passes its check.
 *
 * @param {Record<string, unknown>} object
 * @param {Checks} checks
 */
export function verifyFields(object, checks) {
  for (const [name, value] of Object.entries(object)) {
    assert.ok(Object.hasOwn(checks, name), `the field ${name} is not one that the API takes`);
    assert.ok(checks[name](value), `the field ${name} has a value that the API refuses: ${JSON.stringify(value)}`);
  }
}

/** Checks for `verifyFields`. */
export const is = {
  filled: (/** @type {unknown} */ value) => typeof value === "string" && value.trim() !== "",
  whole: (/** @type {number} */ low, /** @type {number} */ high) => (/** @type {any} */ value) =>
    Number.isSafeInteger(value) && value >= low && value <= high,
  between: (/** @type {number} */ low, /** @type {number} */ high) => (/** @type {unknown} */ value) =>
    typeof value === "number" && value >= low && value <= high,
  inside: (/** @type {number} */ low, /** @type {number} */ high) => (/** @type {unknown} */ value) =>
    typeof value === "number" && value > low && value < high,
  oneOf:
    (/** @type {unknown[]} */ ...values) =>
    (/** @type {unknown} */ value) =>
      values.includes(value),
  matching: (/** @type {RegExp} */ pattern) => (/** @type {unknown} */ value) =>
    typeof value === "string" && pattern.test(value),
};
