/** The usage page: this host's name in the examples, copy buttons, and the form that builds a link. */
import { copyOnClick } from "../shared/clipboard.js";
import { byId, inputById, textElement } from "../shared/dom.js";
import { clearText, language, setText } from "../shared/language.js";
import { isGuidance, isSteps, MAX_PROMPT, promptLength } from "../shared/limits.js";
import { asCurl, asHtml, asMarkdown, fileName, MAX_URL, PARAMETERS, requestUrl } from "../shared/links.js";
import { showLink } from "../shared/live_link.js";
import { startMasthead } from "../shared/masthead.js";
import { parseSize, sizeText } from "../shared/sizes.js";

/** The prompt that the builder shows before one is typed, in the page's language. */
const EXAMPLE = { "zh-CN": "窗台上打盹的橘猫", en: "an orange cat asleep on a windowsill" };

function nameHost() {
  for (const host of document.querySelectorAll(".host")) host.textContent = location.origin;
}

function addCopyButtons() {
  for (const example of document.querySelectorAll(".example")) {
    const button = textElement("button.plain", "copy", {}, { type: "button" });
    copyOnClick(button, () => example.querySelector("code")?.textContent ?? "");
    example.querySelector("figcaption")?.append(button);
  }
}

/** @returns {Record<string, string>} the parameters that are filled in; an example stands in for the prompt */
function parameters() {
  const wanted = Object.fromEntries(PARAMETERS.map((name) => [name, valueOf(inputById(name))]));
  wanted.prompt ||= EXAMPLE[language()];
  const size = parseSize(wanted.size);
  if (size) wanted.size = sizeText(size.width, size.height);
  return wanted;
}

/** @param {HTMLInputElement} field */
function valueOf(field) {
  if (field.type !== "checkbox") return field.value.trim();
  return field.checked ? field.value : "";
}

/** Writes the links anew. @returns {boolean} true where nothing is wrong with them */
function build() {
  const wanted = parameters();
  const url = requestUrl(wanted);
  const file = fileName({ prompt: wanted.prompt, size: wanted.size, seed: wanted.seed, type: "image/png" });
  for (const code of byId("built").querySelectorAll("code")) clearText(code);
  showLink(byId("built-link"), url, true);
  byId("built-html").textContent = asHtml(url, wanted.prompt);
  byId("built-markdown").textContent = asMarkdown(url, wanted.prompt);
  byId("built-curl").textContent = asCurl(url, file);
  inputById("prompt").placeholder = EXAMPLE[language()];
  const problem = problemOf(wanted, url);
  clearText(byId("build-problem"));
  if (problem) setText(byId("build-problem"), ...problem);
  offerCopies(!problem);
  return !problem;
}

/** A link that would be an error is not handed out. @param {boolean} isGood */
function offerCopies(isGood) {
  const built = byId("built");
  built.classList.toggle("wrong", !isGood);
  for (const code of built.querySelectorAll("code")) if (!isGood) setText(code, "link-none");
  for (const button of built.querySelectorAll("button")) button.disabled = !isGood;
}

/**
 * @param {Record<string, string>} wanted
 * @param {string} url
 * @returns {import("../shared/language.js").Sentence | null} the sentence that says what is wrong
 */
function problemOf(wanted, url) {
  const tooLong = [wanted.prompt, wanted.negative_prompt].some((text) => promptLength(text) > MAX_PROMPT);
  if (tooLong) return ["too-long", { most: MAX_PROMPT }];
  if (wanted.size && !parseSize(wanted.size)) return ["size-limits"];
  if (wanted.seed && !/^(\d{1,10}|-1|random)$/i.test(wanted.seed)) return ["seed-limits"];
  if (badNumber("steps") || (wanted.steps && !(isSteps(wanted.steps) && Number.isInteger(Number(wanted.steps))))) {
    return ["steps-limits"];
  }
  if (badNumber("guidance") || (wanted.guidance && !isGuidance(wanted.guidance))) return ["guidance-limits"];
  return url.length > MAX_URL ? ["error.url-too-long"] : null;
}

/** True if a number's field holds what is none. @param {string} id */
const badNumber = (id) => inputById(id).validity.badInput;

function startBuilder() {
  const form = /** @type {HTMLFormElement} */ (byId("builder"));
  form.noValidate = true;
  form.addEventListener("input", build);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (build()) location.href = requestUrl(parameters());
  });
  addEventListener("languagechanged", build);
  build();
}

/** Offers the models by name, once someone looks for them: nobody else needs to ask. */
function offerModelsOnDemand() {
  byId("model")
    .closest("details")
    ?.addEventListener(
      "toggle",
      async () => {
        try {
          const list = await (await fetch("/v1/models", { headers: { Accept: "application/json" } })).json();
          for (const { id } of list.data || []) byId("models").append(new Option(id, id));
        } catch {
          // The name can be typed.
        }
      },
      { once: true },
    );
}

nameHost();
addCopyButtons();
startMasthead();
startBuilder();
offerModelsOnDemand();
document.documentElement.dataset.ready = "";
