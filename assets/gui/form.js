/** The form: its fields as parameters and back, and what is wrong with them, said before it is sent. */
import { byId, inputById, prefersReducedMotion } from "../shared/dom.js";
import { setText } from "../shared/language.js";
import { isGuidance, isSteps, MAX_PROMPT, parseSeed, promptLength } from "../shared/limits.js";
import { isSide, parseSize, sizeText } from "../shared/sizes.js";
import { nextSeed, setSeed } from "./seed.js";

/** @typedef {Record<string, string>} Parameters by the names of the API */

const TEXT_FIELDS = ["model", "negative_prompt", "steps", "guidance"];

const form = () => /** @type {HTMLFormElement} */ (byId("form"));
const modelSelect = () => /** @type {HTMLSelectElement} */ (byId("model"));
const advanced = () => /** @type {HTMLDetailsElement} */ (byId("advanced"));
const sizeRadios = () => /** @type {RadioNodeList} */ (form().elements.namedItem("size"));

/** @returns {Parameters} the parameters as they stand, checked or not; nothing for an empty field */
export function readForm() {
  const chosen = sizeRadios().value;
  /** @type {Parameters} */
  const parameters = {
    prompt: inputById("prompt").value.trim(),
    size: chosen === "custom" ? sizeText(inputById("width").value, inputById("height").value) : chosen,
    optimization: inputById("optimization").checked ? "1" : "",
    seed: nextSeed(),
  };
  for (const name of TEXT_FIELDS) {
    const field = inputById(name);
    parameters[name] = field.disabled ? "" : field.value.trim();
  }
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== ""));
}

/**
 * Fills the form; what is not named goes back to its default. Nothing locks by itself.
 * @param {Parameters} parameters
 * @param {"once" | "used"} [seedUse] `once`: the next picture is to have this seed
 */
export function fillForm(parameters, seedUse = "used") {
  inputById("prompt").value = parameters.prompt || "";
  fillSize(parameters.size);
  inputById("optimization").checked = /^(1|true|yes|on)$/i.test(parameters.optimization || "");
  for (const name of TEXT_FIELDS) inputById(name).value = parameters[name] || "";
  if (modelSelect().selectedIndex < 0) modelSelect().selectedIndex = 0;
  setSeed(parameters.seed || "", seedUse);
  advanced().open ||= TEXT_FIELDS.some((name) => parameters[name]);
  refresh();
}

/** @param {string | undefined} text */
function fillSize(text) {
  const radios = /** @type {HTMLInputElement[]} */ (Array.from(sizeRadios()));
  const size = parseSize(text);
  const value = size ? sizeText(size.width, size.height) : radios[0].value;
  const preset = radios.find((radio) => radio.value === value);
  (preset ?? radios[radios.length - 1]).checked = true;
  if (preset || !size) return;
  inputById("width").value = String(size.width);
  inputById("height").value = String(size.height);
}

/**
 * Checks the form as the API would, and shows what is wrong.
 * @returns {Parameters | null} the parameters to send, with a seed drawn where chance was asked for
 */
export function checkForm() {
  const parameters = readForm();
  const size = parseSize(parameters.size);
  const seed = parseSeed(parameters.seed || "");
  const first = showProblems(parameters, size !== null, seed !== null);
  if (first || !size) {
    if (first && advanced().contains(first)) advanced().open = true;
    first?.focus();
    return null;
  }
  parameters.size = sizeText(size.width, size.height);
  if (seed) parameters.seed = seed;
  return parameters;
}

/**
 * @param {Parameters} parameters
 * @param {boolean} hasSize
 * @param {boolean} hasSeed
 * @returns {HTMLElement | undefined} the first field to mend
 */
function showProblems({ prompt = "", negative_prompt = "", steps, guidance }, hasSize, hasSeed) {
  /** @param {string} name */
  const badNumber = (name) => inputById(name).validity.badInput;
  const badSteps = badNumber("steps") || (steps && !(isSteps(steps) && Number.isInteger(Number(steps))));
  const badGuidance = badNumber("guidance") || (guidance && !isGuidance(guidance));
  const tooLong = promptLength(negative_prompt) > MAX_PROMPT;
  const fields = [
    showProblem("prompt", promptProblem(prompt)),
    showProblem("size", hasSize ? null : ["size-limits"]),
    showProblem("seed", hasSeed ? null : ["seed-limits"]),
    showProblem("negative_prompt", tooLong ? ["too-long", { most: MAX_PROMPT }] : null),
    showProblem("steps", badSteps ? ["steps-limits"] : null),
    showProblem("guidance", badGuidance ? ["guidance-limits"] : null),
  ];
  return fields.find((field) => field !== undefined);
}

/** @param {string} prompt @returns {import("../shared/language.js").Sentence | null} */
function promptProblem(prompt) {
  if (!prompt) return ["prompt-missing"];
  return promptLength(prompt) > MAX_PROMPT ? ["too-long", { most: MAX_PROMPT }] : null;
}

