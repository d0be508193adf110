/** The prompt, improved before it is drawn: the field gets it, and can have the old one back. */
import { announce } from "../shared/announce.js";
import { byId, inputById } from "../shared/dom.js";
import { setText } from "../shared/language.js";
import { Problem } from "../shared/problem.js";
import { toast } from "../shared/toast.js";
import { askForToken, token } from "./access.js";
import { setPrompt } from "./form.js";
import { improvePrompt } from "./service.js";

const button = () => /** @type {HTMLButtonElement} */ (byId("improve"));

export function startImprove() {
  setText(button(), "improve-hint", {}, "title");
  button().addEventListener("click", improve);
}

async function improve() {
  const before = inputById("prompt").value;
  const isOn = inputById("optimization").checked;
  if (!before.trim()) return byId("prompt").focus();
  setBusy(true);
  try {
    const { prompt, status } = await withToken(before.trim());
    // Whoever went on typing keeps what was typed.
    if (inputById("prompt").value !== before) return toast("improve-late");
    if (status === "fallback" || prompt === before.trim()) return toast("improve-none");
    inputById("optimization").checked = false; // it is drawn as it is
    setPrompt(prompt);
    toast(
      "improved",
      {},
      {
        label: "undo",
        act: () => {
          inputById("optimization").checked = isOn;
          setPrompt(before);
          byId("prompt").focus();
        },
      },
    );
  } catch (error) {
    const isRate = error instanceof Problem && error.code === "rate_limited";
    toast(isRate ? "error.rate_limited" : "improve-failed");
  } finally {
    setBusy(false);
  }
}

/** @param {string} prompt */
async function withToken(prompt) {
  for (;;) {
    const used = token();
    try {
      return await improvePrompt(prompt, used);
    } catch (error) {
      const isClosed = error instanceof Problem && [401, 403].includes(error.status);
      if (!isClosed || !(await askForToken(used, error.code))) throw error;
    }
  }
}

/** @param {boolean} busy */
function setBusy(busy) {
  button().disabled = busy;
  button().setAttribute("aria-busy", String(busy));
  if (busy) announce("improving");
}

/** Says that nothing here rewrites prompts, and takes the switch and the button away from use. */
export function withoutRewriting() {
  button().disabled = true;
  inputById("optimization").checked = false;
  inputById("optimization").disabled = true;
  byId("optimization-help").replaceChildren();
  setText(byId("optimization-help"), "rewrites-not");
}
