/** The fake upstreams of `npm run fuzz:api`: well, or faulty in every way that does not wait. */

import { breakOff, json, RESET, text } from "../workerd/support/answers.mjs";
import { ERRORS as GLM_ERRORS } from "../workerd/support/glm.mjs";
import { png } from "../workerd/support/images.mjs";
import { ERRORS } from "../workerd/support/siliconflow.mjs";

/**
 * @typedef {import("../workerd/support/upstreams.mjs").Upstreams} Upstreams
 * @typedef {import("../workerd/support/upstream.mjs").Call} Call
 */

/** One small picture, whatever was asked for: making large ones is what would take the time. */
const PICTURE = png(64, 64);

/** An image URL that leads nowhere. */
const DEAD_URL = "https://images.example/gone.png";

/** One out of so many calls is one too many for its key, or finds the key refused. */
const KEY_FAULT_EVERY = 20;

/** Announces that any number of calls will come, and that all go well. @param {Upstreams} upstreams */
export function beWell({ siliconflow, glm, imageHost }) {
  siliconflow.allow(siliconflow.draws(PICTURE));
  glm.allow();
  imageHost.allow();
}

/** Announces that any number of calls will come, and that most go wrong: a prompt always in the same way. @param {Upstreams} upstreams */
export function beFaulty(upstreams) {
  const { siliconflow, glm, imageHost } = upstreams;
  const well = siliconflow.draws(PICTURE);
  const { rejected, overloaded, gateway, perMinute, perDay, wrongKey, forbidden } = ERRORS;
  const faults = [
    ...Array(8).fill(well),
    rejected,
    rejected,
    overloaded,
    gateway,
    RESET,
    breakOff(json({ images: [{ url: "https://images.example/half.png" }] })),
    text('{"images":[{"ur'),
    text(""),
    json([]),
    json({ images: [] }),
    json({ images: [{ url: "ftp://nowhere" }] }),
    siliconflow.pointsTo(DEAD_URL),
    siliconflow.draws(Buffer.from("not an image")),
  ];
  const keyFaults = [perMinute, wrongKey, perDay, forbidden];
  siliconflow.allow((call) => {
    const turn = call.number / KEY_FAULT_EVERY;
    const fault = Number.isInteger(turn)
      ? keyFaults[turn % keyFaults.length]
      : faults[hash(call.body.prompt) % faults.length];
    return typeof fault === "function" ? fault(call) : fault;
  });
  const chatFaults = [
    glm.says("a cat, photo"),
    GLM_ERRORS.busy,
    GLM_ERRORS.refused,
    GLM_ERRORS.parameters,
    RESET,
    text('{"choices":[{"mess'),
    glm.says(""),
    glm.says("half", { finish_reason: "network_error" }),
  ];
  glm.allow((call) => chatFaults[call.number % chatFaults.length]);
  imageHost.allow();
  upstreams.at(DEAD_URL).allow(text("<html>gone</html>", { status: 404, type: "text/html" }));
}

/** @param {string} prompt */
function hash(prompt) {
  return [...prompt].reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) % 1_000_003, 7);
}
