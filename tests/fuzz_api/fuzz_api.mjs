/**
 * Fuzzes the Worker in workerd with requests made from assets/openapi.json: `npm run fuzz:api`, or with other cases
 * `npm run fuzz:api -- --seed 7`.
 *
 * schemathesis makes the requests, good and bad ones, and checks every answer against the document: its status, its
 * content type, its headers, its body. Nothing but a fake upstream may be the cause of a 5xx, and no call to an upstream
 * may be one that it would not take. The last line is the sum.
 */

import { parseArgs } from "node:util";

import { startWorker } from "../workerd/support/worker.mjs";
import { build } from "../../scripts/build.mjs";
import { install, schemathesis } from "./schemathesis.mjs";
import { beFaulty, beWell } from "./upstreams.mjs";
import { main, Problem } from "../../scripts/lib/problem.mjs";

/** Fewer cases prove too little: the document, or a run, has lost something. */
const MIN_CASES = 3_000;

/** So many that the upstreams' faults use them up towards the end of a run. */
const KEYS = Array.from({ length: 40 }, (_, at) => `image-key-${at}`).join(",");

const TOKEN = "fuzz-token-1";
const GUARDED = { ACCESS_TOKENS: TOKEN, URL_SIGNING_KEY: "fuzz-signing-key", ALLOWED_REFERERS: "pages.example" };
const AS_OWNER = ["--header", `Authorization: Bearer ${TOKEN}`];
const API_ONLY = ["--exclude-method", "OPTIONS", "--exclude-tag", "Pages"];
const NO_COVERAGE = ["--phases", "examples,fuzzing"];

/**
 * @typedef {object} Run who asks what kind of deployment
 * @property {string} name
 * @property {string[]} args of schemathesis
 * @property {Record<string, string>} [vars] settings
 * @property {boolean} [faulty] true: the upstreams fail
 */

/** @type {Run[]} */
const RUNS = [
  { name: "anyone, at a service that is open", args: ["--max-examples", "40"] },
  {
    name: "the owner, at one that is guarded",
    vars: GUARDED,
    args: [...AS_OWNER, ...API_ONLY, "--max-examples", "10"],
  },
  { name: "a stranger there", vars: GUARDED, args: [...API_ONLY, ...NO_COVERAGE, "--max-examples", "10"] },
  {
    name: "anyone, while the upstreams fail",
    faulty: true,
    args: [...API_ONLY, ...NO_COVERAGE, "--max-examples", "40"],
  },
];

/** Runs them all and prints the sum. @param {string} seed */
export async function fuzz(seed) {
  const command = await install();
  const sum = { passed: 0, failed: 0 };
  for (const run of RUNS) {
    console.log(`\n── ${run.name}`);
    const { passed, failed } = await fuzzOne(command, run, seed);
    sum.passed += passed;
    sum.failed += failed;
  }
  const cases = sum.passed + sum.failed;
  console.log(`\n${cases} cases`);
  if (cases < MIN_CASES) {
    console.log(`That is fewer than ${MIN_CASES}.`);
    sum.failed += 1;
  }
  console.log(`${sum.passed} passed, ${sum.failed} failed`);
  return sum.failed > 0 ? 1 : 0;
}

/** @param {string} command @param {Run} run @param {string} seed */
async function fuzzOne(command, { vars, faulty = false, args }, seed) {
  const worker = await startWorker({ vars: { IMAGE_API_KEYS: KEYS, ...vars } });
  try {
    beWell(worker.upstreams);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const { headers: stored } = await worker.get("/", { prompt: "a cat that is there" }, { headers });
    if (faulty) beFaulty(worker.upstreams);
    const cases = await schemathesis(command, {
      origin: worker.origin,
      // Several workers, which are threads, now and then break CPython's parser, which Hypothesis uses.
      args: [...args, "--seed", seed, "--workers", "1"],
      env: { FUZZ_STORED: stored["x-image-id"], FUZZ_UPSTREAMS: faulty ? "faulty" : "well" },
    });
    const problems = [...problemsOf(worker.upstreams), ...worker.logs.filter((line) => line.startsWith("error"))];
    problems.slice(0, 20).forEach((problem) => console.error(problem));
    console.log(
      `${cases.passed + cases.failed} cases, ${cases.failed} failed; ${problems.length} problems beside them`,
    );
    return { passed: cases.passed, failed: cases.failed + problems.length };
  } finally {
    await worker.stop();
  }
}

/**
 * Calls that an upstream would not take.
 *
 * @param {import("../workerd/support/upstreams.mjs").Upstreams} upstreams
 * @returns {string[]}
 */
function problemsOf(upstreams) {
  try {
    upstreams.check();
    return [];
  } catch (error) {
    return /** @type {Error} */ (error).message.split("\n");
  }
}

await main(import.meta.url, async () => {
  const { values } = parseArgs({ options: { seed: { type: "string", default: "1" } } });
  if (!/^\d+$/.test(values.seed)) throw new Problem("--seed takes a whole number.");
  await build();
  return fuzz(values.seed);
});
