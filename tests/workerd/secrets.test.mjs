/** Secrets stay secret: on every route and at every fault, whatever upstreams quote, in answers and in the log. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { breakOff, bytes, json, RESET, text } from "./support/answers.mjs";
import { ADDRESS_BAR, assertError, assertRedirect, IMG } from "./support/assertions.mjs";
import { assertSilent, assertSilentReply, CANARIES, QUOTES, SECRET_SETTINGS } from "./support/canaries.mjs";
import { png } from "./support/images.mjs";
import { useWorker } from "./support/worker.mjs";

/**
 * @import { Answer } from "./support/answers.mjs"
 * @import { TestWorker } from "./support/worker.mjs"
 */

const OTHER = `https://other.example.com/v1/images/generations?key=${CANARIES.addressKey}`;
const own = { authorization: `Bearer ${CANARIES.token}` };

/**
 * Searches all that the Worker and its runtime have logged since the start, and how much of it there is.
 *
 * @param {TestWorker} worker
 */
function assertSilentLog(worker) {
  worker.logs.forEach((line, number) => assertSilent(line, `line ${number} of the log`));
  return worker.logs.length;
}

describe("on every route", () => {
  const worker = useWorker({ vars: SECRET_SETTINGS });

  test("no answer holds a secret, whoever asks", async () => {
    const { siliconflow, imageHost, glm } = worker.upstreams;
    siliconflow.allow();
    imageHost.allow();
    glm.allow();
    worker.upstreams.at(OTHER).allow(() => json({ images: [{ url: imageHost.publish(png(64, 64)) }] }));
    const id = assertRedirect(await worker.get("/", { prompt: "stored" }, { headers: own }));
    /** @param {unknown} value */
    const body = (value) => ({ method: "POST", body: JSON.stringify(value) });
    const bodies = [
      body({ prompt: "a cat" }),
      body({ prompt: "a cat", response_format: "b64_json" }),
      body({ messages: [{ role: "user", content: "猫" }] }),
      body({ url: "/?prompt=cat&seed=random" }),
      { method: "POST", body: "{" },
      body([]),
    ];
    const reads = [
      "/",
      "/?prompt=cat",
      "/?prompt=猫&optimization=1",
      "/?prompt=cat&seed=random",
      `/?id=${id}`,
      `/i/${id}`,
      `/i/${id}.png`,
      "/i/x",
      "/prompt/dog",
      "/v1/models",
      "/v1/models/x",
      "/v1/stats",
      "/v1/images",
      "/v1/images?limit=0",
      "/metrics",
      "/health",
      "/nowhere",
      "/?prompt=",
      "/?prompt=x&size=1",
      "/?prompt=cat&refresh=1",
      "/?prompt=cat&sig=x",
      "/gui/",
      "/openapi.json",
    ];
    /** @param {string} path @param {{method: string, body?: string}} options */
    const pair = (path, options) => /** @type {const} */ ([path, options]);
    const requests = [
      ...reads.flatMap((path) => ["GET", "HEAD", "OPTIONS", "DELETE", "PUT"].map((method) => pair(path, { method }))),
      ...["/v1/images/generations", "/v1/image/generations", "/v1/chat/completions", "/v1/sign"].flatMap((path) =>
        bodies.map((options) => pair(path, options)),
      ),
    ];
    /** @type {Record<string, string>[]} */
    const callers = [
      {},
      own,
      { ...own, ...IMG },
      ADDRESS_BAR,
      { authorization: "Bearer wrong" },
      { authorization: `Bearer ${CANARIES.chatKey}` },
    ];
    for (const headers of callers) {
      for (const [path, options] of requests) {
        const reply = await worker.send(encodeURI(path), { ...options, headers });
        assertSilentReply(reply, `${options.method} ${path}`);
      }
    }
    assertSilentLog(worker);
  });
});

/** @typedef {Generator<[string, Answer]>} Quotations */

/**
 * Words in each place that an upstream has for them, at each status that is acted on.
 *
 * @param {string} words
 * @returns {Quotations}
 */
function* everywhere(words) {
  const headers = { "x-key": words, "retry-after": words, location: `https://elsewhere.example.com/${words}` };
  for (const status of [200, 302, 400, 401, 403, 404, 422, 429, 500, 503]) {
    yield [
      `${status} in an envelope`,
      json({ error: { message: words, code: words, type: words, param: words } }, { status, headers }),
    ];
    yield [`${status} with a code`, json({ code: 20015, message: words, data: words }, { status, headers })];
    yield [`${status} in plain words`, text(words, { status, headers })];
  }
  yield ["broken off", breakOff(json({ message: words }, { status: 400 }))];
  yield* whereItShows(words);
}

