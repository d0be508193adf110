/** The switches at the head of both pages: language and theme. */
import { byId } from "./dom.js";
import { language, setLanguage, setText } from "./language.js";
import { save } from "./store.js";

const root = document.documentElement;
const systemDark = matchMedia("(prefers-color-scheme: dark)");

const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches);

/** @param {"light" | "dark"} theme */
function setTheme(theme) {
  // Back at what the system says: follow it again from here on.
  const follows = (theme === "dark") === systemDark.matches;
  save("theme", follows ? null : theme);
  if (follows) delete root.dataset.theme;
  else root.dataset.theme = theme;
}

export function startMasthead() {
  startThemeSwitch();
  startLanguageSwitch();
  const title = document.querySelector("title");
  if (title?.dataset.key) setText(title, title.dataset.key);
}

function startThemeSwitch() {
  const button = byId("theme-switch");
  const label = () => {
    setText(button, isDark() ? "theme-to-light" : "theme-to-dark", {}, "aria-label");
    setText(button, isDark() ? "theme-to-light" : "theme-to-dark", {}, "title");
    button.classList.toggle("is-dark", isDark());
  };
  button.addEventListener("click", () => {
    setTheme(isDark() ? "light" : "dark");
    label();
  });
  systemDark.addEventListener("change", label);
  label();
}

function startLanguageSwitch() {
  const button = byId("language-switch");
  const label = () => {
    button.lang = language() === "en" ? "zh-CN" : "en";
    button.textContent = language() === "en" ? "中文" : "English";
  };
  button.addEventListener("click", () => setLanguage(language() === "en" ? "zh-CN" : "en"));
  addEventListener("languagechanged", label);
  label();
}
