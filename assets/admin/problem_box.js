/** Why something is not there, what to do, and a button to try again. */
import { el, icon, textElement } from "../shared/dom.js";
import { hasText } from "../shared/language.js";
import { Problem } from "../shared/problem.js";

/**
 * @param {HTMLElement} place empty, or with the problem of before
 * @param {unknown} error
 * @param {() => void} retry
 */
export function showProblem(place, error, retry) {
  const code = codeOf(error);
  const said = error instanceof Problem ? error.message : "";
  place.replaceChildren(
    el(
      "div.card.problem-box",
      { role: "alert" },
      el("p.row", {}, icon("alert"), textElement("b", `error.${code}`)),
      textElement("p", hasText(`advice.${code}`) ? `advice.${code}` : "advice.reload"),
      said && el("p.soft.said", { lang: "en", dir: "auto" }, el("bdi", {}, said)),
      textElement("button.quiet", "retry", {}, { type: "button", onclick: retry }),
    ),
  );
}

/** The code of an error that there are words for. @param {unknown} error */
export function codeOf(error) {
  const code = error instanceof Problem ? error.code : "unknown";
  return hasText(`error.${code}`) ? code : "unknown";
}
