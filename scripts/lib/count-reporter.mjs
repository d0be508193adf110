/**
 * A reporter for `node --test` that prints nothing but the counts, as one line of JSON, for
 * scripts/test.mjs. Only single tests count: a group of them does not, nor does a file that holds
 * none, which Node reports as one passed test of the file's name.
 *
 * @typedef {{ type?: string, error?: { failureType?: string } }} Details
 * @typedef {{ name: string, nesting: number, skip?: unknown, todo?: unknown, details?: Details }} Data
 * @param {AsyncIterable<{ type: string, data: Data }>} events
 */
export default async function* count(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    if (data.details?.type === "suite" && type === "test:pass") continue;
    const isFile = data.nesting === 0 && /\.test\.mjs$/.test(data.name);
    if (data.skip !== undefined || data.todo !== undefined) counts.skipped += 1;
    else if (type === "test:fail") counts.failed += isParentOfFailure(data) ? 0 : 1;
    else if (!isFile) counts.passed += 1;
  }
  yield `${JSON.stringify(counts)}\n`;
}

/** A group or a test that failed only since one in it did: that one is counted. @param {Data} data */
function isParentOfFailure({ details }) {
  return details?.error?.failureType === "subtestsFailed";
}
