/** `npm run deploy`: the project's own wrangler, and a Cloudflare of this machine. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { startCloudflare, TOKEN } from "./support/cloudflare.mjs";
import { runScript, temporaryFolder } from "./support/script.mjs";

const ADDRESS = "https://free-flux-api.somebody.workers.dev";
const folder = temporaryFolder();

/** @param {{name: string}} binding */
const nameOf = (binding) => binding.name;

/** @param {{name: string}} binding */
const isStore = (binding) => binding.name === "FLUX_API";

/** Starts an account, and returns what deploys to it. @param {object} [options] */
async function account(options) {
  const cloudflare = await startCloudflare(options);
  after(() => cloudflare.stop());
  /** @type {Record<string, string | undefined>} */
  const env = {
    CLOUDFLARE_API_BASE_URL: cloudflare.url,
    CLOUDFLARE_API_TOKEN: TOKEN,
    CLOUDFLARE_ACCOUNT_ID: "", // as a workflow hands on a secret that nobody set
    XDG_CONFIG_HOME: folder, // where wrangler keeps a login
    NODE_OPTIONS: `--import=${new URL("support/workers_dev.mjs", import.meta.url)}`,
  };
  for (const name of ["IMAGE_API_KEYS", "PROCESS_API_KEY", "ACCESS_TOKENS", "URL_SIGNING_KEY", "IMAGE_ENDPOINTS"]) {
    env[name] = undefined;
  }
  return {
    ...cloudflare,
    deploy: (/** @type {string[]} */ args, more = {}) => runScript("deploy", args, { ...env, ...more }),
  };
}

