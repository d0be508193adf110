/** The pages, the files, and what every route has in common. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { assertError, assertRedirect } from "./support/assertions.mjs";
import { useWorker } from "./support/worker.mjs";

/** @import { Reply } from "./support/http.mjs" */

const worker = useWorker();

/** A page as a browser may show it: HTML that may load from nowhere else. @param {Reply} reply */
function assertPage(reply) {
  assert.equal(reply.status, 200);
  assert.match(reply.headers["content-type"], /^text\/html\b/);
  assert.match(reply.headers["content-security-policy"], /default-src 'none'/);
  assert.doesNotMatch(reply.headers["content-security-policy"], /unsafe-(inline|eval)/);
  assert.equal(reply.headers["x-content-type-options"], "nosniff");
}

test("/ is the usage page, in Chinese and in English", async () => {
  for (const target of ["/", "/?", "/?utm_source=x", "/?size=512x512"]) {
    const page = await worker.send(target);
    assertPage(page);
    assert.match(page.text(), /提示词/);
    assert.match(page.text(), /prompt/i);
  }
});

test("/gui leads to /gui/, which has a form that works without JavaScript", async () => {
  const reply = await worker.send("/gui");
  assert.ok([301, 302, 307, 308].includes(reply.status), String(reply.status));
  assert.equal(reply.target, "/gui/");
  const page = await worker.send("/gui/");
  assertPage(page);
  const [form = ""] = /<form[^>]*id="form"[^]*?<\/form>/.exec(page.text()) ?? [];
  assert.match(form, /^<form[^>]* action="\/" method="get"/);
  for (const name of ["prompt", "size", "optimization", "seed", "model", "negative_prompt", "steps", "guidance"]) {
    assert.match(form, new RegExp(` name="${name}"`));
  }
});

test("/admin leads to /admin/, which is the owner's page for everybody, and says nothing yet", async () => {
  const reply = await worker.send("/admin");
  assert.ok([301, 302, 307, 308].includes(reply.status), String(reply.status));
  assert.equal(reply.target, "/admin/");
  const page = await worker.send("/admin/");
  assertPage(page);
  assert.match(page.text(), /<meta name="robots" content="noindex">/);
  // A token that is typed before the script is there goes nowhere.
  const [form] = /<form[^>]*id="sign-in"[^]*?<\/form>/.exec(page.text()) ?? [""];
  assert.match(form, /^<form[^>]* method="dialog"/);
  assert.doesNotMatch(form, / name=/);
});

test("what such a form sends of its empty fields says nothing", async () => {
  worker.upstreams.expect({ image: 1, download: 1 });
  const id = assertRedirect(await worker.get("/", { prompt: "sent by a form" }));
  await worker.stored(id);
  const empty = { size: "", seed: "", negative_prompt: "", steps: "", guidance: " " };
  const reply = await worker.get("/", { prompt: "sent by a form", ...empty });
  assert.equal(`${reply.status} ${reply.headers["x-image-id"]}`, `200 ${id}`);
});

test("/health says that it is up, and its version", async () => {
  const manifest = await readFile(new URL("../../Cargo.toml", import.meta.url), "utf8");
  const [, version] = /^version = "(.+)"/m.exec(manifest) ?? [];
  const reply = await worker.send("/health");
  assert.equal(reply.status, 200);
  assert.match(reply.headers["content-type"], /^application\/json\b/);
  assert.deepEqual(reply.json(), { status: "ok", version, draws: true, rewrites: true });
});

for (const [pathname, type] of /** @type {[string, RegExp][]} */ ([
  ["/robots.txt", /^text\/plain\b/],
  ["/llms.txt", /^text\/plain\b/],
  ["/openapi.json", /^application\/json\b/],
  ["/favicon.ico", /^image\//],
])) {
  test(`${pathname} is a file, for GET and HEAD`, async () => {
    const get = await worker.send(pathname);
    assert.equal(get.status, 200);
    assert.match(get.headers["content-type"], type);
    assert.ok(get.body.length > 0);
    const head = await worker.send(pathname, { method: "HEAD" });
    assert.deepEqual([head.status, head.body.length], [200, 0]);
    assert.equal((await worker.send(pathname, { method: "POST", body: "x" })).status, 405);
  });
}

test("HEAD of a page has its headers and no body", async () => {
  for (const target of ["/", "/gui/", "/admin/", "/health"]) {
    const [get, head] = [await worker.send(target), await worker.send(target, { method: "HEAD" })];
    assert.deepEqual([head.status, head.body.length], [200, 0], target);
    assert.equal(head.headers["content-type"], get.headers["content-type"]);
  }
});

test("what is not there is 404", async () => {
  for (const target of [
    "/nothing",
    "/index.html",
    "/v1",
    "/v2/models",
    "/prompt",
    "/PROMPT/x",
    "/healthy/",
    "/.dev.vars",
    "/_headers",
    "/%2e%2e/Cargo.toml",
  ]) {
    const reply = await worker.send(target);
    assert.equal(reply.status, 404, target);
    assertError(reply, 404, "not_found", null);
  }
});

test("a path that is known answers another method with 405 and says which it takes", async () => {
  for (const [target, allowed] of /** @type {[string, string[]][]} */ ([
    ["/", ["GET", "HEAD"]],
    ["/?prompt=cat", ["GET", "HEAD"]],
    ["/health", ["GET", "HEAD"]],
    [`/i/${"A".repeat(43)}`, ["GET", "HEAD", "DELETE"]],
    ["/v1/images/generations", ["POST"]],
    ["/v1/image/generations", ["POST"]],
    ["/v1/chat/completions", ["POST"]],
    ["/v1/models", ["GET", "HEAD"]],
    ["/v1/sign", ["POST"]],
  ])) {
    const reply = await worker.send(target, { method: "PUT", body: "{}" });
    assertError(reply, 405, "method_not_allowed", null);
    const methods = reply.headers.allow.split(",").map((method) => method.trim());
    assert.deepEqual(methods.filter((method) => method !== "OPTIONS").sort(), [...allowed].sort(), target);
  }
});

test("OPTIONS is a preflight that any site passes", async () => {
  for (const target of [
    "/",
    "/?prompt=cat",
    "/prompt/cat",
    `/i/${"A".repeat(43)}`,
    "/health",
    "/nowhere",
    "/v1/images/generations",
  ]) {
    const asked = {
      origin: "https://example.com",
      "access-control-request-method": "GET",
      "access-control-request-headers": "authorization",
    };
    const { status, body, headers } = await worker.send(target, { method: "OPTIONS", headers: asked });
    assert.deepEqual([status, body.length], [204, 0], target);
    assert.equal(headers["access-control-allow-origin"], "*");
    assert.equal(headers["access-control-allow-credentials"], undefined);
    assert.match(headers["access-control-allow-methods"], target.startsWith("/v1") ? /POST/ : /GET/);
    assert.match(headers["access-control-allow-headers"], /authorization/i);
  }
});

test("every header that the contract names is exposed to other sites' pages", async () => {
  for (const target of ["/health", "/?prompt=", "/v1/models"]) {
    const { headers } = await worker.send(target);
    assert.equal(headers["access-control-allow-origin"], "*");
    const exposed = headers["access-control-expose-headers"].toLowerCase().split(/,\s*/).sort();
    assert.deepEqual(exposed, [
      "content-disposition",
      "content-location",
      "etag",
      "location",
      "preference-applied",
      "retry-after",
      "server-timing",
      "x-cache",
      "x-error-code",
      "x-image-id",
      "x-image-size",
      "x-model",
      "x-prompt",
      "x-prompt-status",
      "x-seed",
    ]);
  }
});
