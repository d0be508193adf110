/** The access token: asked for once, kept in this browser, sent in a header. */
import { byId, inputById } from "../shared/dom.js";
import { setText } from "../shared/language.js";
import { load, onOtherTab, save } from "../shared/store.js";

const dialog = () => /** @type {HTMLDialogElement} */ (byId("token-dialog"));

/** @returns {string | null} */
export const token = () => load("token") || null;

/** The question that is open, for all who need its answer. @type {Promise<boolean> | null} */
let question = null;

/**
 * Asks for a token, unless another picture's question was answered in the meantime.
 * @param {string | null} refused the token that was not enough
 * @param {string} code the API's reason to refuse
 * @returns {Promise<boolean>} true if there is another one to try
 */
export async function askForToken(refused, code) {
  if (token() !== refused && token()) return true;
  if (refused) return openOnce("token-wrong");
  return openOnce(code === "unauthorized" ? "token-needed" : "token-instead");
}

/** @param {string} reason the sentence that says why */
function openOnce(reason) {
  question ??= open(reason).finally(() => {
    question = null;
  });
  return question;
}

/** @param {string} reason @returns {Promise<boolean>} true if a token was saved */
function open(reason) {
  const field = inputById("token");
  setText(byId("token-why"), reason);
  byId("token-forget").hidden = !token();
  field.value = "";
  dialog().returnValue = "";
  dialog().showModal();
  field.focus();
  return new Promise((resolve) => {
    dialog().addEventListener("close", () => resolve(dialog().returnValue === "save"), { once: true });
  });
}

export function startAccess() {
  byId("token-button").addEventListener("click", () => openOnce("token-kept"));
  byId("token-cancel").addEventListener("click", () => dialog().close(""));
  byId("token-forget").addEventListener("click", () => {
    setToken(null);
    dialog().close("");
  });
  byId("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const field = inputById("token");
    const value = field.value.trim();
    // A header takes visible ASCII only.
    const valid = /^[\x21-\x7e]+$/.test(value);
    field.setAttribute("aria-invalid", String(!valid));
    if (!valid) return field.focus();
    setToken(value);
    dialog().close("save");
  });
  onOtherTab("token", showButton);
  showButton();
}

/** @param {string | null} value */
function setToken(value) {
  save("token", value);
  showButton();
}

function showButton() {
  byId("token-button").hidden = !token();
}