/**
 * Shows or hides the sentence under a field.
 * @param {string} name of the parameter
 * @param {import("../shared/language.js").Sentence | null} sentence
 * @returns {HTMLElement | undefined} the field to go to
 */
function showProblem(name, sentence) {
  const problem = byId(`${name}-problem`);
  problem.hidden = !sentence;
  if (sentence) setText(problem, ...sentence);
  const fields = (name === "size" ? ["width", "height"] : [name]).map(inputById);
  const wrong = sentence ? fields.filter((field) => name !== "size" || !isSide(Number(field.value))) : [];
  for (const field of fields) {
    if (wrong.includes(field)) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  return wrong[0];
}

/** Brings what depends on the fields up to date. */
export function refresh() {
  const count = promptLength(inputById("prompt").value);
  setText(byId("prompt-count"), "count", { count, most: MAX_PROMPT });
  byId("prompt-count").classList.toggle("over", count > MAX_PROMPT);
  byId("custom-size").hidden = sizeRadios().value !== "custom";
  showSize();
  const filled = TEXT_FIELDS.map(inputById).filter((field) => !field.disabled && field.value.trim());
  if (filled.length) setText(byId("advanced-set"), "advanced-set", { count: filled.length });
  byId("advanced-set").hidden = !filled.length;
  fitHeight(byId("prompt"));
}

/** Says which size is chosen, beside the row of shapes. */
function showSize() {
  const chosen = sizeRadios().value;
  const size = parseSize(chosen === "custom" ? sizeText(inputById("width").value, inputById("height").value) : chosen);
  byId("size-shown").textContent = size ? `${size.width} × ${size.height}` : "";
}

/**
 * The names of the parameters that the form cannot take as they are, of a link that anyone may have written.
 * @param {Parameters} parameters
 */
export function wrongParameters({ prompt = "", size, seed, negative_prompt = "", steps, guidance }) {
  const wrong = {
    prompt: promptLength(prompt) > MAX_PROMPT,
    size: size && !parseSize(size),
    seed: seed && parseSeed(seed) === null,
    negative_prompt: promptLength(negative_prompt) > MAX_PROMPT,
    steps: steps && !(isSteps(steps) && Number.isInteger(Number(steps))),
    guidance: guidance && !isGuidance(guidance),
  };
  return Object.entries(wrong).flatMap(([name, isWrong]) => (isWrong ? [name] : []));
}

/** Makes a text field as high as its text, up to what its style allows. @param {HTMLElement} area */
function fitHeight(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
}

/**
 * @param {(parameters: Parameters) => void} send called with what the reader wants drawn
 * @param {() => void} edited called after each change
 */
export function startForm(send, edited) {
  form().noValidate = true;
  byId("generate").addEventListener("click", (event) => {
    // The second half of a double click asks for nothing more.
    if (event.detail > 1) event.preventDefault();
  });
  form().addEventListener("submit", (event) => {
    event.preventDefault();
    const parameters = checkForm();
    if (parameters) send(parameters);
  });
  form().addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing || event.repeat) return;
    event.preventDefault();
    form().requestSubmit();
  });
  form().addEventListener("input", (event) => {
    refresh();
    const field = /** @type {HTMLInputElement} */ (event.target);
    const name = field.id === "width" || field.id === "height" ? "size" : field.name;
    // A problem goes when it is being mended; it comes back, if it has to, with the next check.
    if (name && document.getElementById(`${name}-problem`)) showProblem(name, null);
    edited();
  });
  if (/mac|iphone|ipad/i.test(navigator.platform)) byId("shortcut").textContent = "⌘ ↵";
  addEventListener("resize", () => fitHeight(byId("prompt")));
  refresh();
}

/**
 * Offers the models, where there is a choice.
 * @param {string[]} models the default first
 * @param {string} [chosen]
 * @returns {boolean} false where the one that is chosen is not among them
 */
export function offerModels(models, chosen = "") {
  const isThere = !chosen || !models.length || models.includes(chosen);
  if (models.length < 2) return isThere;
  const select = modelSelect();
  models.forEach((id, index) => select.append(new Option(id, index ? id : "")));
  select.disabled = false;
  select.value = models.indexOf(chosen) > 0 ? chosen : "";
  byId("model-field").hidden = false;
  refresh();
  return isThere;
}

/** Puts a prompt into its field, as typing it would. @param {string} prompt */
export function setPrompt(prompt) {
  inputById("prompt").value = prompt;
  byId("prompt").dispatchEvent(new Event("input", { bubbles: true }));
}

/** Brings the reader to the form. */
export function goToForm() {
  byId("prompt").focus({ preventScroll: true });
  form().scrollIntoView({ behavior: prefersReducedMotion() ? "auto" : "smooth", block: "start" });
}
