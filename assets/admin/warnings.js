/** What the owner must do, as the service says it. */
import { byId, el, icon } from "../shared/dom.js";
import { text } from "../shared/language.js";

/** @param {import("./stats.js").Stats} stats */
export function drawWarnings({ warnings }) {
  const items = warnings.map((warning) =>
    el("li.warning", {}, icon("alert"), el("p.said", { lang: "en", dir: "auto" }, warning)),
  );
  byId("warnings").replaceChildren(
    ...(items.length ? items : [el("li.warning.none", {}, icon("check"), el("p", {}, text("no-warnings")))]),
  );
}
