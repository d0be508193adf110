import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sentenceOf } from "../../assets/admin/sentences.js";

// The same file holds the Worker to these words (tests/native/owner_stats.rs).
/** @type {{ said: string, sentence: string, values: object }[]} */
const known = JSON.parse(readFileSync(new URL("../warnings.json", import.meta.url), "utf8"));

test("what the service warns of has a sentence in the page's language", () => {
  for (const { said, sentence, values } of known) assert.deepEqual(sentenceOf(said), { name: sentence, values });
});

test("a warning of a later version is shown as it is said", () => {
  assert.equal(sentenceOf("The moon is refused by nobody"), undefined);
});
