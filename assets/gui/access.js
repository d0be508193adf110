/** The access token: asked for once, kept in this browser, sent in a header. */
import { byId } from "../shared/dom.js";
import { say } from "../shared/language.js";
import { keep, onOtherTab, recall } from "../shared/store.js";

/** @returns {string | null} */
export const token = () => recall("token") || null;

let asking = null;

/**
 * Asks for a token, unless another picture's question was answered in the meantime.
 * @param {string | null} refused the token that was not enough
 * @returns {Promise<boolean>} whether there is another one to try
 */
export async function askForToken(refused) {
  if (token() !== refused && token()) return true;
  asking ??= open(refused ? "token-wrong" : "token-needed").finally(() => (asking = null));
  return asking;
}

function open(why) {
  const dialog = byId("token-dialog");
  const field = byId("token");
  say(byId("token-why"), why);
  byId("token-forget").hidden = !token();
  field.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  field.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "save"), { once: true });
  });
}

export function startAccess() {
  const dialog = byId("token-dialog");
  const show = () => (byId("token-button").hidden = !token());
  const set = (value) => {
    keep("token", value);
    show();
  };
  byId("token-button").addEventListener("click", () => (asking ??= open("token-kept").finally(() => (asking = null))));
  byId("token-cancel").addEventListener("click", () => dialog.close(""));
  byId("token-forget").addEventListener("click", () => {
    set(null);
    dialog.close("");
  });
  byId("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const value = byId("token").value.trim();
    // A header takes visible ASCII only.
    const fits = /^[\x21-\x7e]+$/.test(value);
    byId("token").setAttribute("aria-invalid", String(!fits));
    if (!fits) return byId("token").focus();
    set(value);
    dialog.close("save");
  });
  onOtherTab("token", show);
  show();
}
