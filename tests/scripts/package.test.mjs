/** `npm run package`: the archive and the branch run where there is neither Rust nor this project. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { withoutBuild } from "../../scripts/package.mjs";
import { freePort } from "../support/free_port.mjs";
import { startCloudflare, TOKEN } from "./support/cloudflare.mjs";
import { project, runScript, temporaryFolder } from "./support/script.mjs";

/** wrangler, or another one by `WRANGLER_PATH`, such as the newest. */
const WRANGLER = process.env.WRANGLER_PATH ?? join(project, "node_modules/wrangler/bin/wrangler.js");

/** How long wrangler may take until it serves, on a machine that is busy. */
const START_MS = 120_000;

const { version, devDependencies } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
const name = `free-flux-api-v${version}`;
const folder = temporaryFolder();
/** Where the archive is unpacked, where the branch is checked out, and the repository that it is a branch of. */
const [unpacked, fork, repository] = [join(folder, "unpacked", name), join(folder, "fork"), join(folder, "bare.git")];
const dist = join(folder, "dist");
/** As in the repository of a user of GitHub, and in none of this machine's. */
const ENV = { GIT_DIR: repository, GITHUB_REPOSITORY: "somebody/pictures" };
/** @type {string} */
let checksums;

before(async () => {
  mkdirSync(join(folder, "unpacked"));
  run("git", "clone", "--quiet", "--bare", project, repository);
  const { code, output } = await runScript("package", ["--tag", `v${version}`, "--branch", "--out", dist], ENV);
  assert.equal(code, 0, output);
  checksums = readFileSync(join(dist, "SHA256SUMS"), "utf8");
  run("tar", "-xzf", join(dist, `${name}.tar.gz`), "-C", join(folder, "unpacked"));
  run("git", "clone", "--quiet", "--branch", "deploy", repository, fork);
});

