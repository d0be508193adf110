/** The form: its fields as parameters and back, and what is wrong with them, said before it is sent. */
import { byId, calm } from "../shared/dom.js";
import { say } from "../shared/language.js";
import { isSide, parseSize, sizeText } from "../shared/sizes.js";
import { parseSeed, setSeed } from "./seed.js";

export const MAX_PROMPT = 2000;

const PLAIN = ["model", "negative_prompt", "steps", "guidance"];
const form = () => byId("form");

/** As the API counts: Unicode code points, trimmed and composed. */
export const length = (text) => Array.from(text.trim().normalize("NFC")).length;

/** @returns {Record<string, string>} the parameters as they stand, checked or not; nothing for an empty field */
export function readForm() {
  const chosen = form().elements.size.value;
  const custom = sizeText(byId("width").value, byId("height").value);
  const parameters = {
    prompt: byId("prompt").value.trim(),
    size: chosen === "custom" ? custom : chosen,
    optimization: byId("optimization").checked ? "1" : "",
    seed: byId("seed").value.trim(),
  };
  for (const name of PLAIN) parameters[name] = byId(name).disabled ? "" : byId(name).value.trim();
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== ""));
}

/** Fills the form; what is not named goes back to its default. @param {Record<string, string>} parameters */
export function fillForm(parameters) {
  byId("prompt").value = parameters.prompt || "";
  fillSize(parameters.size);
  byId("optimization").checked = /^(1|true|yes|on)$/i.test(parameters.optimization || "");
  for (const name of PLAIN) byId(name).value = parameters[name] || "";
  if (byId("model").selectedIndex < 0) byId("model").selectedIndex = 0;
  setSeed(parameters.seed || "", Boolean(parameters.seed));
  byId("advanced").open ||= ["seed", ...PLAIN].some((name) => parameters[name]);
  refresh();
}

function fillSize(text) {
  const radios = form().elements.size;
  const size = parseSize(text);
  const value = size ? sizeText(size.width, size.height) : radios[0].value;
  const preset = Array.from(radios).find((radio) => radio.value === value);
  (preset || Array.from(radios).at(-1)).checked = true;
  if (!preset) [byId("width").value, byId("height").value] = [size.width, size.height];
}

/**
 * Checks the form as the API would, and shows what is wrong.
 * @returns {Record<string, string> | null} the parameters to send, with a seed drawn where chance was asked for
 */
export function checkForm() {
  const parameters = readForm();
  const size = parseSize(parameters.size);
  const seed = parseSeed(parameters.seed || "");
  const within = (text, least, most, whole) => {
    const number = Number(text);
    return Number.isFinite(number) && number >= least && number <= most && (!whole || Number.isInteger(number));
  };
  const badNumber = (name) => byId(name).validity.badInput;
  const faults = [
    tell("prompt", promptFault(parameters.prompt || "")),
    tell("size", !size && ["size-limits"], badSides()),
    tell("seed", seed === null && ["seed-limits"]),
    tell(
      "negative_prompt",
      length(parameters.negative_prompt || "") > MAX_PROMPT && ["too-long", { most: MAX_PROMPT }],
    ),
    tell(
      "steps",
      (badNumber("steps") || (parameters.steps && !within(parameters.steps, 1, 100, true))) && ["steps-limits"],
    ),
    tell(
      "guidance",
      (badNumber("guidance") || (parameters.guidance && !within(parameters.guidance, 0, 20))) && ["guidance-limits"],
    ),
  ];
  const first = faults.find(Boolean);
  if (first) {
    if (byId("advanced").contains(first)) byId("advanced").open = true;
    first.focus();
    return null;
  }
  parameters.size = sizeText(size.width, size.height);
  if (seed) parameters.seed = seed;
  return parameters;
}

function promptFault(prompt) {
  if (!prompt) return ["prompt-missing"];
  return length(prompt) > MAX_PROMPT && ["too-long", { most: MAX_PROMPT }];
}

const badSides = () => ["width", "height"].map(byId).filter((side) => !isSide(Number(side.value)));

/**
 * @param {string} name of the field
 * @param {[string, object?] | false | ""} fault the sentence to show
 * @param {HTMLElement[]} [fields] where the fault is
 * @returns {HTMLElement | null} the field to go to
 */
function tell(name, fault, fields = name === "size" ? [] : [byId(name)]) {
  const problem = byId(`${name}-problem`);
  problem.hidden = !fault;
  if (fault) say(problem, ...fault);
  const wrong = fault ? fields : [];
  for (const field of name === "size" ? [byId("width"), byId("height")] : fields) {
    if (wrong.includes(field)) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  return wrong[0] || null;
}

/** Brings what depends on the fields up to date. */
export function refresh() {
  const count = length(byId("prompt").value);
  say(byId("prompt-count"), "count", { count, most: MAX_PROMPT });
  byId("prompt-count").classList.toggle("over", count > MAX_PROMPT);
  byId("custom-size").hidden = form().elements.size.value !== "custom";
  const set = ["seed", ...PLAIN].filter((name) => !byId(name).disabled && byId(name).value.trim()).length;
  if (set) say(byId("advanced-set"), "advanced-set", { count: set });
  byId("advanced-set").hidden = !set;
  grow(byId("prompt"));
}

/** Makes a text field as high as its text, up to what its style allows. */
function grow(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
}

/**
 * @param {(parameters: Record<string, string>) => void} send called with what the reader wants drawn
 * @param {() => void} edited called after each change
 */
export function startForm(send, edited) {
  form().noValidate = true;
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
    const named = event.target.id === "width" || event.target.id === "height" ? "size" : event.target.name;
    // A fault goes when it is being mended; it comes back, if it has to, with the next check.
    if (named && document.getElementById(`${named}-problem`)) tell(named, false);
    edited();
  });
  if (/mac|iphone|ipad/i.test(navigator.platform)) byId("shortcut").textContent = "⌘ ↵";
  addEventListener("resize", () => grow(byId("prompt")));
  refresh();
}

/** Offers the models, where there is a choice. @param {string[]} models the default first @param {string} [chosen] */
export function offerModels(models, chosen) {
  if (models.length < 2) return;
  const select = byId("model");
  models.forEach((id, index) => select.append(new Option(id, index ? id : "")));
  select.disabled = false;
  select.value = models.indexOf(chosen) > 0 ? chosen : "";
  byId("model-field").hidden = false;
  refresh();
}

/** Brings the reader to the form. */
export function goToForm() {
  byId("prompt").focus({ preventScroll: true });
  form().scrollIntoView({ behavior: calm() ? "auto" : "smooth", block: "start" });
}
