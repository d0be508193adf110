/** Access to new images: each combination of the three settings, and the answer to each caller. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { held } from "./support/answers.mjs";
import { ADDRESS_BAR, assertCard, assertError, assertImage, assertRedirect } from "./support/assertions.mjs";
import { inSeconds, signed, SIGNING_KEY } from "./support/signing.mjs";
import { startWorker } from "./support/worker.mjs";

/** @import { TestWorker } from "./support/worker.mjs" */

const TOKENS = { ACCESS_TOKENS: "token-of-the-owner, token-of-a-friend" };
const SIGNING = { URL_SIGNING_KEY: SIGNING_KEY };
const PAGES = { ALLOWED_REFERERS: "example.com, pictures.example.org" };

/** @param {string} token */
const withToken = (token) => ({ authorization: `Bearer ${token}` });
/** @param {string} referer */
const onPage = (referer) => ({ referer });

/**
 * The credentials of each caller: how its URL is made from `/?prompt=…`, and its headers.
 *
 * @type {Record<string, {url?: (target: string) => string, headers?: Record<string, string>}>}
 */
const CALLERS = {
  nothing: {},
  "a token": { headers: withToken("token-of-a-friend") },
  "a wrong token": { headers: withToken("token-of-a-frienD") },
  "a signature": { url: (target) => signed(target) },
  "a forged signature": { url: (target) => signed(target, "another key") },
  "an expired signature": { url: (target) => signed(`${target}&exp=${inSeconds(-5)}`) },
  "a listed page": { headers: onPage("https://blog.example.com/post?x=1") },
  "another page": { headers: onPage("https://example.com.evil.test/") },
  "a token and a forged signature": {
    url: (target) => signed(target, "another key"),
    headers: withToken("token-of-the-owner"),
  },
  "a forged signature on another page": {
    url: (target) => signed(target, "another key"),
    headers: onPage("https://evil.test/"),
  },
  "a forged signature on a listed page": {
    url: (target) => signed(target, "another key"),
    headers: onPage("https://example.com/"),
  },
};

/** @type {Record<string, number>} */
const STATUS = { unauthorized: 401, invalid_signature: 403, signature_expired: 403, referer_not_allowed: 403 };

/**
 * With each combination of settings, the error of each caller in turn; "" where it gets its image.
 *
 * @type {[string, Record<string, string>, string[]][]}
 */
const RULES = [
  ["nothing is set", {}, ["", "", "", "", "", "", "", "", "", "", ""]],
  ["tokens are set", TOKENS, rule("unauthorized", { "a token": "", "a token and a forged signature": "" })],
  [
    "a signing key is set",
    SIGNING,
    rule("invalid_signature", { "a signature": "", "an expired signature": "signature_expired" }),
  ],
  [
    "pages are listed",
    PAGES,
    rule("referer_not_allowed", { "a listed page": "", "a forged signature on a listed page": "" }),
  ],
  [
    "tokens and a signing key are set",
    { ...TOKENS, ...SIGNING },
    rule("unauthorized", {
      "a token": "",
      "a signature": "",
      "a forged signature": "invalid_signature",
      "an expired signature": "signature_expired",
      "a token and a forged signature": "",
      "a forged signature on another page": "invalid_signature",
      "a forged signature on a listed page": "invalid_signature",
    }),
  ],
  [
    "tokens are set and pages are listed",
    { ...TOKENS, ...PAGES },
    rule("unauthorized", {
      "a token": "",
      "a listed page": "",
      "another page": "referer_not_allowed",
      "a token and a forged signature": "",
      "a forged signature on another page": "referer_not_allowed",
      "a forged signature on a listed page": "",
    }),
  ],
  [
    "a signing key is set and pages are listed",
    { ...SIGNING, ...PAGES },
    rule("unauthorized", {
      "a signature": "",
      "a forged signature": "invalid_signature",
      "an expired signature": "signature_expired",
      "a listed page": "",
      "another page": "referer_not_allowed",
      "a token and a forged signature": "invalid_signature",
      "a forged signature on another page": "invalid_signature",
      "a forged signature on a listed page": "",
    }),
  ],
  [
    "all three are set",
    { ...TOKENS, ...SIGNING, ...PAGES },
    rule("unauthorized", {
      "a token": "",
      "a signature": "",
      "a forged signature": "invalid_signature",
      "an expired signature": "signature_expired",
      "a listed page": "",
      "another page": "referer_not_allowed",
      "a token and a forged signature": "",
      "a forged signature on another page": "invalid_signature",
      "a forged signature on a listed page": "",
    }),
  ],
];

/**
 * The error of each caller: `usual`, where `others` does not say another.
 *
 * @param {string} usual
 * @param {Record<string, string>} others
 */
function rule(usual, others) {
  return Object.keys(CALLERS).map((caller) => others[caller] ?? usual);
}

/**
 * A test with a Worker of its own.
 *
 * @param {string} name
 * @param {Record<string, string | undefined>} vars
 * @param {(worker: TestWorker) => Promise<void>} run
 */
function accessTest(name, vars, run) {
  test(name, async (context) => {
    const worker = await startWorker({ vars });
    context.after(() => worker.stop());
    await run(worker);
    worker.upstreams.check();
  });
}