/** A file of secrets. @param {string} name @param {string} text */
function secretsFile(name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("the first deployment makes the store and the objects, sets the secrets, and names three addresses", async () => {
  const { state, deploy } = await account();
  const summary = join(folder, "summary.md");
  const secrets = { IMAGE_API_KEYS: "image-one,image-two", PROCESS_API_KEY: "chat-one", ACCESS_TOKENS: "" };
  const first = await deploy(["--secrets-from-env"], { ...secrets, GITHUB_STEP_SUMMARY: summary });
  assert.equal(first.code, 0, first.output);

  assert.deepEqual(state.surprises, []);
  assert.deepEqual(state.namespaces, ["free-flux-api-flux-api"]);
  assert.deepEqual(state.worker.migrations, {
    new_tag: "v1",
    steps: [{ new_sqlite_classes: ["ImageMaker", "KeyRing"] }],
  });
  assert.deepEqual(state.worker.bindings.map(nameOf).sort(), [
    "AI",
    "ASSETS",
    "FLUX_API",
    "IMAGE_MAKER",
    "KEY_RING",
    "LOOKUP_LIMITER",
    "RATE_LIMITER",
  ]);
  assert.deepEqual(
    Object.keys(state.worker.parts).map((name) => name.replace(/^.*-/, "")),
    ["index.js", "index_bg.wasm"],
  );
  assert.ok(state.uploaded.includes("/gui/index.html"));
  assert.deepEqual(state.secrets, { IMAGE_API_KEYS: "image-one,image-two", PROCESS_API_KEY: "chat-one" });

  for (const said of [first.output, readFileSync(summary, "utf8")]) {
    for (const path of ["/", "/gui/", "/?prompt=a+cat+in+the+rain"]) assert.ok(said.includes(ADDRESS + path), said);
    assert.match(said, /Secrets set: IMAGE_API_KEYS, PROCESS_API_KEY\./);
    assert.match(said, /It can draw, with the keys of IMAGE_API_KEYS, BigModel \(PROCESS_API_KEY\), Workers AI/);
    assert.doesNotMatch(said, /image-one|image-two|chat-one|secret put/);
    assert.ok(!said.includes(TOKEN));
  }

  assert.ok(state.calls.includes(`GET /at/${new URL(ADDRESS).host}/health`), "the deployment itself was asked");

  // Again, with no secret at hand: what is there is kept.
  const again = await deploy(["--secrets", secretsFile("none", "# nothing\n")]);
  assert.equal(again.code, 0, again.output);
  assert.deepEqual(state.surprises, []);
  assert.deepEqual(state.namespaces, ["free-flux-api-flux-api"]);
  assert.deepEqual(state.worker.bindings.find(isStore).namespace_id, "id-of-free-flux-api-flux-api");
  assert.equal(state.secrets.IMAGE_API_KEYS, "image-one,image-two");
  assert.match(again.output, /Secrets set: none\./);
  assert.match(again.output, /It can draw, with the keys of IMAGE_API_KEYS, BigModel/, "what was set before is known");
});

test("a Worker without a key is deployed and draws with Workers AI, and the command that sets one is named", async () => {
  const { state, deploy } = await account();
  const path = secretsFile("tokens", 'ACCESS_TOKENS="token-one"\nDEMO_IMAGES=1\n');
  const { code, output } = await deploy(["--secrets", path]);
  assert.equal(code, 0, output);
  assert.deepEqual(state.secrets, { ACCESS_TOKENS: "token-one" });
  assert.match(output, /Not secrets, so left out: DEMO_IMAGES/);
  assert.match(output, /It can draw, with Workers AI, some 170 pictures a day\.\n/);
  assert.match(output, /npx wrangler secret put IMAGE_API_KEYS/);
});

test("a Worker of the same name that was pasted into the dashboard is replaced, and keeps its store and its secrets", async () => {
  const store = { type: "kv_namespace", name: "FLUX_API", namespace_id: "id-of-the-old-store" };
  const { state, deploy } = await account({
    pasted: [store, { type: "plain_text", name: "PROCESS_API_KEY", text: "chat-one" }],
  });
  state.secrets.IMAGE_API_KEYS = "image-one";
  const { code, output } = await deploy(["--secrets", secretsFile("nothing", "")]);
  assert.equal(code, 0, output);
  assert.deepEqual(state.namespaces, [], "no other store is made");
  assert.deepEqual(state.worker.bindings.find(isStore), store);
  assert.deepEqual(state.worker.migrations, {
    new_tag: "v1",
    steps: [{ new_sqlite_classes: ["ImageMaker", "KeyRing"] }],
  });
  assert.deepEqual(state.secrets, { IMAGE_API_KEYS: "image-one" });
  assert.ok(!state.worker.bindings.map(nameOf).includes("PROCESS_API_KEY"), "a plain variable goes");
  assert.match(output, /PROCESS_API_KEY: \(not shown\)/);
  assert.doesNotMatch(output, /chat-one/);
});

test("without a login nothing is built or sent, and the ways to log in are named", async () => {
  const { state, deploy } = await account();
  const { code, output } = await deploy(["--secrets-from-env"], { CLOUDFLARE_API_TOKEN: "" });
  assert.equal(code, 1);
  assert.match(output, /npx wrangler login/);
  assert.match(output, /CLOUDFLARE_API_TOKEN/);
  assert.deepEqual(state.calls, []);
});

for (const [what, options, env, remedy] of /** @type {[string, object, Record<string, string>, RegExp][]} */ ([
  [
    "a token that Cloudflare refuses",
    {},
    { CLOUDFLARE_API_TOKEN: "wrong" },
    /Make a new one from the template "Edit Cloudflare Workers"/,
  ],
  [
    "an account without a workers.dev address",
    { subdomain: false },
    {},
    /open https:\/\/dash\.cloudflare\.com, "Workers & Pages", once/,
  ],
  [
    "a namespace that is left from before",
    { namespaces: ["free-flux-api-flux-api"] },
    {},
    /npx wrangler kv namespace list/,
  ],
])) {
  test(`${what}: what helps is said, and shown on the workflow's page`, async () => {
    const { deploy } = await account(options);
    const summary = secretsFile("failed.md", "");
    const { code, output } = await deploy(["--secrets-from-env"], {
      IMAGE_API_KEYS: "image-one",
      ...env,
      GITHUB_STEP_SUMMARY: summary,
    });
    assert.equal(code, 1, output);
    assert.match(output, remedy);
    assert.match(readFileSync(summary, "utf8"), /^## Not deployed/);
    assert.match(readFileSync(summary, "utf8"), remedy);
  });
}

test("a dry run asks nobody, and shows what would be bound and what it weighs", async () => {
  const { state, deploy } = await account();
  const path = secretsFile("keys", "IMAGE_API_KEYS=image-one\n");
  const { code, output } = await deploy(["--dry-run", "--secrets", path], { CLOUDFLARE_API_TOKEN: undefined });
  assert.equal(code, 0, output);
  assert.deepEqual(state.calls, []);
  for (const name of ["FLUX_API", "IMAGE_MAKER", "KEY_RING", "RATE_LIMITER", "ASSETS"])
    assert.match(output, new RegExp(`env\\.${name} `));
  assert.match(output, /Total Upload: [\d.]+ KiB \/ gzip: [\d.]+ KiB/);
  assert.match(output, /Assets: \d+ files, [\d.]+ KB\. Secrets that would be set: IMAGE_API_KEYS\./);
  assert.doesNotMatch(output, /image-one/);
});

test("a file that is missing, or is no file of settings, stops it before anything is sent, and shows no value", async () => {
  const { state, deploy } = await account();
  /** @type {[string[], RegExp][]} */
  const cases = [
    [["--secrets", join(folder, "missing")], /There is no file .*missing/],
    [["--secrets", secretsFile("broken", "IMAGE_API_KEYS=a\nsk-secret\n")], /line 2 is not NAME=value/],
    [["--secrets", secretsFile("example", "IMAGE_API_KEYS=sk-...\n")], /IMAGE_API_KEYS still has the example's value/],
    [["--secrets"], /^\s*Usage: npm run deploy/],
    [["--force"], /^\s*Usage: npm run deploy/],
  ];
  for (const [args, message] of cases) {
    const { code, output } = await deploy(args);
    assert.equal(code, 1, output);
    assert.match(output, message);
    assert.doesNotMatch(output, /sk-secret|sk-\.\.\./);
  }
  assert.deepEqual(state.calls, []);
});
