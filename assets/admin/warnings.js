/** What the owner must do. */
import { byId, el, icon } from "../shared/dom.js";
import { text } from "../shared/language.js";
import { keyName } from "./keys.js";

/**
 * The service says it in English. What it is known to say has a sentence of the texts, with what stands in the brackets
 * filled in; anything else is shown as it is.
 *
 * @type {[RegExp, string][]}
 */
const SENTENCES = [
  [/^Every key is refused by its upstream/, "warning-all-refused"],
  [/^(?<key>.+) is refused by (?<endpoint>[^\s:]+):/, "warning-refused"],
  [/^No endpoint has the model (?<model>\S+) any more/, "warning-model-gone"],
  [/^KV refused (?<count>\d+) writes today/, "warning-unstored"],
  [/^(?<count>\d+) of (?<made>\d+) pictures today were drawn from prompts/, "warning-fallbacks"],
];

/** @param {import("./stats.js").Stats} stats */
export function drawWarnings({ warnings }) {
  const items = warnings.map((warning) => el("li.warning", {}, icon("alert"), sentence(warning)));
  byId("warnings").replaceChildren(
    ...(items.length ? items : [el("li.warning.none", {}, icon("check"), el("p", {}, text("no-warnings")))]),
  );
}

/** @param {string} warning */
function sentence(warning) {
  for (const [pattern, key] of SENTENCES) {
    const match = pattern.exec(warning);
    if (!match) continue;
    const values = { ...match.groups };
    if (values.key) values.key = keyName(values.key);
    return el("p", {}, text(key, values));
  }
  return el("p.said", { lang: "en", dir: "auto" }, warning);
}
