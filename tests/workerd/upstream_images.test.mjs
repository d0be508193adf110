/** The images that an upstream may give, and how much of its answer goes on to the caller. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, json, unmeasured } from "./support/answers.mjs";
import { assertError, assertImage } from "./support/assertions.mjs";
import { png } from "./support/images.mjs";
import { ONE_MODEL, useWorker } from "./support/worker.mjs";

// Of several models, one whose images cannot be used is not asked for a while.
const worker = useWorker({ vars: ONE_MODEL });

/** An answer whose image has this address. @param {string} url */
const at = (url) => json({ images: [{ url }], timings: { inference: 0.4 } });

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
for (const [what, body, type] of [
  ["an SVG", SVG, "image/svg+xml"],
  ["an SVG that is called a PNG", `<?xml version="1.0"?>${SVG}`, "image/png"],
  ["a page", "<!doctype html><script>alert(1)</script>", "image/jpeg"],
  ["a script", "alert(1)", "image/png"],
  ["nothing", "", "image/png"],
]) {
  test(`${what} is no image`, async () => {
    const { siliconflow } = worker.upstreams;
    worker.upstreams.expect({ image: Array(2).fill(siliconflow.draws(Buffer.from(body), type)), download: 2 });
    assertError(await worker.get("/", { prompt: `drawn: ${what}` }), 502, "upstream_error");
  });
}

test("an SVG in base64, or in a data: address, is no image either", async () => {
  const base64 = Buffer.from(SVG).toString("base64");
  for (const [number, item] of [
    { b64_json: base64 },
    { url: `data:image/svg+xml;base64,${base64}` },
    { url: `data:image/svg+xml,${SVG}` },
  ].entries()) {
    worker.upstreams.reset();
    worker.upstreams.expect({ image: Array(2).fill(json({ data: [item] })) });
    assertError(await worker.get("/", { prompt: `in base64 ${number}` }), 502, "upstream_error");
    worker.upstreams.check();
  }
});

test("an image is what its bytes are, whatever the upstream calls it, and brings no header along", async () => {
  const image = png(64, 64);
  const url = "https://cdn.example.com/called-a-page";
  const headers = {
    "set-cookie": "a=b",
    "x-evil": "1",
    "content-disposition": "attachment; filename=a.html",
    refresh: "0;url=https://evil.test",
  };
  worker.upstreams.at(url).expect(bytes(image, "text/html", { headers }));
  worker.upstreams.expect({ image: [at(url)] });
  const reply = await worker.image({ prompt: "called a page" });
  assertImage(reply, image);
  assert.match(reply.headers["content-disposition"], /^inline; filename="called-a-page-.{8}\.png"$/u);
  delete reply.headers["content-disposition"];
  for (const name of Object.keys(headers)) assert.equal(reply.headers[name], undefined, name);
});

test("an image of more than 20 MiB is not taken, also where it does not say how long it is", async () => {
  const url = "https://cdn.example.com/long-and-unsaid";
  const long = Buffer.concat([png(64, 64), Buffer.alloc(20 * 1024 * 1024)]);
  const answer = unmeasured(bytes(long, "image/png"));
  worker.upstreams.at(url).expect(...Array(4).fill(answer));
  worker.upstreams.expect({ image: Array(2).fill(at(url)) });
  assertError(await worker.get("/", { prompt: "without a length" }), 502, "upstream_error");
});
