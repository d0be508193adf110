/** Secrets that can be told wherever they turn up, whole or in parts. */
import assert from "node:assert/strict";

/** How many characters of a secret in a row are too many. Fewer are left in what an upstream says: to strike them out
 * would tell whoever guesses them that a guess is right. */
const PIECE = 16;

/** A canary for each secret setting, with nothing in it that any text has by chance. */
export const CANARIES = {
  imageKey: "sk-qwzjxkvbphfmgycwtnld",
  imageKey2: "sk-vzkqjwxgbfypmhdcnrtl",
  chatKey: "7f3c19e2a85d4b60.XqJzWvKpYgBhNmDt",
  token: "tok_JxQvZkWpGyBfHmNdRcLs",
  otherToken: "tok_ZqXjKwVgPbYhFmDnTcRl",
  signingKey: "sign-KzXqVjWgBpHyMfNdTcRl",
  endpointKey: "ep-WqZjXvKgYpBhFmNdTcLr",
  addressKey: "adr0XzQjVwKgPyHbFmDnTcRl",
};

/** The settings that hold them. */
export const SECRET_SETTINGS = {
  IMAGE_API_KEYS: `${CANARIES.imageKey},${CANARIES.imageKey2}`,
  PROCESS_API_KEY: CANARIES.chatKey,
  ACCESS_TOKENS: `${CANARIES.token},${CANARIES.otherToken}`,
  URL_SIGNING_KEY: CANARIES.signingKey,
  IMAGE_ENDPOINTS: JSON.stringify([
    { url: `https://other.example.com/v1/images/generations?key=${CANARIES.addressKey}`, key: CANARIES.endpointKey },
  ]),
};

const pieces = new Map();
for (const [name, secret] of Object.entries(CANARIES)) {
  for (let at = 0; at + PIECE <= secret.length; at += 1) pieces.set(secret.slice(at, at + PIECE), name);
}

/**
 * Fails where a text holds sixteen characters in a row of a canary, as they are or escaped.
 *
 * @param {string} text
 * @param {string} where
 */
export function assertSilent(text, where) {
  for (const form of [text, unescaped(text)]) {
    for (let at = 0; at + PIECE <= form.length; at += 1) {
      const name = pieces.get(form.slice(at, at + PIECE));
      assert.equal(name, undefined, `${name} is in ${where}: …${form.slice(Math.max(0, at - 40), at + 60)}…`);
    }
  }
}

/** @param {string} text */
function unescaped(text) {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

/**
 * Fails where an answer does, in its status line, its headers or its body.
 *
 * @param {{status: number, statusText?: string, headers: object, body: Buffer}} reply
 * @param {string} where
 */
export function assertSilentReply(reply, where) {
  assertSilent(`${reply.status} ${reply.statusText ?? ""}`, `the status line of ${where}`);
  assertSilent(JSON.stringify(reply.headers), `the headers of ${where}`);
  assertSilent(reply.body.toString("latin1"), `the body of ${where}`);
}

/**
 * How an upstream may quote a secret: whole, in halves, hidden in its middle, between other words, over and over.
 *
 * @type {Record<string, (secret: string) => string>}
 */
export const QUOTES = {
  whole: (secret) => `Incorrect API key provided: ${secret}. See your account.`,
  "but for its end": (secret) => `key ${secret.slice(0, -4)}**** is invalid`,
  "but for its beginning": (secret) => `key ****${secret.slice(4)} is invalid`,
  "with what is not seen in it": (secret) => `key ${secret.slice(0, 16)}\u200b${secret.slice(16)} is invalid`,
  "at its end, cut": (secret) => `${"x".repeat(270)} ${secret}${secret}`,
  "between quotes": (secret) => `{"key":"${secret}"} Bearer ${secret}\nAuthorization: Bearer ${secret}`,
};
