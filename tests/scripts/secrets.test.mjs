/** Files of settings, as .dev.vars and .prod.vars are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSettings, secretsAmong } from "../../scripts/lib/secrets.mjs";

test("names, values, quotes and comments are told apart", () => {
  const text = [
    "\uFEFF# a comment",
    "",
    "PLAIN = key1,key2 ",
    "export EXPORTED=a=b",
    'QUOTED="with spaces # and a hash" # a comment',
    `JSON=[{"url":"https://example.com/#x","key":"k"}]`,
    "COMMENTED=value # a comment",
    "BLANK=",
    "ONLY= # a comment",
  ];
  assert.deepEqual(parseSettings(text.join("\r\n"), "file"), {
    PLAIN: "key1,key2",
    EXPORTED: "a=b",
    QUOTED: "with spaces # and a hash",
    JSON: '[{"url":"https://example.com/#x","key":"k"}]',
    COMMENTED: "value",
    BLANK: "",
    ONLY: "",
  });
});

test("a line that is no setting is named by its number, not by its text", () => {
  assert.throws(() => parseSettings("A=1\nsk-secret", "file"), { message: "file: line 2 is not NAME=value." });
});

test("only the Worker's own secrets are taken, and a blank one is a missing one", () => {
  assert.deepEqual(secretsAmong({ IMAGE_API_KEYS: " a,b ", ACCESS_TOKENS: " ", DEMO_IMAGES: "1", PATH: "/bin" }), {
    IMAGE_API_KEYS: "a,b",
  });
});