for (const [what, vars, errors] of RULES) {
  accessTest(`where ${what}, who fits gets the image, and who does not hears why`, vars, async (worker) => {
    const open = errors.filter((error) => error === "").length;
    worker.upstreams.expect({ image: open, download: open });
    for (const [at, [caller, { url, headers }]] of Object.entries(CALLERS).entries()) {
      const target = `/?prompt=${encodeURIComponent(caller)}`;
      const reply = await worker.send(url ? url(target) : target, { headers });
      const outcome = `${reply.status} ${reply.headers["x-error-code"] ?? ""}`;
      const expected = errors[at] === "" ? "302 " : `${STATUS[errors[at]]} ${errors[at]}`;
      assert.equal(outcome, expected, `${caller}: ${reply.text()}`);
    }
  });
}

accessTest("a page is known by its Origin, too, and only whole domains count", PAGES, async (worker) => {
  const good = [
    "https://example.com",
    "http://a.b.example.com:8080",
    "https://EXAMPLE.com",
    "https://pictures.example.org",
  ];
  const bad = ["https://badexample.com", "https://example.org", "null", "example.com", "https://example.com@evil.test"];
  worker.upstreams.expect({ image: good.length, download: good.length });
  for (const [at, origin] of good.entries())
    assertRedirect(await worker.get("/", { prompt: `good ${at}` }, { headers: { origin } }));
  for (const origin of bad) {
    assertError(await worker.get("/", { prompt: "bad" }, { headers: { origin } }), 403, "referer_not_allowed");
  }
});

accessTest("a token is taken in a Bearer header alone, whole and exactly", TOKENS, async (worker) => {
  const [one, two] = TOKENS.ACCESS_TOKENS.split(", ");
  worker.upstreams.expect({ image: 2, download: 2 });
  for (const [at, authorization] of [`Bearer ${one}`, `bearer  ${two} `].entries()) {
    assertRedirect(await worker.get("/", { prompt: `good ${at}` }, { headers: { authorization } }));
  }
  const wrong = [
    one,
    `Basic ${one}`,
    "Bearer",
    "Bearer ",
    `Bearer ${one.slice(1)}`,
    `Bearer ${one}x`,
    `Bearer ${one},${two}`,
    `Bearer ${one} ${two}`,
  ];
  for (const authorization of wrong) {
    const refused = await worker.get("/", { prompt: "bad" }, { headers: { authorization } });
    assertError(refused, 401, "unauthorized");
    assert.equal(refused.headers["www-authenticate"], "Bearer");
  }
  for (const query of [`token=${one}`, `access_token=${one}`, `key=${one}`]) {
    assertError(await worker.send(`/?prompt=bad&${query}`), 401, "unauthorized");
  }
});

accessTest("a refused visitor's browser shows why", TOKENS, async (worker) => {
  assertCard(await worker.get("/", { prompt: "cat" }, { headers: ADDRESS_BAR }), 401, "unauthorized", 512, 512);
});

accessTest("the POST APIs are held to the same rules", { ...TOKENS, ...SIGNING, ...PAGES }, async (worker) => {
  const message = { messages: [{ role: "user", content: "a dog" }] };
  /** @param {string} path @param {unknown} body @param {Record<string, string>} [headers] */
  const post = (path, body, headers) => worker.send(path, { method: "POST", body: JSON.stringify(body), headers });
  for (const [path, body] of /** @type {[string, unknown][]} */ ([
    ["/v1/images/generations", { prompt: "a cat" }],
    ["/v1/image/generations", { prompt: "a bird" }],
    ["/v1/chat/completions", message],
  ])) {
    assertError(await post(path, body), 401, "unauthorized");
    assertError(await post(path, body, withToken("wrong")), 401, "unauthorized");
    assertError(await post(path, body, onPage("https://evil.test/")), 403, "referer_not_allowed");
    // A signature opens GET on / and /prompt/ alone.
    assertError(await post(signed(`${path}?prompt=cat`), body), 401, "unauthorized");
    worker.upstreams.expect({ image: 1, download: 1 });
    assert.equal((await post(path, body, withToken("token-of-the-owner"))).status, 200);
  }
});

accessTest("stored images are open to all, and so is one that is being made", TOKENS, async (worker) => {
  const { siliconflow, imageHost } = worker.upstreams;
  const gate = held((call) => siliconflow.ordinary(call));
  worker.upstreams.expect({ image: [gate.answer], download: 1 });
  const first = worker.get("/", { prompt: "cat" }, { headers: withToken("token-of-the-owner") });
  await siliconflow.called(1);
  const joined = worker.get("/", { prompt: "cat" });
  assertError(await worker.get("/", { prompt: "dog" }), 401, "unauthorized");
  gate.release();
  const id = assertRedirect(await first);
  assert.equal((await joined).status, 302);
  const targets = [`/?prompt=cat`, `/?prompt=cat&id=${id}`, `/?id=${id}`, `/i/${id}`, `/i/${id}.png`];
  const everywhere = async () => {
    for (const target of targets) assertImage(await worker.send(target), imageHost.published[0]);
  };
  await everywhere();
  await worker.stored(id);
  await everywhere();
});
