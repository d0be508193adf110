/** Signed URLs: what a signature opens, what it does not, and who can make one. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { assertError, assertImage, assertRedirect } from "./support/assertions.mjs";
import { inSeconds, signature, signed, SIGNING_KEY } from "./support/signing.mjs";
import { useWorker } from "./support/worker.mjs";

const run = promisify(execFile);
const project = fileURLToPath(new URL("../../", import.meta.url));

const worker = useWorker({
  instrumented: true,
  vars: { URL_SIGNING_KEY: SIGNING_KEY, ACCESS_TOKENS: "token-of-the-owner" },
});

/** Asks for a new image that this URL opens, and follows the redirect. @param {string} target */
async function opens(target) {
  worker.upstreams.reset();
  worker.upstreams.expect({ image: 1, download: 1 });
  const made = await worker.send(target);
  if (made.status === 302) assertRedirect(made);
  const shown = made.status === 302 ? await worker.send(made.target) : made;
  assertImage(shown, worker.upstreams.imageHost.published.at(-1));
  worker.upstreams.check();
}

/** That each of these URLs is refused as a forgery. @param {string[]} targets */
async function areForged(targets) {
  for (const target of targets) {
    assertError(await worker.send(target), 403, "invalid_signature");
  }
}

for (const target of [
  "/?prompt=a+cat",
  "/?prompt=a%20cat&size=512x512&seed=7",
  "/?seed=8&prompt=100%25+%26+more%3D%3F%23",
  "/?prompt=cat+%2B+dog&optimization=0",
  "/prompt/a%20cat/with%2Fslashes?width=256&height=256",
  "/prompt/a+cat",
  "/?utm=%F0%9F%98%80&%F0%9F%98%80=1&%EF%BD%9E=2&Z=3&a=4&%C3%A9=5&prompt=sorted+by+bytes",
  "/?prompt=twice&x=2&x=1&x=3",
]) {
  test(`a signature opens ${target}`, () => opens(signed(target)));
}

test("the order and the escaping of the query do not matter, nor does an id", async () => {
  const sig = signature("/?prompt=a+red+cat&size=256x256&seed=1");
  await opens(`/?seed=1&sig=${sig}&size=256%78256&prompt=a%20%72ed+cat`);
  worker.upstreams.reset();
  for (const same of [
    `/?sig=${sig}&%70rompt=a+red+cat&size=256x256&seed=1`,
    `/?&prompt=a+red+cat&&size=256x256&seed=1&id=nonsense&sig=${sig}&`,
  ]) {
    assert.equal((await worker.send(same)).headers["x-cache"], "HIT", same);
  }
});

test("pairs of one name keep their order", async () => {
  const sig = signature("/?prompt=one&prompt=two");
  await areForged([`/?prompt=two&prompt=one&sig=${sig}`]);
  await opens(`/?prompt=one&sig=${sig}&prompt=two`);
});

test("a signature opens nothing that it was not made for", async () => {
  const target = "/?prompt=a+dog&seed=1";
  const sig = signature(target);
  const expiring = signed(`${target}&exp=${inSeconds(60)}`);
  await areForged([
    `/?prompt=a+cat&seed=1&sig=${sig}`,
    `/?prompt=a+dog&seed=2&sig=${sig}`,
    `/?prompt=a+dog&sig=${sig}`,
    `/?prompt=a+dog&seed=1&steps=4&sig=${sig}`,
    `/?prompt=a+dog&seed=1&refresh=0&sig=${sig}`,
    `/?prompt=a+dog&seed=1&seed=1&sig=${sig}`,
    `/?prompt=a+dog%00&seed=1&sig=${sig}`,
    expiring.replace(/exp=\d+/, `exp=${inSeconds(3_600)}`),
    expiring.replace(/&exp=\d+/, ""),
    `${target}&exp=${inSeconds(60)}&sig=${sig}`,
    signed(target, "another key"),
    signed(target, ""),
  ]);
});

test("a signature is not taken at another path", async () => {
  const query = "prompt=a+dog&seed=1";
  const sig = signature(`/?${query}`);
  await areForged([
    `/prompt/a%20dog?${query}&sig=${sig}`,
    `/prompt/?${query}&sig=${sig}`.replace("/prompt/", "/prompt/x"),
  ]);
  const inPath = signature("/prompt/a%20dog?seed=1");
  await areForged([`/?prompt=a+dog&seed=1&sig=${inPath}`, `/prompt/a%20dog/?seed=1&sig=${inPath}`]);
  await opens(`/prompt/a%20%64og?seed=1&sig=${inPath}&Prompt=x&utm_source=y`);
});

test("a path is signed as every parser has it", async () => {
  await opens(`/prompt/a^b?seed=1&sig=${signature("/prompt/a%5Eb?seed=1")}`);
  const headers = { authorization: "Bearer token-of-the-owner" };
  const { url } = (await worker.send("/v1/sign", { method: "POST", headers, body: '{"url":"/prompt/c^d"}' })).json();
  await opens(url.slice(worker.origin.length));
});

