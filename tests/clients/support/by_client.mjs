/** A reporter for `node --test` that prints a count by client, at the end: each group at the top of a file is one. */
import { basename } from "node:path";

const SKIPPED_FILE = /\.test\.mjs$/;

/** @param {AsyncIterable<{type: string, data: any}>} events */
export default async function* byClient(events) {
  /** Tests of each file whose group has not ended yet. @type {Map<string, {passed: number, failed: number, skipped: number}>} */
  const open = new Map();
  const clients = [];
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const isGroup = data.details?.type === "suite";
    const counts = open.get(data.file) ?? { passed: 0, failed: 0, skipped: 0 };
    open.set(data.file, counts);
    if (data.skip !== undefined) counts.skipped += 1;
    else if (!isGroup && !SKIPPED_FILE.test(data.name)) counts[type === "test:pass" ? "passed" : "failed"] += 1;
    if (data.nesting > 0 || !isGroup) continue;
    if (type === "test:fail" && counts.failed === 0) counts.failed = 1;
    clients.push({ name: data.name, file: basename(data.file ?? ""), skip: data.skip, ...counts });
    open.delete(data.file);
  }
  yield "\n";
  yield row("client", "passed", "failed", "skipped");
  for (const { name, skip, passed, failed, skipped } of clients) {
    yield row(name, ...[passed, failed, skipped].map(String), typeof skip === "string" ? `   ${skip}` : "");
  }
}

/** @param {string} name @param {string[]} cells */
const row = (name, ...cells) => {
  const line = name.padEnd(44) + cells.map((cell) => cell.padStart(8)).join("");
  return `${line.trimEnd()}\n`;
};
