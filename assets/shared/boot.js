/*
 * Runs before the first paint, on both pages: language and theme, so that neither flashes.
 * A classic script on purpose: modules wait for the document.
 */
(() => {
  const root = document.documentElement;
  /** @param {string} key */
  const saved = (key) => {
    try {
      return JSON.parse(localStorage.getItem(`flux.${key}`) ?? "null");
    } catch {
      return null; // storage is blocked, or holds what another page wrote
    }
  };

  const wanted = (navigator.languages || [navigator.language]).find((tag) => /^(zh|en)\b/i.test(tag)) || "en";
  const languages = ["zh-CN", "en"];
  const language = saved("language");
  root.lang = languages.includes(language) ? language : /^zh/i.test(wanted) ? "zh-CN" : "en";

  const theme = saved("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  root.classList.add("js");
})();
