/** What the owner must do. */
import { byId, el, icon } from "../shared/dom.js";
import { text } from "../shared/language.js";
import { keyName } from "./keys.js";
import { sentenceOf } from "./sentences.js";

/** @param {import("./stats.js").Stats} stats */
export function drawWarnings({ warnings }) {
  const items = warnings.map((warning) => el("li.warning", {}, icon("alert"), inWords(warning)));
  byId("warnings").replaceChildren(
    ...(items.length ? items : [el("li.warning.none", {}, icon("check"), el("p", {}, text("no-warnings")))]),
  );
}

/** A warning in the page's language, or else as the service says it. @param {string} warning */
function inWords(warning) {
  const sentence = sentenceOf(warning);
  if (!sentence) return el("p.said", { lang: "en", dir: "auto" }, warning);
  const { name, values } = sentence;
  return el("p", {}, text(name, values.key ? { ...values, key: keyName(values.key) } : values));
}
