/** The switches at the head of both pages: language and theme. */
import { byId } from "./dom.js";
import { language, say, setLanguage } from "./language.js";
import { keep } from "./store.js";

const root = document.documentElement;
const systemDark = matchMedia("(prefers-color-scheme: dark)");

const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches);

function setTheme(theme) {
  // Back at what the system says: follow it again from here on.
  const follows = (theme === "dark") === systemDark.matches;
  keep("theme", follows ? null : theme);
  if (follows) delete root.dataset.theme;
  else root.dataset.theme = theme;
}

export function startMasthead() {
  const theme = byId("theme-switch");
  const tell = () => {
    say(theme, isDark() ? "theme-to-light" : "theme-to-dark", {}, "aria-label");
    say(theme, isDark() ? "theme-to-light" : "theme-to-dark", {}, "title");
    theme.classList.toggle("is-dark", isDark());
  };
  theme.addEventListener("click", () => {
    setTheme(isDark() ? "light" : "dark");
    tell();
  });
  systemDark.addEventListener("change", tell);
  tell();

  const other = byId("language-switch");
  const offer = () => {
    other.lang = language() === "en" ? "zh-CN" : "en";
    other.textContent = language() === "en" ? "中文" : "English";
  };
  other.addEventListener("click", () => setLanguage(language() === "en" ? "zh-CN" : "en"));
  addEventListener("languagechanged", offer);
  offer();

  const title = document.querySelector("title");
  say(title, title.dataset.key);
}
