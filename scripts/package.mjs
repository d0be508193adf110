/**
 * Makes the release, which `npx wrangler deploy` takes as it is, without Rust: `npm run package`.
 *
 *   dist/free-flux-api-v…/         the built Worker, its assets, its wrangler.toml without a build step, a package.json
 *                                  that names the wrangler, a README, and the licences of what the Worker is made of
 *   dist/free-flux-api-v….tar.gz   the same as an archive
 *   dist/SHA256SUMS                the archive's checksum; the archive holds one for its own files
 *
 * The same build gives the same bytes. `-- --tag v1.2.3` makes sure that this is the version; `-- --branch` puts the
 * folder on the branch `deploy` as well, which a "Deploy to Cloudflare" button and a fork take; `-- --out FOLDER` is
 * another place than dist/.
 */

import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { build } from "./build.mjs";
import { thirdPartyLicences } from "./lib/licences.mjs";
import { main, parseOptions, Problem } from "./lib/problem.mjs";
import { capture } from "./lib/process.mjs";
import { filesBelow, inProject } from "./lib/project.mjs";
import { archive, commitToBranch } from "./lib/snapshot.mjs";

/** The branch that is ready to deploy. */
const BRANCH = "deploy";

/** What goes into the archive as it is: path here, path there. */
const FILES = {
  "build/index.js": "index.js",
  "build/index_bg.wasm": "index_bg.wasm",
  LICENSE: "LICENSE",
};

const HEADER =
  "# How the Worker is run and deployed: `npx wrangler deploy` puts it online. Nothing here needs a change:\n" +
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

/**
 * The release's package.json: the wrangler that the project is tested with, and what Cloudflare's button says of what it
 * sets up.
 *
 * @param {{ version: string, description: string, license: string, devDependencies: { wrangler: string } }} project
 */
function manifest({ version, description, license, devDependencies: { wrangler } }) {
  const scripts = { start: "wrangler dev --local --var DEMO_IMAGES:1 --var WORKERS_AI:off", deploy: "wrangler deploy" };
  const bindings = {
    FLUX_API: { description: "The library: where finished pictures are kept." },
    AI: { description: "Workers AI draws, with no key: some 170 pictures a day for nothing." },
  };
  const cloudflare = { bindings };
  const devDependencies = { wrangler };
  const fields = { name: "free-flux-api", version, private: true, description, license };
  return `${JSON.stringify({ ...fields, scripts, devDependencies, cloudflare }, null, 2)}\n`;
}

/**
 * The README of the release, with the button where it is known which repository this is.
 *
 * @param {string} version
 * @param {string | undefined} repository such as "owner/name", on GitHub
 */
function readme(version, repository) {
  const text = readFileSync(inProject("scripts", "release", "README.md"), "utf8").replaceAll("{{version}}", version);
  if (repository) return text.replaceAll("{{branch}}", `https://github.com/${repository}/tree/${BRANCH}`);
  return text.replace(/^.*\{\{branch\}\}.*\n\n/gm, "");
}

/** The repository on GitHub that this is a checkout of, as "owner/name"; `undefined` where it is of none. */
async function repositoryOfCheckout() {
  if (process.env.GITHUB_REPOSITORY) return process.env.GITHUB_REPOSITORY;
  const { stdout } = await capture("git", ["config", "--get", "remote.origin.url"]);
  return /^(?:https:\/\/|git@|ssh:\/\/git@)github\.com[/:]([\w-]+\/[\w.-]+?)(?:\.git)?\s*$/.exec(stdout)?.[1];
}

/** The files of the release, by their paths in it. @param {Parameters<typeof manifest>[0]} project */
async function contents(project) {
  /** @type {Record<string, Buffer>} */
  const files = {};
  for (const [from, to] of Object.entries(FILES)) files[to] = readFileSync(inProject(from));
  for (const path of filesBelow("build/assets")) files[path.replace("build/", "")] = readFileSync(inProject(path));
  files["wrangler.toml"] = Buffer.from(withoutBuild(readFileSync(inProject("wrangler.toml"), "utf8")));
  files["package.json"] = Buffer.from(manifest(project));
  files["README.md"] = Buffer.from(readme(project.version, await repositoryOfCheckout()));
  files[".gitignore"] = Buffer.from("node_modules/\n.wrangler/\n.dev.vars\n");
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

/** package.json, whose version must be Cargo.toml's. */
function projectManifest() {
  const project = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
  const crate = /^version\s*=\s*"(.+)"/m.exec(readFileSync(inProject("Cargo.toml"), "utf8"))?.[1];
  if (crate !== project.version) {
    throw new Problem(
      `package.json says version ${project.version}, and Cargo.toml ${crate}: \`npm version\` sets both.`,
    );
  }
  return project;
}

/** Writes files below a folder. @param {string} folder @param {Record<string, Buffer>} files */
function writeAll(folder, files) {
  for (const [path, bytes] of Object.entries(files)) {
    const to = join(folder, path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, bytes);
    chmodSync(to, 0o644);
  }
}

await main(import.meta.url, async () => {
  const usage = "Usage: npm run package [-- --tag v1.2.3] [--branch] [--out FOLDER]";
  const options = /** @type {const} */ ({
    tag: { type: "string" },
    branch: { type: "boolean" },
    out: { type: "string" },
  });
  const { tag, branch, out = inProject("dist") } = parseOptions(usage, { options }).values;
  const project = projectManifest();
  if (tag !== undefined && tag !== `v${project.version}`) {
    throw new Problem(`The tag is ${tag}, and the version ${project.version}.`);
  }
  await build();

  const name = `free-flux-api-v${project.version}`;
  const folder = resolve(out, name);
  const files = await contents(project);
  rmSync(folder, { recursive: true, force: true });
  writeAll(folder, files);
  await archive(folder, name, `${folder}.tar.gz`);
  const packed = readFileSync(`${folder}.tar.gz`);
  const checksum = sums({ [`${name}.tar.gz`]: packed });
  writeFileSync(join(out, "SHA256SUMS"), checksum);
  const count = Object.keys(files).length;
  console.log(`\n${folder}.tar.gz: ${count} files, ${(packed.length / 1000).toFixed(1)} KB\n${checksum.trim()}`);
  if (branch) {
    const commit = await commitToBranch(folder, BRANCH, `free-flux-api ${project.version}, ready to deploy`);
    console.log(`The branch ${BRANCH} is at ${commit}. \`git push origin ${BRANCH}\` publishes it.`);
  }
});
