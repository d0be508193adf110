/**
 * Makes the release archive, which `npx wrangler deploy` takes as it is, without Rust: `npm run package`.
 *
 *   dist/free-flux-api-v….tar.gz   the built Worker, its assets, its wrangler.toml without a build step, a README,
 *                                  and the licences of what the Worker is made of
 *   dist/SHA256SUMS                the archive's checksum; the archive holds one for its own files
 *
 * The same build gives the same bytes. `-- --tag v1.2.3` makes sure that this is the version.
 */

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { build } from "./build.mjs";
import { filesBelow } from "./lib/files.mjs";
import { thirdPartyLicences } from "./lib/licences.mjs";
import { main, parseOptions, Problem } from "./lib/problem.mjs";
import { capture } from "./lib/process.mjs";
import { inProject } from "./lib/project.mjs";
import { tarGz } from "./lib/tar.mjs";

/** What goes into the archive as it is: path here, path there. */
const FILES = {
  "build/index.js": "index.js",
  "build/index_bg.wasm": "index_bg.wasm",
  LICENSE: "LICENSE",
};

const HEADER =
  "# How the Worker is run and deployed: `npx wrangler@4 deploy` puts it online. Nothing here needs a change:\n" +
  "# every setting has a default, and what is secret is never written into this file (see the end).";

/**
 * wrangler.toml for a Worker that is built already.
 *
 * @param {string} text the project's own
 */
export function withoutBuild(text) {
  const paragraphs = text.replaceAll("\r\n", "\n").trimEnd().split("\n\n");
  const builds = paragraphs.filter((paragraph) => /^\[build\]$/m.test(paragraph));
  const main = 'main = "build/index.js"';
  const assets = 'directory = "./build/assets"';
  const hasBoth = [main, assets].every((line) => text.split(line).length === 2);
  if (builds.length !== 1 || !paragraphs[0].startsWith("#") || !hasBoth) {
    throw new Problem(
      "wrangler.toml has another form than scripts/package.mjs knows: header, `main`, [build], [assets].",
    );
  }
  const kept = paragraphs.slice(1).filter((paragraph) => paragraph !== builds[0]);
  return `${[HEADER, ...kept].join("\n\n").replace(main, 'main = "index.js"').replace(assets, 'directory = "./assets"')}\n`;
}

/** The files of the archive, by their paths in it. @param {string} version */
async function contents(version) {
  /** @type {Record<string, Buffer>} */
  const files = {};
  for (const [from, to] of Object.entries(FILES)) files[to] = readFileSync(inProject(from));
  for (const path of filesBelow("build/assets")) files[path.replace("build/", "")] = readFileSync(inProject(path));
  files["wrangler.toml"] = Buffer.from(withoutBuild(readFileSync(inProject("wrangler.toml"), "utf8")));
  const readme = readFileSync(inProject("scripts", "release", "README.md"), "utf8");
  files["README.md"] = Buffer.from(readme.replaceAll("{{version}}", version));
  files["LICENSES-THIRD-PARTY.txt"] = Buffer.from(await thirdPartyLicences());
  files.SHA256SUMS = Buffer.from(sums(files));
  return files;
}

/** Lines that `sha256sum -c` reads. @param {Record<string, Buffer>} files */
function sums(files) {
  const sha256 = (/** @type {Buffer} */ bytes) => createHash("sha256").update(bytes).digest("hex");
  return Object.keys(files)
    .sort()
    .map((name) => `${sha256(files[name])}  ${name}\n`)
    .join("");
}

/** The time that all files of the archive bear: that of the commit, where there is one. */
async function releaseTime() {
  if (process.env.SOURCE_DATE_EPOCH) return Number(process.env.SOURCE_DATE_EPOCH);
  const { code, stdout } = await capture("git", ["log", "-1", "--format=%ct"]);
  return code === 0 ? Number(stdout) : 0;
}

/** package.json's and Cargo.toml's version, which must be one. */
function projectVersion() {
  const { version } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
  const crate = /^version\s*=\s*"(.+)"/m.exec(readFileSync(inProject("Cargo.toml"), "utf8"))?.[1];
  if (crate !== version) throw new Problem(`package.json says version ${version}, and Cargo.toml ${crate}.`);
  return version;
}

await main(import.meta.url, async () => {
  const usage = "Usage: npm run package [-- --tag v1.2.3]";
  const { tag } = parseOptions(usage, { options: { tag: { type: "string" } } }).values;
  const version = projectVersion();
  if (tag !== undefined && tag !== `v${version}`) throw new Problem(`The tag is ${tag}, and the version ${version}.`);
  await build();

  const name = `free-flux-api-v${version}`;
  const files = await contents(version);
  const inFolder = Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`${name}/${path}`, bytes]));
  const archive = tarGz(inFolder, await releaseTime());

  rmSync(inProject("dist"), { recursive: true, force: true });
  mkdirSync(inProject("dist"));
  writeFileSync(inProject("dist", `${name}.tar.gz`), archive);
  const checksum = sums({ [`${name}.tar.gz`]: archive });
  writeFileSync(inProject("dist", "SHA256SUMS"), checksum);
  console.log(
    `\n${join("dist", `${name}.tar.gz`)}: ${Object.keys(files).length} files, ${(archive.length / 1000).toFixed(1)} KB\n${checksum.trim()}`,
  );
});
