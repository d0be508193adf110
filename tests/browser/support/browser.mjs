/**
 * A real browser: the Chrome that `CHROME_PATH` names, else the Chromium of npm's `@sparticuz/chromium`. Without either,
 * the tests fail and say so. With `FIREFOX_PATH` it is that Firefox instead.
 */
import { existsSync } from "node:fs";
import chromium from "@sparticuz/chromium";
import puppeteer from "puppeteer-core";

/** Arguments that the package sets for its own use elsewhere; they would loosen or shake what is tested here. */
const NOT_HERE = new Set(["--disable-web-security", "--allow-running-insecure-content", "--single-process"]);

/** True where the tests run in Firefox: what its protocol has no command for is left as it is there. */
export const isFirefox = Boolean(process.env.FIREFOX_PATH);

/**
 * For tests of what only Chromium's protocol can bring about: downloads to a folder, being offline, a slow line, pages
 * without scripts, a system's wishes.
 */
export const CHROMIUM_ONLY = { skip: isFirefox && "Firefox's protocol has no command for it" };

/**
 * Firefox lets a page read the clipboard only after a click of the reader's, and tests have none. Its scrollbars take room
 * from a narrow window, where a phone's take none.
 */
const FIREFOX_SETTINGS = {
  "dom.events.testing.asyncClipboard": true,
  "ui.useOverlayScrollbars": 1,
  "datareporting.policy.dataSubmissionEnabled": false,
};

/** @returns {Promise<import("puppeteer-core").Browser>} */
export async function openBrowser() {
  if (isFirefox) {
    const executablePath = process.env.FIREFOX_PATH;
    return puppeteer.launch({
      browser: "firefox",
      executablePath,
      headless: true,
      extraPrefsFirefox: FIREFOX_SETTINGS,
      defaultViewport: null,
    });
  }
  chromium.setGraphicsMode = false; // no WebGL in these pages, and it costs a start
  const executablePath = await findBrowser();
  const args = process.env.CHROME_PATH
    ? ["--no-sandbox", "--disable-dev-shm-usage"]
    : chromium.args.filter((arg) => !NOT_HERE.has(arg));
  return puppeteer.launch({
    executablePath,
    headless: "shell",
    args: [...args, "--disable-background-networking", "--disable-dev-shm-usage"],
  });
}

async function findBrowser() {
  const named = process.env.CHROME_PATH;
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROME_PATH names ${named}, and there is no such file.`);
    return named;
  }
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      "The browser tests need a Chrome or Chromium on this system: set CHROME_PATH to its program, for example " +
        'CHROME_PATH="/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" npm test',
    );
  }
  return chromium.executablePath();
}
