/**
 * A deployment after a week in its owner's hands, for a picture of the owner's page: the Worker and what it counts are
 * real, its vendors and its clock are the tests'.
 */

import { readFileSync } from "node:fs";

import { text } from "../../workerd/support/answers.mjs";
import { ERRORS } from "../../workerd/support/siliconflow.mjs";
import { startWorker } from "../../workerd/support/worker.mjs";
import { inProject } from "../../../scripts/lib/project.mjs";

/** The owner's token. */
export const TOKEN = "token-of-the-owner";

const TOKENS = {
  me: { token: TOKEN, owner: true },
  Alice: { token: "token-of-alice", per_day: 5 },
  "reading group": { token: "token-of-the-group", per_day: 20 },
};

/** Pictures on each of the days, the last of which is today. */
const DAYS = [6, 11, 8, 14, 12, 16, 10];
const DAY_S = 86_400;

/** What is drawn, by the names of the form page's ideas: their pictures are drawn without any account. */
const IDEAS = ["cat", "city", "forest", "portrait", "flower", "space", "ship", "mountains", "alley", "lighthouse"];

/** @param {Record<string, string>} texts of the pages, in one language */
export async function startOwnersWeek(texts) {
  const worker = await startWorker({
    instrumented: true,
    vars: {
      ACCESS_TOKENS: JSON.stringify(TOKENS),
      IMAGE_API_KEYS: "made-up-key-a3f9,made-up-key-77b0,made-up-key-k2c1",
      PROCESS_API_KEY: undefined,
    },
  });
  const { siliconflow, imageHost } = worker.upstreams;
  imageHost.allow();
  let count = 0;
  /** What the clock is ahead by, in seconds. */
  let ahead = 0;
  const pass = (/** @type {number} */ seconds) => {
    ahead += seconds;
    return worker.instruments.pass(seconds);
  };
  siliconflow.allow(async (call) => {
    if (call.headers.authorization?.endsWith("k2c1")) return ERRORS.wrongKey;
    // Between two and seven seconds, some ten or more.
    await pass(2 + ((count * 37) % 50) / 10 + (count % 17 === 3 ? 9 : 0));
    if (count % 29 === 11) return text("Service Unavailable", { status: 503 });
    return siliconflow.ordinary(call);
  });

  await pass(-(DAYS.length - 1) * DAY_S);
  for (const [day, pictures] of DAYS.entries()) {
    const begun = ahead;
    for (let n = 0; n < pictures; n += 1, count += 1) await make(worker, texts, count);
    if (day < DAYS.length - 1) await pass(DAY_S - (ahead - begun));
  }
  return { url: worker.origin, stop: worker.stop };
}

/** @param {Awaited<ReturnType<typeof startWorker>>} worker @param {Record<string, string>} texts @param {number} count */
async function make(worker, texts, count) {
  const idea = IDEAS[count % IDEAS.length];
  const tokens = [TOKENS.Alice, TOKENS["reading group"], TOKENS["reading group"], TOKENS.me].map(({ token }) => token);
  const model = count % 5 === 4 ? "Kwai-Kolors/Kolors" : "black-forest-labs/FLUX.1-schnell";
  const parameters = { prompt: texts[`idea-${idea}`], size: "1024x1024", seed: String(count), model };
  const headers = { authorization: `Bearer ${tokens[count % tokens.length]}` };
  const { status, headers: answer } = await worker.image(parameters, { headers });
  if (status !== 200) return; // some fail in any week
  const id = String(answer["x-image-id"]);
  const { metadata } = await worker.stored(id);
  const picture = readFileSync(inProject("assets", "gui", "ideas", `${idea}.svg`));
  const record = { .../** @type {object} */ (metadata), type: "image/svg+xml" };
  await (await worker.library()).put(`image:v1:${id}`, picture.toString(), { metadata: record });
}
