/** The usage page: this host's name in the examples, copy buttons, and the form that builds a link. */
import { copies } from "../shared/clipboard.js";
import { byId, said } from "../shared/dom.js";
import { language, say } from "../shared/language.js";
import { asCurl, asHtml, asMarkdown, fileName, MAX_URL, PARAMETERS, requestUrl } from "../shared/links.js";
import { startMasthead } from "../shared/masthead.js";
import { parseSize, sizeText } from "../shared/sizes.js";

/** What the builder shows before anything is typed, in the page's language. */
const EXAMPLE = { "zh-CN": "窗台上打盹的橘猫", en: "an orange cat asleep on a windowsill" };

function nameHost() {
  for (const host of document.querySelectorAll(".host")) host.textContent = location.origin;
}

function addCopyButtons() {
  for (const example of document.querySelectorAll(".example")) {
    const label = said("button.plain", "copy", {}, { type: "button" });
    copies(label, () => example.querySelector("code").textContent);
    example.querySelector("figcaption").append(label);
  }
}

/** @returns {Record<string, string>} the parameters that are filled in; an example stands in for the prompt */
function parameters() {
  const form = byId("builder").elements;
  const given = PARAMETERS.map((name) => {
    const field = form[name];
    return [name, field.type === "checkbox" ? (field.checked ? field.value : "") : field.value.trim()];
  });
  const wanted = Object.fromEntries(given);
  wanted.prompt ||= EXAMPLE[language()];
  const size = parseSize(wanted.size);
  if (size) wanted.size = sizeText(size.width, size.height);
  return wanted;
}

function build() {
  const wanted = parameters();
  const url = requestUrl(wanted);
  const file = fileName({ prompt: wanted.prompt, size: wanted.size, seed: wanted.seed, type: "image/png" });
  byId("built-link").textContent = url;
  byId("built-html").textContent = asHtml(url, wanted.prompt);
  byId("built-markdown").textContent = asMarkdown(url, wanted.prompt);
  byId("built-curl").textContent = asCurl(url, file);
  byId("prompt").placeholder = EXAMPLE[language()];
  const fault = faultOf(wanted, url);
  byId("build-problem").textContent = "";
  byId("build-problem").removeAttribute("data-say");
  if (fault) say(byId("build-problem"), fault);
  return !fault;
}

function faultOf(wanted, url) {
  const within = (text, least, most) => text === "" || (Number(text) >= least && Number(text) <= most);
  if (wanted.size && !parseSize(wanted.size)) return "size-limits";
  if (wanted.seed && !/^(\d{1,10}|-1|random)$/.test(wanted.seed)) return "seed-limits";
  if (!within(wanted.steps, 1, 100)) return "steps-limits";
  if (!within(wanted.guidance, 0, 20)) return "guidance-limits";
  return url.length > MAX_URL ? "error.url-too-long" : null;
}

function startBuilder() {
  const form = byId("builder");
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
function offerModels() {
  const model = byId("model");
  model.closest("details").addEventListener(
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
offerModels();
document.documentElement.dataset.ready = "";
