import assert from "node:assert/strict";
import { test } from "node:test";
import { readStats, summed, total } from "../../assets/admin/stats.js";

const NOW = Date.parse("2026-11-26T00:30:00Z");

/** @param {string} date */
const day = (date, more = {}) => ({ date, made: 0, failed: {}, fallbacks: 0, models: {}, tokens: {}, ...more });

test("seven days are shown, the newest first, also where nothing happened on some", () => {
  const { days } = readStats({ days: [day("2026-11-24", { made: 5 })] }, NOW);
  assert.deepEqual(
    days.map(({ date, made }) => [date, made]),
    [
      ["2026-11-26", 0],
      ["2026-11-25", 0],
      ["2026-11-24", 5],
      ["2026-11-23", 0],
      ["2026-11-22", 0],
      ["2026-11-21", 0],
      ["2026-11-20", 0],
    ],
  );
});

test("the service's day counts, where this clock is behind it", () => {
  const { days } = readStats({ days: [day("2026-11-27"), day("2026-11-26")] }, NOW);
  assert.deepEqual([days.length, days[0].date, days[6].date], [7, "2026-11-27", "2026-11-21"]);
});

test("tokens are those that the service names, and others that made something of late", () => {
  const { tokens } = readStats(
    {
      tokens: [{ name: "friend", per_day: 50 }, { name: "me" }],
      days: [day("2026-11-26", { tokens: { friend: 3, anonymous: 2 } }), day("2026-11-25", { tokens: { friend: 4 } })],
    },
    NOW,
  );
  assert.deepEqual(tokens, [
    { name: "friend", today: 3, week: 7, perDay: 50 },
    { name: "me", today: 0, week: 0, perDay: null },
    { name: "anonymous", today: 2, week: 2, perDay: null },
  ]);
});

test("names that mean something to JavaScript are names", () => {
  const json = JSON.parse('{"days":[{"date":"2026-11-26","models":{"__proto__":3,"constructor":1}}]}');
  const [today] = readStats(json, NOW).days;
  assert.deepEqual(summed([today.models, today.models]), [
    ["__proto__", 6],
    ["constructor", 2],
  ]);
  assert.equal(total(today.models), 4);
});

test("what is missing is nothing, and what is of another kind is passed over", () => {
  for (const json of [null, 5, {}, { keys: {}, days: "x", warnings: 1, tokens: null }, { days: [null, day("x")] }]) {
    const stats = readStats(json, NOW);
    assert.deepEqual([stats.keys, stats.tokens, stats.warnings, stats.days.length], [[], [], [], 7]);
  }
  const [key] = readStats({
    keys: [{ state: "odd", until: "soon", models: { m: { state: "cooling", until: 9 } } }],
  }).keys;
  assert.deepEqual(key, {
    ...{ name: "", endpoint: "", state: "ready", until: null, today: 0, minute: 0, lastError: null },
    models: [{ name: "m", state: "cooling", until: 9 }],
  });
});
