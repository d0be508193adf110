/** A fake of BigModel's chat API. */
import assert from "node:assert/strict";
import { json } from "./answers.mjs";
import { is, Upstream, verifyFields, verifyJsonPost } from "./upstream.mjs";

/** @param {string} code @param {string} message @param {number} status */
const error = (code, message, status) => json({ error: { code, message } }, { status });

/** Errors that it is known to answer with. */
export const ERRORS = {
  wrongKey: error("1000", "Authentication failed", 401),
  noBalance: error("1113", "Your account is in arrears.", 429),
  parameters: error("1210", "Invalid API parameters.", 400),
  refused: error("1301", "The request may contain unsafe content.", 400),
  busy: error("1302", "Too many concurrent requests.", 429),
  dailyQuota: error("1304", "The daily limit has been reached.", 429),
};

/**
 * The fields of its requests, and what each may be: temperature and top_p are open intervals.
 * @type {import("./upstream.mjs").Checks}
 */
const FIELDS = {
  model: is.filled,
  messages: (value) => Array.isArray(value) && value.length > 0,
  max_tokens: is.whole(1, 4_096),
  do_sample: is.oneOf(true, false),
  temperature: is.inside(0, 1),
  top_p: is.inside(0, 1),
  stream: is.oneOf(false),
  thinking: (value) => value?.type === "disabled",
};

/** Its answer to a prompt, unless a test says otherwise. */
export const REWRITTEN = "oil painting, close-up, a young girl, smiling, sunlit garden, soft light, flowers";

/** The API. */
export class Glm extends Upstream {
  #url;
  #keys;

  /** @param {{url: string, keys: string[]}} options `keys` are those that it accepts */
  constructor({ url, keys }) {
    super("GLM");
    this.#url = url;
    this.#keys = keys;
  }

  /** @override @param {import("./upstream.mjs").Call} call */
  verify(call) {
    verifyJsonPost(call, this.#url, this.#keys);
    verifyFields(call.body, FIELDS);
    assert.ok(call.body.model && call.body.messages, "model or messages are missing");
    for (const message of call.body.messages) {
      assert.deepEqual(Object.keys(message).sort(), ["content", "role"]);
      assert.ok(["system", "user", "assistant"].includes(message.role) && is.filled(message.content));
    }
    assert.equal(call.body.messages.at(-1).role, "user");
  }

  /** @override @param {import("./upstream.mjs").Call} _call */
  ordinary(_call) {
    return this.says(REWRITTEN);
  }

  /**
   * An answer with this text.
   *
   * @param {unknown} content
   * @param {{finish_reason?: string, reasoning_content?: string}} [more]
   */
  says(content, { finish_reason = "stop", reasoning_content } = {}) {
    const message = { role: "assistant", content, ...(reasoning_content && { reasoning_content }) };
    return json({
      id: "1",
      created: 1_780_000_000,
      model: "glm-4-flash",
      choices: [{ index: 0, finish_reason, message }],
      usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 },
    });
  }
}
