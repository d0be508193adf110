/** How `npm run deploy` asks a deployment what it can draw with, and what it makes of the answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { askHealth, sayHealth } from "../../scripts/lib/health.mjs";

const NEW = { status: "ok", version: "2.0.0", draws: true, rewrites: true };
const DEPLOYED = { origin: "https://flux.test", version: "2.0.0", secrets: ["IMAGE_API_KEYS"], ai: false };
const WHY = "There is nothing to draw with.";

/**
 * Asks a deployment that gives these answers one after the other, the last one for ever.
 *
 * @param {(object | string | Error)[]} answers
 * @param {Partial<typeof DEPLOYED>} [deployed]
 */
async function asked(answers, deployed) {
  let [calls, waited] = [0, 0];
  const health = await askHealth(
    { ...DEPLOYED, ...deployed },
    {
      ask: async (url) => {
        assert.equal(url, "https://flux.test/health");
        const answer = answers[Math.min(calls, answers.length - 1)];
        calls += 1;
        if (answer instanceof Error) throw answer;
        return typeof answer === "string" ? new Response(answer) : Response.json(answer);
      },
      pause: async (ms) => (waited += ms),
    },
  );
  return { health, calls, waited };
}

test("one that answers as what was deployed is asked once", async () => {
  assert.deepEqual(await asked([NEW]), { health: NEW, calls: 1, waited: 0 });
});

test("a new address, an old version and a key that does not count yet are waited for", async () => {
  const old = { ...NEW, version: "1.0.0" };
  const answers = [new TypeError("fetch failed"), "<html>", old, { ...NEW, draws: false, why: WHY }, NEW];
  assert.deepEqual(await asked(answers), { health: NEW, calls: 5, waited: 8_000 });
});

test("a Worker that has nothing to draw with is not waited for, and one that never answers a minute", async () => {
  const nothing = { ...NEW, draws: false, why: WHY };
  assert.deepEqual(await asked([nothing], { secrets: ["ACCESS_TOKENS"] }), { health: nothing, calls: 1, waited: 0 });
  const { health, waited } = await asked([new TypeError("fetch failed")]);
  assert.equal(health, undefined);
  assert.ok(waited > 50_000 && waited <= 60_000, String(waited));
});

for (const [what, deployed, health, said] of /** @type {[string, object, object | undefined, RegExp[]][]} */ ([
  [
    "its sources are named in their order",
    { secrets: ["PROCESS_API_KEY", "IMAGE_API_KEYS"], ai: true },
    NEW,
    [
      /^It can draw, with the keys of IMAGE_API_KEYS, BigModel \(PROCESS_API_KEY\), Workers AI, some 170 pictures a day\.$/,
      /^It translates and improves prompts\.$/,
    ],
  ],
  [
    "Workers AI alone can draw, and keys would bring more",
    { secrets: [], ai: true },
    NEW,
    [
      /^It can draw, with Workers AI, some 170 pictures a day\.$/,
      /^It translates/,
      /wrangler secret put IMAGE_API_KEYS/,
    ],
  ],
  [
    "demo pictures are called so",
    { secrets: [], ai: false },
    { ...NEW, rewrites: false, why: "As they are." },
    [/^It can draw, with demo pictures/, /^As they are\.$/, /wrangler secret put IMAGE_API_KEYS/],
  ],
  [
    "where it cannot draw it says why",
    { secrets: [], ai: false },
    { ...NEW, draws: false, why: WHY },
    [/^It cannot draw yet\. There is nothing to draw with\.$/, /wrangler secret put IMAGE_API_KEYS/],
  ],
  [
    "an old version is called so",
    {},
    { ...NEW, version: "1.0.0" },
    [/^It still answers as version 1\.0\.0/, /can draw/, /^It/],
  ],
  ["silence is called so", {}, undefined, [/^It did not answer within a minute: https:\/\/flux\.test\/health /]],
])) {
  test(`what is said: ${what}`, () => {
    const lines = sayHealth({ ...DEPLOYED, ...deployed }, /** @type {any} */ (health));
    assert.equal(lines.length, said.length, lines.join("\n"));
    for (const [index, pattern] of said.entries()) assert.match(lines[index], pattern);
  });
}
