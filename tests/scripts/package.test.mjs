/** `npm run package`: the archive runs where there is neither Rust nor this project. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, readdirSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { withoutBuild } from "../../scripts/package.mjs";
import { project, runScript, temporaryFolder } from "./support/script.mjs";

/** How long wrangler may take until it serves, on a machine that is busy. */
const START_MS = 120_000;

const { version } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
const name = `free-flux-api-v${version}`;
const folder = temporaryFolder();
const unpacked = join(folder, name);
/** @type {string} */
let checksums;

before(async () => {
  const { code, output } = await runScript("package", ["--tag", `v${version}`]);
  assert.equal(code, 0, output);
  checksums = readFileSync(join(project, "dist", "SHA256SUMS"), "utf8");
  const tar = spawnSync("tar", ["-xzf", join(project, "dist", `${name}.tar.gz`), "-C", folder], { encoding: "utf8" });
  assert.equal(tar.status, 0, tar.stderr);
});

/** @param {string} path */
const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");

test("it holds the Worker, its assets and what tells of them, and every checksum fits", () => {
  assert.deepEqual(readdirSync(folder), [name]);
  const expected = [
    "LICENSE",
    "LICENSES-THIRD-PARTY.txt",
    "README.md",
    "SHA256SUMS",
    "assets",
    "index.js",
    "index_bg.wasm",
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
  assert.equal(checksums, `${sha256(join(project, "dist", `${name}.tar.gz`))}  ${name}.tar.gz\n`);
});

test("the licences of the crates in the Worker go along, and those of the tests' crates do not", () => {
  const text = readFileSync(join(unpacked, "LICENSES-THIRD-PARTY.txt"), "utf8");
  assert.match(text, /^worker \d[\d.]+: Apache-2\.0$/m);
  assert.match(text, /^sha2 \d/m);
  assert.match(text, /Permission is hereby granted, free of charge/);
  assert.doesNotMatch(text, /^(proptest|syn|unicode-normalization) \d/m);
});

test("the same build makes the same archive", async () => {
  assert.equal((await runScript("package", [])).code, 0);
  assert.equal(readFileSync(join(project, "dist", "SHA256SUMS"), "utf8"), checksums);
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
  assert.doesNotMatch(theirs, /npm (run|start|test)|scripts\/|src\//, "nothing is named that the archive has not");
  assert.throws(() => withoutBuild(ours.replace("[build]", "[builds]")), /another form/);
});

test("wrangler runs it in an empty folder, with no cargo on the PATH: it is healthy and draws a demo picture", async () => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, "node"));
  const env = {
    ...process.env,
    ...{ PATH: bin, NO_COLOR: "1", CLOUDFLARE_CF_FETCH_ENABLED: "false" },
    ...{ WRANGLER_SEND_METRICS: "false", WRANGLER_SEND_ERROR_REPORTS: "false", WRANGLER_HIDE_BANNER: "true" },
  };
  const missing = /** @type {NodeJS.ErrnoException} */ (spawnSync("cargo", ["--version"], { env }).error);
  assert.equal(missing?.code, "ENOENT");

  const [port, inspector] = [await freePort(), await freePort()].map(String);
  const wrangler = spawn(
    process.execPath,
    [
      ...[join(project, "node_modules/wrangler/bin/wrangler.js"), "dev", "--show-interactive-dev-session=false"],
      ...["--ip", "127.0.0.1", "--port", port, "--inspector-port", inspector, "--local"],
      ...["--var", "DEMO_IMAGES:1", "--var", "WORKERS_AI:off"],
    ],
    // A group of its own, so that all that it starts ends with it.
    { cwd: unpacked, env, stdio: ["ignore", "pipe", "pipe"], detached: true },
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
  assert.match(picture.headers.get("Content-Type"), /^image\//);
  assert.equal(picture.headers.get("X-Cache"), "HIT", "it was stored, and the redirect found it");
  assert.match(await picture.text(), /<svg/);

  const page = await fetch(`${origin}/gui/`);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<form/);
});

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

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
      process.kill(-child.pid, signal);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
    }
  };
  tell("SIGTERM");
  const patience = setTimeout(() => tell("SIGKILL"), 10_000);
  await ended;
  clearTimeout(patience);
}
