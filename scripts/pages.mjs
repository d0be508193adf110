/**
 * Builds what is served as static files, into build/assets: the pages of assets/, each with one script and one style
 * sheet, bundled and minified by esbuild and named by their hash, and everything else of assets/ as it is.
 */

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

import { Problem } from "./lib/problem.mjs";
import { filesBelow, inProject } from "./lib/project.mjs";

/** Where the sources are, and where what is served goes. */
const SOURCE = "assets";
const TARGET = "assets";

/** The folder of what is named by its hash: assets/_headers says that it never changes. */
const HASHED = "static";

/** The most that a page's HTML, script and style sheet may weigh together, compressed, in bytes. */
const BUDGET = 75_000;

/** What the pages are made of, and nothing else asks for. */
const isBundled = (/** @type {string} */ path) => /\.(js|css)$/.test(path);

const STYLE = /^<link rel="stylesheet" href="([^"]+)">\n/gm;
const SCRIPT = /<script( type="module")? src="([^"]+)"><\/script>/g;

/** Builds build/assets anew. */
export async function buildPages() {
  const esbuild = await import("esbuild");
  mkdirSync(inProject("build"), { recursive: true });
  const folder = mkdtempSync(inProject("build", ".assets-"));
  try {
    const files = filesBelow(SOURCE).map((path) => path.slice(SOURCE.length + 1));
    for (const path of files) {
      if (isBundled(path)) continue;
      const to = join(folder, path);
      mkdirSync(dirname(to), { recursive: true });
      if (path.endsWith(".html")) writeFileSync(to, await page(esbuild, folder, path));
      else copyFileSync(inProject(SOURCE, path), to);
    }
    rmSync(inProject("build", TARGET), { recursive: true, force: true });
    renameSync(folder, inProject("build", TARGET));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The HTML of a page, its scripts and styles put into `folder`.
 *
 * @param {typeof import("esbuild")} esbuild
 * @param {string} folder
 * @param {string} path of the page's source
 */
async function page(esbuild, folder, path) {
  const source = readFileSync(inProject(SOURCE, path), "utf8");
  const name = dirname(path).replaceAll("/", "-");
  const sheets = Array.from(source.matchAll(STYLE), ([, href]) => href);
  const style = sheets.map((href) => `@import ".${href}";`).join("\n");
  const built = new Map();
  if (sheets.length > 0) built.set(sheets[0], await bundle(esbuild, style, "css"));
  for (const [, isModule, href] of source.matchAll(SCRIPT)) {
    built.set(href, await bundle(esbuild, `import ".${href}";`, isModule ? "esm" : "iife"));
  }

  const addresses = new Map();
  let weight = 0;
  for (const [href, bytes] of built) {
    const extension = href.endsWith(".css") ? "css" : "js";
    const stem = href.startsWith("/shared/") && extension === "js" ? "boot" : name;
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
    const address = `/${HASHED}/${stem}-${hash}.${extension}`;
    addresses.set(href, address);
    mkdirSync(join(folder, HASHED), { recursive: true });
    writeFileSync(join(folder, address), bytes);
    weight += gzipSync(bytes, { level: 9 }).length;
  }
  const html = source
    .replace(STYLE, (line, href) => (addresses.has(href) ? line.replace(href, addresses.get(href)) : ""))
    .replace(SCRIPT, (tag, _, href) => tag.replace(href, addresses.get(href)));
  weight += gzipSync(html, { level: 9 }).length;
  console.log(
    `build/${TARGET}/${path}`.padEnd(29),
    `gzip ${(weight / 1000).toFixed(1).padStart(6)} KB`,
    " with its script and style",
  );
  if (weight > BUDGET) throw new Problem(`${path} weighs ${weight} bytes compressed, over its budget of ${BUDGET}.`);
  return html;
}

/**
 * @param {typeof import("esbuild")} esbuild
 * @param {string} contents imports of sources, by their paths from assets/
 * @param {"esm" | "iife" | "css"} form
 */
async function bundle(esbuild, contents, form) {
  const { outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir: inProject(SOURCE), loader: form === "css" ? "css" : "js" },
    ...(form === "css" ? {} : { format: form }),
    ...{ bundle: true, minify: true, write: false, charset: "utf8", logLevel: "warning" },
    // What the pages' style relies on anyway (`:has`, `dvh`) is no older.
    target: ["chrome109", "firefox121", "safari16.4"],
    outdir: "out",
  });
  return outputFiles[0].contents;
}
