/** The owner's own error picture, and what an error must never say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, HANG, json, RESET, text } from "./support/answers.mjs";
import { assertCard, assertError, assertInert, IMG } from "./support/assertions.mjs";
import { padded, png } from "./support/images.mjs";
import { startWorker, useWorker } from "./support/worker.mjs";
/** @import { Answer } from "./support/answers.mjs" */

const ERROR_IMAGE_URL = "https://pictures.example/sorry.png?v=1";
const sorry = png(40, 30);

const worker = useWorker({ vars: { ERROR_IMAGE_URL }, instrumented: true });

/** The host of the picture, which gives these answers from now on. @param {Answer[]} answers */
async function pictureHost(...answers) {
  // What was fetched within the minute is not fetched again.
  await worker.instruments.pass(61);
  const host = worker.upstreams.at(ERROR_IMAGE_URL);
  host.expect(...answers);
  return host;
}

test("a browser gets the owner's picture under the error's own status", async () => {
  const host = await pictureHost(bytes(sorry, "image/png"));
  const reply = await worker.get("/", { prompt: "" }, { headers: IMG });
  assert.equal(`${reply.status} ${reply.headers["x-error-code"]}`, "400 missing_prompt");
  assert.equal(reply.headers["content-type"], "image/png");
  assert.equal(reply.headers["cache-control"], "no-store");
  assert.ok(reply.body.equals(sorry));
  assert.deepEqual([host.calls[0].method, host.calls[0].headers.authorization], ["GET", undefined]);
});

test("an SVG of the owner's runs nothing", async () => {
  await pictureHost(bytes('<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"));
  const reply = await worker.get("/", { prompt: "" }, { headers: IMG });
  assert.equal(reply.headers["content-type"], "image/svg+xml");
  assertInert(reply);
});

test("the picture is fetched once a minute, and never for a HEAD", async () => {
  await pictureHost();
  await worker.send("/?prompt=", { method: "HEAD", headers: IMG });
  worker.upstreams.reset();
  const host = await pictureHost(bytes(sorry, "image/png"));
  for (let at = 0; at < 100; at += 1) {
    assert.ok((await worker.get("/", { prompt: "" }, { headers: IMG })).body.equals(sorry));
  }
  assert.equal(host.calls.length, 1);
});

test("a program gets JSON, and the picture is not fetched for it", async () => {
  assertError(await worker.get("/", { prompt: "" }), 400, "missing_prompt", "prompt");
});

for (const [what, answer] of /** @type {[string, Answer][]} */ ([
  ["answers 404", text("not found", { status: 404 })],
  ["answers a page", text("<html></html>", { type: "text/html" })],
  ["answers a page that says it is a picture", bytes("<html></html>", "image/png")],
  ["answers nothing", bytes("", "image/png")],
  ["resets the connection", RESET],
  ["never answers", HANG],
  ["sends 21 MiB", bytes(padded(sorry, 21 * 1024 * 1024), "image/png")],
])) {
  test(`the built-in card is shown where the picture's host ${what}`, async () => {
    (await pictureHost(answer)).allow(answer);
    assertCard(
      await worker.get("/", { prompt: "", size: "320x200" }, { headers: IMG }),
      400,
      "missing_prompt",
      320,
      200,
    );
  });
}

test("keys and tokens are struck out of what an upstream says, and of the log", async (context) => {
  const secrets = {
    IMAGE_API_KEYS: "sk-canary-image-0123456789",
    PROCESS_API_KEY: "canary.chat-0123456789",
    ACCESS_TOKENS: "canary-token-0123456789",
    URL_SIGNING_KEY: "canary-signing-0123456789",
  };
  const guarded = await startWorker({ vars: secrets });
  context.after(() => guarded.stop());
  // Each upstream can repeat only what it was told.
  const echo = `Bearer ${secrets.IMAGE_API_KEYS}`;
  const { glm, siliconflow } = guarded.upstreams;
  const headers = { authorization: `Bearer ${secrets.ACCESS_TOKENS}` };
  for (const [status, body] of /** @type {[number, Answer][]} */ ([
    [400, json({ code: 20015, message: `Refused ${echo}.`, data: null }, { status: 400 })],
    [500, text(`Broken ${echo}`, { status: 500 })],
    [401, json(`Api key ${echo} is invalid`, { status: 401 })],
  ])) {
    glm.allow(json({ error: { code: "1301", message: `Bearer ${secrets.PROCESS_API_KEY}` } }, { status: 400 }));
    siliconflow.allow(body);
    for (const accept of ["application/json", IMG.accept]) {
      const reply = await guarded.get(
        "/",
        { prompt: `echo ${status}`, optimization: "1" },
        { headers: { ...headers, accept } },
      );
      assert.ok(reply.status >= 400);
      const told = JSON.stringify(reply.headers) + reply.text();
      assert.doesNotMatch(told, /canary/);
      if (status === 400 && accept === "application/json") assert.match(told, /Refused/);
    }
  }
  assert.ok(guarded.upstreams.counts.image > 0);
  assert.doesNotMatch(guarded.logs.join("\n"), /canary/);
});