/** Words in the places from which they could come to be seen. @param {string} words @returns {Quotations} */
function* whereItShows(words) {
  yield ["a refusal", json({ error: { message: words } }, { status: 400 })];
  yield ["a bare string", json(words, { status: 422 })];
  yield ["a failure", text(words, { status: 500 })];
  yield ["a page", text(`<html><title>${words}</title></html>`, { status: 502, type: "text/html" })];
  yield ["a model that is gone", json({ code: 20012, message: words }, { status: 400 })];
  yield ["the name of a model", text(`the model ${words} does not exist`, { status: 404 })];
  yield ["where the image is to be", json({ images: [{ url: words, b64_json: words }], seed: words })];
  yield [
    "the address of an image that is not there",
    json({ images: [{ url: `https://gone.example.com/${encodeURIComponent(words)}` }] }),
  ];
}

/**
 * Secrets, quoted: the first in every way and place, others where they could be seen.
 *
 * @param {string[]} secrets
 * @returns {Quotations}
 */
function* quoted([first, ...others]) {
  /** @param {string} how @param {Iterable<[string, Answer]>} answers @returns {Quotations} */
  const named = function* (how, answers) {
    for (const [where, answer] of answers) yield [`${how}: ${where}`, answer];
  };
  yield* named("header-safe and whole", everywhere(first));
  for (const [how, quote] of Object.entries(QUOTES)) yield* named(how, whereItShows(quote(first)));
  for (const other of others) yield* named("another secret", [...whereItShows(QUOTES.whole(other))].slice(0, 3));
}

describe("where the image API quotes a key", () => {
  const worker = useWorker({ instrumented: true, vars: { ...SECRET_SETTINGS, IMAGE_API_KEYS: CANARIES.imageKey } });

  test("no answer and no line of the log holds it, in any part that cannot be guessed", async () => {
    const { upstreams } = worker;
    const other = upstreams.at(OTHER);
    let number = 0;
    let messages = 0;
    for (const [teller, secrets] of /** @type {const} */ ([
      [upstreams.siliconflow, [CANARIES.imageKey]],
      [other, [CANARIES.endpointKey, CANARIES.addressKey]],
    ])) {
      for (const [how, answer] of quoted([...secrets])) {
        for (const upstream of [upstreams.siliconflow, other]) {
          upstream.allow(upstream === teller ? answer : text("busy", { status: 500 }));
        }
        number += 1;
        // Keys that were set aside are back, so that each answer is met.
        await worker.instruments.pass(2 * 86_400);
        const reply = await worker.get(
          "/",
          { prompt: `image ${number}` },
          { headers: number % 3 === 0 ? { ...own, ...IMG } : own },
        );
        assertSilentReply(reply, how);
        assert.ok(reply.status >= 400, `${how}: ${reply.status}`);
        if (reply.text().includes("***")) messages += 1;
        upstreams.reset();
      }
    }
    // The keys were quoted and struck out, not merely left out.
    assert.ok(messages > 20, `${messages} of ${number} answers had something struck out`);
    assert.ok(assertSilentLog(worker) > number);
  });
});

describe("where an image's address holds a key", () => {
  const worker = useWorker({
    vars: { ...SECRET_SETTINGS, IMAGE_API_KEYS: CANARIES.imageKey, IMAGE_ENDPOINTS: undefined },
  });

  test("neither the answer nor what is stored does", async () => {
    const { siliconflow } = worker.upstreams;
    const image = png(64, 64);
    const url = `https://cdn.example.com/${CANARIES.imageKey}/a.png?key=${CANARIES.imageKey}`;
    worker.upstreams.at(url).expect(
      bytes(image, "image/png", {
        headers: { "content-disposition": `filename=${CANARIES.imageKey}.png`, "x-key": CANARIES.imageKey },
      }),
    );
    siliconflow.expect(siliconflow.pointsTo(url));
    const made = await worker.get("/", { prompt: "its name is a key" }, { headers: own });
    const id = assertRedirect(made);
    for (const reply of [made, await worker.send(made.target), await worker.send(`/i/${id}`)])
      assertSilentReply(reply, "its image");
    const { metadata } = await worker.stored(id);
    assertSilent(JSON.stringify(metadata), "the metadata");
    assert.match(/** @type {{url: string}} */ (metadata).url, /^https:\/\/cdn\.example\.com\/\*\*\*/);
  });
});

describe("where the chat API quotes a key", () => {
  const worker = useWorker({ vars: SECRET_SETTINGS });

  test("no answer, no image call and no line of the log holds it", async () => {
    const { siliconflow, imageHost, glm } = worker.upstreams;
    let number = 0;
    for (const [how, answer] of [...quoted([CANARIES.chatKey])].filter(([how]) =>
      /envelope|refusal|failure|page/.test(how),
    )) {
      worker.upstreams.reset();
      glm.allow(answer);
      siliconflow.allow();
      imageHost.allow();
      worker.upstreams.at(OTHER).allow(() => json({ images: [{ url: imageHost.publish(png(64, 64)) }] }));
      number += 1;
      const reply = await worker.image({ prompt: `一只猫 ${number}` }, { headers: own });
      assert.equal(reply.status, 200, how);
      assertSilentReply(reply, how);
      siliconflow.calls.forEach(({ text }) => assertSilent(text, `the image call after: ${how}`));
      assert.equal(reply.headers["x-prompt-status"], "fallback", how);
    }
    assertSilentLog(worker);
    worker.upstreams.reset();
  });
});

