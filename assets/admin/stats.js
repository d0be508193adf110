/** What `/v1/stats` tells, read once: what is missing is nothing, and what is of another kind is passed over. */

/**
 * @typedef {"ready" | "cooling" | "refused" | "gone"} KeyState `gone`: of a model that the endpoint does not have
 *
 * @typedef {object} ModelState
 * @property {string} name
 * @property {KeyState} state
 * @property {number | null} until in unix seconds
 *
 * @typedef {object} Key
 * @property {string} name with no more of the key than its last four characters
 * @property {string} endpoint its host
 * @property {KeyState} state
 * @property {number | null} until in unix seconds
 * @property {ModelState[]} models
 * @property {number} today pictures made
 * @property {number} minute pictures made in this minute
 * @property {{code: string, time: number | null} | null} lastError
 *
 * @typedef {Map<string, number>} Counts by name
 *
 * @typedef {object} Day a day of UTC
 * @property {string} date `2026-11-26`
 * @property {number} made
 * @property {Counts} failed by code
 * @property {number} fallbacks
 * @property {Counts} models
 * @property {Counts} tokens
 * @property {number | null} p50 of making, in milliseconds
 * @property {number | null} p95 in milliseconds
 *
 * @typedef {object} Token one of `ACCESS_TOKENS`, or all callers without one
 * @property {string} name
 * @property {number} today pictures made
 * @property {number} week pictures made in the days that are shown
 * @property {number | null} perDay null: no quota
 *
 * @typedef {object} Stats
 * @property {Key[]} keys
 * @property {Token[]} tokens
 * @property {Day[]} days seven, the newest first
 * @property {string[]} warnings
 */

/** How many days are shown. */
export const DAYS = 7;

/** @param {any} json @param {number} [now] in milliseconds @returns {Stats} */
export function readStats(json, now = Date.now()) {
  const days = week(list(json?.days).map(readDay).filter(hasDate), now);
  return {
    keys: list(json?.keys).map(readKey),
    tokens: readTokens(list(json?.tokens), days),
    days,
    warnings: list(json?.warnings).filter((warning) => typeof warning === "string"),
  };
}

/** The sum of some counts. @param {Counts} counts */
export const total = (counts) => Array.from(counts.values()).reduce((sum, count) => sum + count, 0);

/** Counts of several days together, the largest first. @param {Counts[]} days @returns {[string, number][]} */
export function summed(days) {
  /** @type {Counts} */
  const sums = new Map();
  for (const counts of days) for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count);
  return Array.from(sums).sort(([, a], [, b]) => b - a);
}

/** @param {any} json @returns {Key} */
function readKey(json) {
  const models = Object.entries(json?.models ?? {});
  const lastError = json?.last_error;
  return {
    name: text(json?.name),
    endpoint: text(json?.endpoint),
    ...readState(json),
    models: models.map(([name, model]) => ({ name, ...readState(model) })),
    today: count(json?.today),
    minute: count(json?.minute),
    lastError: lastError ? { code: text(lastError.code), time: numberOrNull(lastError.time) } : null,
  };
}

/** @param {any} json @returns {{state: KeyState, until: number | null}} */
function readState(json) {
  const state = ["ready", "cooling", "refused", "gone"].includes(json?.state) ? json.state : "ready";
  return { state, until: numberOrNull(json?.until) };
}

/**
 * Those that the service names, and others that made something of late.
 * @param {any[]} known
 * @param {Day[]} days
 * @returns {Token[]}
 */
function readTokens(known, days) {
  const quotas = new Map(known.map((token) => [text(token?.name), numberOrNull(token?.per_day)]));
  const made = new Map(summed(days.map((day) => day.tokens)));
  return Array.from(new Set([...quotas.keys(), ...made.keys()]), (name) => ({
    name,
    today: days[0].tokens.get(name) ?? 0,
    week: made.get(name) ?? 0,
    perDay: quotas.get(name) ?? null,
  }));
}

/** @param {any} json @returns {Day} */
function readDay(json) {
  return {
    date: text(json?.date),
    made: count(json?.made),
    failed: counts(json?.failed),
    fallbacks: count(json?.fallbacks),
    models: counts(json?.models),
    tokens: counts(json?.tokens),
    p50: numberOrNull(json?.p50_ms),
    p95: numberOrNull(json?.p95_ms),
  };
}

/** @param {Day} day */
const hasDate = ({ date }) => /^\d{4}-\d\d-\d\d$/.test(date) && Number.isFinite(Date.parse(date));

/**
 * Seven days to this one, with those on which nothing happened.
 * @param {Day[]} days
 * @param {number} now in milliseconds
 */
function week(days, now) {
  const known = new Map(days.map((one) => [one.date, one]));
  const today = new Date(now).toISOString().slice(0, 10);
  const newest = Array.from(known.keys()).reduce((latest, date) => (date > latest ? date : latest), today);
  return Array.from({ length: DAYS }, (_, back) => {
    const date = new Date(Date.parse(`${newest}T00:00:00Z`) - back * 86_400_000).toISOString().slice(0, 10);
    return known.get(date) ?? readDay({ date });
  });
}

/** @param {any} value @returns {any[]} */
const list = (value) => (Array.isArray(value) ? value : []);

/** @param {any} value */
const text = (value) => (typeof value === "string" ? value : "");

/** @param {any} value */
const numberOrNull = (value) => (typeof value === "number" && Number.isFinite(value) ? value : null);

/** @param {any} value */
const count = (value) => numberOrNull(value) ?? 0;

/** @param {any} value @returns {Counts} */
const counts = (value) => new Map(Object.entries(value ?? {}).map(([name, many]) => [name, count(many)]));