/** Runs a command to its end, and returns what it prints. @param {string} command @param {string[]} args */
function run(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

/** @param {string} path */
const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");

test("it holds the Worker, its assets and what tells of them, and every checksum fits", () => {
  assert.deepEqual(readdirSync(join(folder, "unpacked")), [name]);
  const expected = [
    ".gitignore",
    "LICENSE",
    "LICENSES-THIRD-PARTY.txt",
    "README.md",
    "SHA256SUMS",
    "assets",
    "index.js",
    "index_bg.wasm",
    "package.json",
    "wrangler.toml",
  ];
  assert.deepEqual(readdirSync(unpacked).sort(), expected);
  const lines = readFileSync(join(unpacked, "SHA256SUMS"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split("  "));
  for (const [sum, path] of lines) assert.equal(sha256(join(unpacked, path)), sum, path);
  const files = readdirSync(unpacked, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.equal(lines.length, files.length - 1, "all files but the list itself are on the list");
  assert.equal(checksums, `${sha256(join(dist, `${name}.tar.gz`))}  ${name}.tar.gz\n`);
});

test("the licences of the crates in the Worker go along, and those of the tests' crates do not", () => {
  const text = readFileSync(join(unpacked, "LICENSES-THIRD-PARTY.txt"), "utf8");
  assert.match(text, /^worker \d[\d.]+: Apache-2\.0$/m);
  assert.match(text, /^sha2 \d/m);
  assert.match(text, /Permission is hereby granted, free of charge/);
  assert.doesNotMatch(text, /^(proptest|syn|unicode-normalization) \d/m);
});

test("the branch has the archive's files, its own button, and grows by a commit where they change", async () => {
  const files = run("git", "-C", fork, "ls-files").split("\n");
  const packed = readdirSync(unpacked, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.equal(files.length, packed.length);
  for (const path of files) assert.equal(sha256(join(fork, path)), sha256(join(unpacked, path)), path);
  const readme = readFileSync(join(fork, "README.md"), "utf8");
  const button = /\(https:\/\/deploy\.workers\.cloudflare\.com\/\?url=(.*)\)/.exec(readme);
  assert.equal(button?.[1], "https://github.com/somebody/pictures/tree/deploy");

  const commits = () => Number(run("git", "--git-dir", repository, "rev-list", "--count", "deploy"));
  assert.equal(commits(), 1, "it shares no history with the sources");
  assert.equal((await runScript("package", ["--branch", "--out", dist], ENV)).code, 0);
  assert.equal(readFileSync(join(dist, "SHA256SUMS"), "utf8"), checksums, "the same build, the same archive");
  assert.equal(commits(), 1, "and no commit");

  const elsewhere = await runScript("package", ["--branch", "--out", dist], { ...ENV, GITHUB_REPOSITORY: "" });
  assert.equal(elsewhere.code, 0, elsewhere.output);
  assert.equal(commits(), 2, "what changed is on top of what was there");
  const changed = run("git", "--git-dir", repository, "diff", "--name-only", "deploy~1", "deploy");
  assert.deepEqual(changed.split("\n"), ["README.md", "SHA256SUMS"]);
  const text = run("git", "--git-dir", repository, "show", "deploy:README.md");
  assert.doesNotMatch(text, /deploy\.workers\.cloudflare\.com|\{\{/, "a button that leads nowhere is left out");
});

test("its package.json names the wrangler that the project is tested with", () => {
  const manifest = JSON.parse(readFileSync(join(unpacked, "package.json"), "utf8"));
  assert.equal(manifest.version, version);
  assert.deepEqual(manifest.devDependencies, { wrangler: devDependencies.wrangler });
});

test("a tag that is not the version is refused", async () => {
  const { code, output } = await runScript("package", ["--tag", "v0.0.0-other"]);
  assert.equal(code, 1);
  assert.match(output, /The tag is v0\.0\.0-other, and the version/);
});

test("its wrangler.toml is the project's, without the build", () => {
  const ours = readFileSync(join(project, "wrangler.toml"), "utf8");
  const theirs = withoutBuild(ours);
  /** @param {string} text */
  const settings = (text) => text.split("\n").filter((line) => line && !line.startsWith("# ") && line !== "#");
  const gone = settings(ours).filter((line) => !settings(theirs).includes(line));
  assert.deepEqual(gone, [
    'main = "build/index.js"',
    "[build]",
    'command = "node scripts/build.mjs"',
    'watch_dir = ["src", "assets", "Cargo.toml"]',
    'directory = "./build/assets"',
  ]);
  assert.deepEqual(
    settings(theirs).filter((line) => !settings(ours).includes(line)),
    ['main = "index.js"', 'directory = "./assets"'],
  );
  assert.doesNotMatch(theirs, /npm (run|test)|scripts\/|src\//, "nothing is named that the archive has not");
  assert.throws(() => withoutBuild(ours.replace("[build]", "[builds]")), /another form/);
});

/** The environment of somebody who has Node, and no Rust. */
function withoutRust() {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  rmSync(join(bin, "node"), { force: true });
  symlinkSync(process.execPath, join(bin, "node"));
  const env = {
    ...process.env,
    ...{ PATH: bin, NO_COLOR: "1", CLOUDFLARE_CF_FETCH_ENABLED: "false" },
    ...{ WRANGLER_SEND_METRICS: "false", WRANGLER_SEND_ERROR_REPORTS: "false", WRANGLER_HIDE_BANNER: "true" },
  };
  const missing = /** @type {NodeJS.ErrnoException} */ (spawnSync("cargo", ["--version"], { env }).error);
  assert.equal(missing?.code, "ENOENT");
  return env;
}

test("the branch is deployed by wrangler alone, with everything bound", async (context) => {
  const cloudflare = await startCloudflare();
  context.after(() => cloudflare.stop());
  const { state, url } = cloudflare;
  const child = spawn(process.execPath, [WRANGLER, "deploy"], {
    cwd: fork,
    env: { ...withoutRust(), CLOUDFLARE_API_BASE_URL: url, CLOUDFLARE_API_TOKEN: TOKEN, XDG_CONFIG_HOME: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  const [code] = await once(child, "exit");
  assert.equal(code, 0, output);
  assert.deepEqual(state.surprises, []);
  const bound = state.worker.bindings.map((/** @type {{ name: string }} */ { name: binding }) => binding);
  const all = ["AI", "ASSETS", "FLUX_API", "IMAGE_MAKER", "KEY_RING", "LOOKUP_LIMITER", "RATE_LIMITER"];
  assert.deepEqual(bound.sort(), all);
  assert.deepEqual(state.namespaces, ["free-flux-api-flux-api"]);
  assert.ok(state.uploaded.includes("/gui/index.html"));
  assert.match(output, /https:\/\/free-flux-api\.somebody\.workers\.dev/);
});

test("wrangler runs the branch, with no cargo on the PATH: it is healthy and draws a demo picture", async () => {
  const env = withoutRust();
  const [port, inspector] = [await freePort(), await freePort()].map(String);
  const wrangler = spawn(
    process.execPath,
    [
      ...[WRANGLER, "dev", "--show-interactive-dev-session=false"],
      ...["--ip", "127.0.0.1", "--port", port, "--inspector-port", inspector, "--local"],
      ...["--var", "DEMO_IMAGES:1", "--var", "WORKERS_AI:off"],
    ],
    // A group of its own, so that all that it starts ends with it.
    { cwd: fork, env, stdio: ["ignore", "pipe", "pipe"], detached: true },
  );
  let output = "";
  for (const stream of [wrangler.stdout, wrangler.stderr]) stream.on("data", (data) => (output += data));
  const ended = once(wrangler, "exit");
  after(() => stop(wrangler, ended));

  const origin = `http://127.0.0.1:${port}`;
  const health = await firstAnswer(`${origin}/health`, wrangler, () => output);
  assert.equal(health.status, 200);
  assert.equal((await health.json()).status, "ok");

  const picture = await fetch(`${origin}/?prompt=a+cat&size=256x256`);
  assert.equal(picture.status, 200);
  assert.match(picture.headers.get("Content-Type") ?? "", /^image\//);
  assert.equal(picture.headers.get("X-Cache"), "HIT", "it was stored, and the redirect found it");
  assert.match(await picture.text(), /<svg/);

  const page = await fetch(`${origin}/gui/`);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<form/);
});

/**
 * Asks until there is an answer.
 *
 * @param {string} url
 * @param {import("node:child_process").ChildProcess} child that is to answer
 * @param {() => string} output of the child so far
 */
async function firstAnswer(url, child, output) {
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; await sleep(200)) {
    assert.equal(child.exitCode, null, `wrangler ended:\n${output()}`);
    const answer = await fetch(url).catch(() => {});
    if (answer) return answer;
  }
  assert.fail(`wrangler did not serve:\n${output()}`);
}

/** @param {import("node:child_process").ChildProcess} child @param {Promise<unknown>} ended */
async function stop(child, ended) {
  /** @param {NodeJS.Signals} signal */
  const tell = (signal) => {
    try {
      process.kill(-Number(child.pid), signal);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
    }
  };
  tell("SIGTERM");
  const patience = setTimeout(() => tell("SIGKILL"), 10_000);
  await ended;
  clearTimeout(patience);
}