describe("where a rewritten prompt holds what is a secret here", () => {
  const worker = useWorker({ vars: SECRET_SETTINGS });

  test("a rewritten prompt is drawn whatever is in it: the model was told no key", async () => {
    const { siliconflow, imageHost, glm } = worker.upstreams;
    for (const secret of [CANARIES.token, CANARIES.signingKey, CANARIES.imageKey.slice(0, 9)]) {
      worker.upstreams.reset();
      glm.allow(glm.says(`a cat and ${secret}`));
      siliconflow.allow();
      imageHost.allow();
      worker.upstreams.at(OTHER).allow(() => json({ images: [{ url: imageHost.publish(png(64, 64)) }] }));
      const reply = await worker.image({ prompt: `一只猫和 ${secret}` }, { headers: own });
      assert.equal(reply.headers["x-prompt-status"], "translated", secret);
    }
    worker.upstreams.reset();
  });
});

describe("where the network fails", () => {
  const worker = useWorker({ instrumented: true, vars: SECRET_SETTINGS });

  test("neither answers nor the log hold a key, and the store's failures do not either", async () => {
    const { siliconflow, glm } = worker.upstreams;
    glm.allow(RESET);
    siliconflow.allow(RESET);
    worker.upstreams.at(OTHER).allow(RESET);
    await worker.instruments.reads("fail");
    await worker.instruments.writes("fail");
    for (const path of ["/?prompt=猫", "/?prompt=cat", `/i/${"A".repeat(43)}`, "/health", `/?id=${"A".repeat(43)}`]) {
      assertSilentReply(await worker.send(encodeURI(path), { headers: own }), path);
    }
    assert.ok(assertSilentLog(worker) > 3);
  });
});

/** Each setting with a canary in it that makes it malformed. */
const MALFORMED = {
  IMAGE_API_KEYS: `${CANARIES.imageKey} ${CANARIES.imageKey2}`,
  PROCESS_API_KEY: `${CANARIES.chatKey}\n`.repeat(2),
  ACCESS_TOKENS: `${CANARIES.token}, ${CANARIES.otherToken} x`,
  IMAGE_ENDPOINTS: `[{"url":"ftp://${CANARIES.endpointKey}","key":"${CANARIES.endpointKey}"},{"key":"${CANARIES.addressKey}"},${CANARIES.addressKey}]`,
  IMAGE_API_URL: CANARIES.imageKey,
  IMAGE_MODELS: ",",
  KEY_IMAGES_PER_MINUTE: CANARIES.imageKey,
  PROCESS_API_URL: CANARIES.chatKey,
  DEFAULT_SIZE: CANARIES.imageKey,
  CACHE_TTL: CANARIES.imageKey,
  GENERATION_TIMEOUT: CANARIES.imageKey,
  ERROR_IMAGE_URL: CANARIES.imageKey,
  ALLOWED_REFERERS: `${CANARIES.signingKey}!`,
};

describe("where every setting is malformed", () => {
  const { IMAGE_MODELS, ...malformed } = MALFORMED;
  const worker = useWorker({
    vars: { ...malformed, ALLOWED_REFERERS: undefined, ACCESS_TOKENS: undefined, URL_SIGNING_KEY: undefined },
  });

  test("the error names each and shows none", async () => {
    const reply = await worker.get("/", { prompt: "cat", size: "64x64" });
    const message = assertError(reply, 500, "misconfigured");
    for (const name of [
      "IMAGE_API_KEYS",
      "IMAGE_ENDPOINTS",
      "IMAGE_API_URL",
      "KEY_IMAGES_PER_MINUTE",
      "PROCESS_API_URL",
      "DEFAULT_SIZE",
      "CACHE_TTL",
      "GENERATION_TIMEOUT",
      "ERROR_IMAGE_URL",
    ]) {
      assert.ok(message.includes(name), `${name} is not in: ${message}`);
    }
    for (const path of ["/?prompt=cat&size=64x64", "/?prompt=cat", "/health", "/v1/models", "/"]) {
      for (const headers of [{}, IMG]) assertSilentReply(await worker.send(path, { headers }), path);
    }
    assertSilentLog(worker);
  });
});

test("the search finds a canary in an answer and in a line, whole, in a part and escaped", () => {
  const secret = CANARIES.imageKey;
  for (const found of [
    secret,
    `x${secret.slice(3, 19)}x`,
    encodeURIComponent(secret),
    [...secret].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(""),
  ]) {
    assert.throws(() => assertSilent(found, "a text"), /imageKey is in a text/);
  }
  assertSilent(secret.slice(3, 18), "a text");
});