test("what is no signature is a wrong one", async () => {
  const target = "/?prompt=a+bird";
  const sig = signature(target);
  const bad = [
    "",
    "x",
    "%ff",
    "%",
    sig.slice(0, -1),
    sig.slice(1),
    `${sig}A`,
    `%20${sig}`,
    sig.toLowerCase(),
    sig.slice(0, 8),
  ];
  await areForged([...bad.map((bad) => `${target}&sig=${bad}`), `${target}&sig=&sig=${sig}`]);
});

test("a signature ends with its exp, and one that is wrong is wrong before it has expired", async () => {
  const soon = signed(`/?prompt=in+time&exp=${inSeconds(100)}`);
  await opens(soon);
  worker.upstreams.reset();
  const late = signed(`/?prompt=too+late&exp=${inSeconds(100)}`);
  await worker.instruments.pass(101);
  assertError(await worker.send(late), 403, "signature_expired");
  assertError(await worker.send(late.replace("late", "last")), 403, "invalid_signature");
  for (const exp of ["%2B9999999999", "0", "-1", "", "x", "1e99", "99999999999999999999999"]) {
    assertError(await worker.send(signed(`/?prompt=never&exp=${exp}`)), 403, "signature_expired");
  }
});

test("a stored image needs no signature, and a wrong one takes nothing from it", async () => {
  await opens(signed("/?prompt=stored"));
  worker.upstreams.reset();
  for (const target of ["/?prompt=stored", "/?prompt=stored&sig=wrong", signed("/?prompt=stored", "another key")]) {
    assert.equal((await worker.send(target)).status, 200, target);
  }
});

test("a signature opens GET alone, and neither refreshes nor deletes nor draws", async () => {
  const target = signed("/?prompt=get+alone");
  assertError(await worker.send(`${target}`, { method: "POST" }), 405, "method_not_allowed");
  assert.equal((await worker.send(target, { method: "HEAD" })).status, 404);
  assertError(await worker.send(signed("/?prompt=get+alone&refresh=1")), 401, "unauthorized");
  assertError(await worker.send(signed(`/i/${"A".repeat(43)}`), { method: "DELETE" }), 401, "unauthorized");
  for (const random of ["random", "-1"]) {
    assertError(await worker.send(signed(`/?prompt=get+alone&seed=${random}`)), 400, "invalid_parameter", "seed");
  }
});

test("POST /v1/sign signs what it is given, and what stood in the place of a signature goes", async () => {
  /** @param {unknown} body */
  const sign = async (body) => {
    const headers = { authorization: "Bearer token-of-the-owner" };
    const reply = await worker.send("/v1/sign", { method: "POST", headers, body: JSON.stringify(body) });
    assert.equal(reply.status, 200, reply.text());
    return new URL(reply.json().url);
  };
  const plain = await sign({ url: "/?prompt=signed+here&sig=old&%73ig=older&i%64=x" });
  assert.equal(plain.search, `?prompt=signed+here&sig=${signature("/?prompt=signed+here")}`);
  await opens(plain.pathname + plain.search);
  worker.upstreams.reset();
  const drawn = await sign({ url: `${worker.origin}/prompt/drawn?%73eed=random`, expires_in: 60 });
  assert.match(drawn.search, /^\?seed=\d+&exp=\d+&sig=[\w-]{43}$/);
  await opens(drawn.pathname + drawn.search);
});

test("npm run sign makes a URL that opens, with an end and a number for a random seed", async () => {
  const env = { ...process.env, URL_SIGNING_KEY: SIGNING_KEY };
  const sign = async (/** @type {string[]} */ ...words) =>
    (await run("npm", ["run", "--silent", "sign", "--", ...words], { cwd: project, env })).stdout.trim();
  const plain = await sign(`${worker.origin}/?prompt=一只猫 & more&size=256x256&😀=1&～=2`);
  assert.equal(new URL(plain).searchParams.get("sig"), signature(plain));
  const long = new URL(await sign(`${worker.origin}/?prompt=signed in a shell&seed=random`, "--expires", "3600"));
  assert.match(long.searchParams.get("seed") ?? "", /^\d+$/);
  assert.ok(Math.abs(Number(long.searchParams.get("exp")) - inSeconds(3_600)) < 60);
  await opens(long.pathname + long.search);
  worker.upstreams.reset();
  await assert.rejects(sign(`${worker.origin}/v1/models?prompt=x`), /Only image URLs/);
});

test("the README's openssl snippet makes the same signature", async () => {
  for (const readme of ["README.md", "README.zh-CN.md"]) {
    const text = await readFile(`${project}${readme}`, "utf8");
    const [, snippet] = /```sh\n((?:(?!```)[^])*openssl(?:(?!```)[^])*)```/.exec(text) ?? [];
    const own = snippet.replace(/key='[^']*'/, `key='${SIGNING_KEY}'`);
    assert.notEqual(own, snippet, readme);
    const { stdout } = await run("bash", ["-euo", "pipefail", "-c", own]);
    const url = new URL(stdout.trim());
    assert.equal(url.searchParams.get("sig"), signature(url.href), readme);
  }
});
