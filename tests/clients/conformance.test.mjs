/**
 * The official conformance suite of the Model Context Protocol: those of its scenarios for servers that this one has
 * something of. Left out are
 *
 *   - `tools-call-*`, `json-schema-2020-12`, `http-custom-header-server-validation`, `input-required-result-*` and
 *     `server-sse-*`, which call tools that only the suite's own server has;
 *   - logging, completion, resources, prompts, sampling, elicitation, tasks and skills, which this server does not offer
 *     and does not say that it does;
 *   - `server-session-lifecycle`, for there are no sessions.
 */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { useWorker } from "../workerd/support/worker.mjs";
import { installConformance, runScenario } from "./support/conformance.mjs";

/** The scenarios, by the version of the protocol. */
const SCENARIOS = {
  "2025-06-18": ["server-initialize", "ping", "tools-list"],
  "2025-11-25": ["server-initialize", "ping", "tools-list", "dns-rebinding-protection"],
  "2026-07-28": ["server-stateless", "tools-list", "caching", "http-header-validation", "dns-rebinding-protection"],
};

/**
 * The checks that fail for want of something that this server need not have, by scenario.
 *
 * @type {Record<string, string[]>}
 */
const NOT_APPLICABLE = {
  // They call tools of the suite's own server.
  "server-stateless": [
    "sep-2575-http-server-no-independent-requests-on-stream",
    "sep-2575-missing-capability-http-400",
    "sep-2575-server-no-log-without-loglevel",
    "sep-2575-server-rejects-undeclared-capability",
  ],
  // They ask for lists of prompts and resources, whether or not a server has any.
  caching: [
    "sep-2549-prompts-list-caching-hints",
    "sep-2549-resources-list-caching-hints",
    "sep-2549-resources-templates-list-caching-hints",
  ],
};

describe("@modelcontextprotocol/conformance", () => {
  const worker = useWorker();
  before(installConformance);

  for (const [version, scenarios] of Object.entries(SCENARIOS)) {
    for (const scenario of scenarios) {
      test(`${scenario} of ${version}`, async () => {
        const checks = await runScenario(`${worker.origin}/mcp`, version, scenario);
        const failed = checks.filter(({ status }) => status === "FAILURE" || status === "WARNING");
        const told = failed.map(({ id, errorMessage }) => `${id}: ${errorMessage}`).join("\n");
        // All of them, and no other: one that begins to pass, or to be called something else, is looked at again.
        assert.deepEqual(failed.map(({ id }) => id).sort(), NOT_APPLICABLE[scenario] ?? [], told);
        assert.ok(checks.some(({ status }) => status === "SUCCESS"));
      });
    }
  }
});
