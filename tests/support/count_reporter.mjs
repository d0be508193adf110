/**
 * A reporter for `node --test` that prints nothing but the counts, as one line of JSON, for
 * scripts/test.mjs: of all, and of each group at the top of a file. Only single tests count: a group
 * of them does not, nor does a file that holds none, which Node reports as one passed test of the
 * file's name.
 *
 * @typedef {{ type?: string, error?: { failureType?: string } }} Details
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ name: string, file?: string, nesting: number, skip?: unknown, todo?: unknown, details?: Details }} Data
 * @param {AsyncIterable<{ type: string, data: Data }>} events
 */
export default async function* count(events) {
  const counts = {
    ...{ passed: 0, failed: 0, skipped: 0 },
    groups: /** @type {(Counts & { name: string })[]} */ ([]),
  };
  /** @type {Map<string | undefined, Counts>} */
  const open = new Map();
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const group = open.get(data.file) ?? { passed: 0, failed: 0, skipped: 0 };
    open.set(data.file, group);
    const what = outcome(type, data);
    if (what) {
      counts[what] += 1;
      group[what] += 1;
    }
    if (data.nesting > 0 || data.details?.type !== "suite") continue;
    counts.groups.push({ name: data.name, ...group });
    open.delete(data.file);
  }
  yield `${JSON.stringify(counts)}\n`;
}

/**
 * What is counted of it; nothing of a group that went well.
 * @param {string} type @param {Data} data
 */
function outcome(type, data) {
  if (data.details?.type === "suite" && type === "test:pass") return null;
  if (data.skip !== undefined || data.todo !== undefined) return "skipped";
  if (type === "test:fail") return isParentOfFailure(data) ? null : "failed";
  return data.nesting === 0 && /\.test\.mjs$/.test(data.name) ? null : "passed";
}

/** A group or a test that failed only since one in it did: that one is counted. @param {Data} data */
function isParentOfFailure({ details }) {
  return details?.error?.failureType === "subtestsFailed";
}
