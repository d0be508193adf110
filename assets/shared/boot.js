/*
 * Runs before the first paint, on the pages: language and theme, so that neither flashes; and a form that is sent before
 * the page's script is there is held until it is.
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

  let isLost = false;
  addEventListener(
    "submit",
    (event) => {
      const form = /** @type {HTMLFormElement} */ (event.target);
      if (form.id !== "form" || isLost || "ready" in root.dataset) return;
      event.preventDefault();
      root.dataset.held = "";
    },
    true,
  );
  // Without its script the page is a plain form again.
  addEventListener(
    "error",
    ({ target }) => {
      if (!(target instanceof HTMLScriptElement)) return;
      isLost = true;
      root.classList.remove("js");
      if ("held" in root.dataset) /** @type {HTMLFormElement | null} */ (document.getElementById("form"))?.submit();
    },
    true,
  );
})();
