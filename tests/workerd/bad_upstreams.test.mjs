/** Whatever an upstream sends: the contract's error, nothing stored, and the next request is served. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { breakOff, bytes, json, RESET, text } from "./support/answers.mjs";
import { assertError, assertImage } from "./support/assertions.mjs";
import { padded, png } from "./support/images.mjs";
import { ERRORS } from "./support/siliconflow.mjs";
import { useWorker } from "./support/worker.mjs";
/** @import { Answer } from "./support/answers.mjs" */

const MIB = 1024 * 1024;
const page = text("<html><body>Welcome</body></html>", { type: "text/html" });
const picture = png(64, 64);

const worker = useWorker();
let known = 0;

/** After each test: nothing was stored that was no image, and the Worker works. */
afterEach(async () => {
  const { keys } = await (await worker.library()).list();
  assert.equal(keys.length, known, "something was stored");
  worker.upstreams.reset();
  worker.upstreams.expect({ image: 1, download: 1 });
  const reply = await worker.image({ prompt: `after ${known}` });
  assertImage(reply, worker.upstreams.imageHost.published.at(-1));
  await worker.stored(reply.headers["x-image-id"]);
  worker.upstreams.check();
  worker.upstreams.reset();
  known += 1;
});

for (const [what, answer] of /** @type {[string, Answer][]} */ ([
  ["a page", page],
  ["nothing", text("", { type: "application/json" })],
  ["half a JSON", text('{"images":[{"url":"https://sc-maas.oss', { type: "application/json" })],
  ["JSON that is no object", json("ok")],
  ["JSON without an image", json({ images: [] })],
  ["an image that is null", json({ images: [null], data: null })],
  ["an image without a URL", json({ images: [{}] })],
  ["a URL that is no text", json({ images: [{ url: 7 }] })],
  ["a URL that is none", json({ images: [{ url: "not a url" }] })],
  ["a blank URL", json({ images: [{ url: "" }] })],
  ["a URL of another scheme", json({ images: [{ url: "file:///etc/passwd" }] })],
  ["a URL without TLS", json({ images: [{ url: "http://pictures.example/a.png" }] })],
  ["a URL of a machine inside", json({ images: [{ url: "https://169.254.169.254/latest/meta-data" }] })],
  ["a URL of this very machine", json({ images: [{ url: "https://localhost/a.png" }] })],
  ["base64 that is none", json({ data: [{ b64_json: "***" }] })],
  ["deeply nested JSON", text(`${"[".repeat(50_000)}${"]".repeat(50_000)}`, { type: "application/json" })],
  ["NUL bytes", bytes(Buffer.alloc(10_000), "application/json")],
  ["a body of 31 MiB", bytes(Buffer.alloc(31 * MIB, "x"), "application/json")],
  ["a body that breaks off", breakOff(json({ images: [{ url: "https://pictures.example/a.png" }] }))],
  ["a reset", RESET],
  ["a redirect", text("", { status: 302, headers: { location: "https://pictures.example/a.png" } })],
  ["500", text("oops", { status: 500 })],
  ["503", ERRORS.overloaded],
  ["504 in HTML", ERRORS.gateway],
  ["an answer of no known status", text("teapot", { status: 418 })],
])) {
  test(`an image API that sends ${what} is an upstream's error`, async () => {
    worker.upstreams.siliconflow.allow(answer);
    assertError(await worker.get("/", { prompt: `api sends ${what}` }), 502, "upstream_error", null);
    assert.ok(worker.upstreams.counts.image >= 1 && worker.upstreams.counts.image <= 4);
    assert.equal(worker.upstreams.counts.download, 0);
  });
}

for (const [what, answer] of /** @type {[string, Answer][]} */ ([
  ["a page", page],
  ["a page that says it is a PNG", bytes("<html></html>", "image/png")],
  ["an SVG", bytes('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "image/svg+xml")],
  ["nothing", bytes("", "image/png")],
  ["a few bytes", bytes("\x89PN", "image/png")],
  ["text", text("image")],
  [
    "403 because the URL has expired",
    text("<Error><Code>AccessDenied</Code></Error>", { status: 403, type: "application/xml" }),
  ],
  ["404", text("NoSuchKey", { status: 404 })],
  ["a body that breaks off", breakOff(bytes(picture, "image/png"))],
  ["a reset", RESET],
  ["21 MiB", bytes(padded(picture, 21 * MIB), "image/png")],
  ["a byte more than 20 MiB", bytes(padded(picture, 20 * MIB + 1), "image/png")],
  ["a redirect to a machine inside", text("", { status: 302, headers: { location: "https://10.0.0.1/a.png" } })],
  ["a redirect without an end", text("", { status: 302, headers: { location: "#" } })],
])) {
  test(`an image host that sends ${what} is an upstream's error`, async () => {
    worker.upstreams.siliconflow.allow();
    worker.upstreams.imageHost.allow(answer);
    assertError(await worker.get("/", { prompt: `host sends ${what}` }), 502, "upstream_error", null);
    assert.ok(worker.upstreams.counts.download >= 2, "it was not tried again");
  });
}

test("a download that fails once is tried once more", async () => {
  worker.upstreams.expect({ image: 1, download: [RESET, 1] });
  assertImage(await worker.image({ prompt: "second time lucky" }), worker.upstreams.imageHost.published.at(-1));
  await worker.stored((await worker.get("/", { prompt: "second time lucky" })).headers["x-image-id"]);
  known += 1;
});

test("an image of 20 MiB to the byte is taken", async () => {
  const largest = padded(picture, 20 * MIB);
  worker.upstreams.expect({ image: [worker.upstreams.siliconflow.draws(largest)], download: 1 });
  const reply = await worker.image({ prompt: "the largest" });
  assertImage(reply, largest);
  await worker.stored(reply.headers["x-image-id"]);
  known += 1;
});

test("an image host that redirects to where the image is, is followed", async () => {
  const { imageHost } = worker.upstreams;
  const moved = () => text("", { status: 302, headers: { location: imageHost.publish(picture) } });
  worker.upstreams.expect({ image: 1, download: [moved, 1] });
  const reply = await worker.image({ prompt: "moved" });
  assertImage(reply, picture);
  await worker.stored(reply.headers["x-image-id"]);
  known += 1;
});

test("images in `data` count as images in `images` do", async () => {
  const url = worker.upstreams.imageHost.publish(picture);
  worker.upstreams.expect({ image: [json({ created: 1, data: [{ url }] })], download: 1 });
  const reply = await worker.image({ prompt: "elsewhere in the answer" });
  assertImage(reply, picture);
  assert.equal(reply.headers["x-seed"], undefined);
  await worker.stored(reply.headers["x-image-id"]);
  known += 1;
});
