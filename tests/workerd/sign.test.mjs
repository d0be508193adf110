/** `POST /v1/sign`: a URL that may have its image made, by whoever has it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertError, assertMade, assertRedirect } from "./support/assertions.mjs";
import { inSeconds, signature } from "./support/signing.mjs";
import { useWorker } from "./support/worker.mjs";

/** @import { TestWorker } from "./support/worker.mjs" */

const KEY = "signing-key-0123";
const AUTHORIZED = { authorization: "Bearer token-01" };

/** @param {TestWorker} worker @param {unknown} body @param {Record<string, string | undefined>} headers */
const post = (worker, body, headers = AUTHORIZED) =>
  worker.send("/v1/sign", { method: "POST", headers, body: JSON.stringify(body) });

/** The signature of a URL, by the contract's words and nothing of the Worker's. @param {string | URL} url */
const signatureOf = (url) => signature(String(url), KEY);

describe("a service with tokens and a signing key", () => {
  const worker = useWorker({ vars: { ACCESS_TOKENS: "token-00,token-01", URL_SIGNING_KEY: KEY } });

  /** Signs, and gives the path and query. @param {unknown} body */
  async function sign(body) {
    const reply = await post(worker, body);
    assert.equal(reply.status, 200, reply.text());
    assert.equal(reply.headers["cache-control"], "no-store");
    const { url, ...rest } = reply.json();
    assert.deepEqual(rest, {});
    assert.ok(url.startsWith(`${worker.origin}/`), url);
    return url.slice(worker.origin.length);
  }

  for (const url of [
    "/?prompt=a+cat",
    "/?size=64x64&prompt=a%20fox&seed=7",
    "/prompt/a%20hen?width=64&height=64",
    "/prompt/a/b+c",
    "/?prompt=%E7%8C%AB&b=2&a=1&b=1&%C3%A9=%F0%9F%98%80",
    "/?prompt=a~b*c%28d%29'e!f",
    "/?prompt=x&sig=old&id=old#part",
  ]) {
    test(`${url} is signed as the contract says, and makes its image with no token`, async () => {
      const signed = await sign({ url });
      const { searchParams, hash } = new URL(signed, worker.origin);
      assert.equal(searchParams.get("sig"), signatureOf(new URL(signed, worker.origin)));
      assert.deepEqual([searchParams.getAll("sig").length, searchParams.get("id"), hash], [1, null, ""]);
      const { glm, siliconflow, imageHost } = worker.upstreams;
      for (const upstream of [glm, siliconflow, imageHost]) upstream.allow();
      const reply = await worker.send(signed);
      if (url.startsWith("/prompt/")) assertMade(reply);
      else assertRedirect(reply);
    });
  }

  test("an absolute URL of this host is signed too", async () => {
    const signed = await sign({ url: `${worker.origin}/?prompt=absolute` });
    assert.match(signed, /^\/\?prompt=absolute&sig=[\w-]{43}$/);
  });

  test("what is signed cannot be changed, nor can it be taken for another thing", async () => {
    const signed = await sign({ url: "/?prompt=a+signed+cat&size=64x64" });
    for (const changed of [
      signed.replace("cat", "dog"),
      `${signed}&seed=1`,
      signed.replace("64x64", "65x64"),
      signed.replace("/?", "/prompt/x?"),
      signed.slice(0, -1),
    ]) {
      assertError(await worker.send(changed), 403, "invalid_signature");
    }
    assertError(
      await worker.send("/v1/images/generations", {
        method: "POST",
        body: JSON.stringify({ prompt: "unsigned", url: signed }),
      }),
      401,
      "unauthorized",
    );
  });

  test("expires_in ends it, in place of an exp that was there", async () => {
    const now = Math.floor(Date.now() / 1_000);
    const { searchParams } = new URL(await sign({ url: "/?prompt=soon+over&exp=1", expires_in: 60 }), worker.origin);
    const [exp, ...others] = searchParams.getAll("exp").map(Number);
    assert.ok(exp >= now + 60 && exp <= now + 90 && others.length === 0, searchParams.toString());
    const over = await sign({ url: "/?prompt=over&exp=1000000000" });
    assertError(await worker.send(over), 403, "signature_expired");
  });

  test("a random seed is drawn when it is signed", async () => {
    const seeds = [];
    for (const seed of ["random", "-1", "RANDOM"]) {
      const { searchParams } = new URL(await sign({ url: `/?prompt=drawn&seed=${seed}` }), worker.origin);
      seeds.push(...searchParams.getAll("seed"));
    }
    assert.equal(new Set(seeds).size, 3);
    for (const seed of seeds) assert.match(seed, /^\d{1,10}$/);
  });

  test("a URL that would not be valid is refused when it is signed", async () => {
    for (const [url, param, code] of [
      ["/?prompt=x&exp=%2B99999999999", "exp"],
      ["/?prompt=x&exp=zzz", "exp"],
      ["/?prompt=x&exp=", "exp"],
      ["/?prompt=x&size=1x1", "size"],
      ["/?size=512x512", "prompt", "missing_prompt"],
      ["/prompt/", "prompt", "missing_prompt"],
      ["/?prompt=%ff", "prompt"],
    ]) {
      assertError(await post(worker, { url }), 400, code ?? "invalid_parameter", param);
    }
  });

  test("a link opens whatever was added to it, and in another spelling", async () => {
    const signed = await sign({ url: "/prompt/a(cat)%e4%b8%80?seed=9" });
    const { glm, siliconflow, imageHost } = worker.upstreams;
    for (const upstream of [glm, siliconflow, imageHost]) upstream.allow();
    const spelt = `${signed.replace("(", "%28").replace("%e4%b8%80", "%E4%B8%80")}&utm_source=x`;
    assert.equal((await worker.send(spelt)).status, 200);
    assert.equal((await worker.send(`${signed}&fbclid=y`)).headers["x-cache"], "HIT");
  });

  test("an expiry with a sign, or of letters, has passed", async () => {
    for (const exp of [`%2B${inSeconds(1_000)}`, "zzz"]) {
      const target = `/?prompt=signed+by+hand&exp=${exp}`;
      assertError(await worker.send(`${target}&sig=${signatureOf(`http://x${target}`)}`), 403, "signature_expired");
    }
  });

  test("a seed that is none is refused when it is signed", async () => {
    assertError(await post(worker, { url: "/?prompt=x&seed=any" }), 400, "invalid_parameter", "seed");
  });

  test("a token is needed, and one of the owner's", async () => {
    for (const headers of [
      {},
      { authorization: "Bearer token-2" },
      { authorization: "token-01" },
      { authorization: "Basic token-01" },
      { authorization: "Bearer" },
    ]) {
      assertError(await post(worker, { url: "/?prompt=x" }, headers), 401, "unauthorized", null);
    }
  });
});

describe("a service without a signing key", () => {
  const worker = useWorker({ vars: { ACCESS_TOKENS: "token-01" } });

  test("says which setting is missing to who has a token, and nothing to others", async () => {
    assert.match(assertError(await post(worker, { url: "/?prompt=x" }), 500, "misconfigured"), /URL_SIGNING_KEY/);
    assertError(await post(worker, { url: "/?prompt=x" }, {}), 401, "unauthorized");
  });
});

describe("a service without tokens", () => {
  const worker = useWorker({ vars: { URL_SIGNING_KEY: KEY } });

  test("signs for nobody", async () => {
    assertError(await post(worker, { url: "/?prompt=x" }), 401, "unauthorized");
  });
});

describe("behind a proxy that hides the host", () => {
  const vars = { ACCESS_TOKENS: "token-01", URL_SIGNING_KEY: KEY, PUBLIC_URL: "https://images.example.com/" };
  const worker = useWorker({ vars });

  test("PUBLIC_URL's host is this host, and the one that is shown", async () => {
    for (const url of ["/?prompt=x", "https://images.example.com/?prompt=x", `${worker.origin}/?prompt=x`]) {
      const signed = (await post(worker, { url })).json().url;
      assert.match(signed, /^https:\/\/images\.example\.com\/\?prompt=x&sig=/);
    }
    assertError(await post(worker, { url: "https://evil.example/?prompt=x" }), 400, "invalid_parameter", "url");
  });
});
