/** Bodies that cost more than they are worth: in pieces of a byte, of very many values, without an end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, json, trickle } from "./support/answers.mjs";
import { assertError, assertImage } from "./support/assertions.mjs";
import { png } from "./support/images.mjs";
import { useWorker } from "./support/worker.mjs";

const worker = useWorker({ vars: { GENERATION_TIMEOUT: "4" } });

/** Sends a body in chunks of one byte. @param {object} body */
const postByteByByte = (body) =>
  worker.send("/v1/images/generations", { method: "POST", body: JSON.stringify(body), bytewise: true });

test("a body in chunks of one byte is read as any other", async () => {
  worker.upstreams.expect({ image: 1, download: 1 });
  const start = Date.now();
  const reply = await postByteByByte({ prompt: "byte by byte", user: "x".repeat(60_000) });
  assert.equal(reply.status, 200, reply.text());
  assert.ok(Date.now() - start < 10_000, `${Date.now() - start} ms`);
  assertError(await postByteByByte({ prompt: "x".repeat(70_000) }), 413, "body_too_large");
});

test("of a body of very many values only so many are kept, and one that is nested very deep is refused", async () => {
  const many = `{"prompt":"","y":[${"0,".repeat(30_000)}0]}`;
  assertError(await worker.send("/v1/images/generations", { method: "POST", body: many }), 400, "missing_prompt");
  const deep = `{"prompt":"x","y":${"[".repeat(1_000)}${"]".repeat(1_000)}}`;
  assertError(await worker.send("/v1/images/generations", { method: "POST", body: deep }), 400, "invalid_json");
});

test("an answer of very many values is none", async () => {
  const { siliconflow } = worker.upstreams;
  const many = bytes(`{"images":[${"{},".repeat(9_000_000)}{}]}`, "application/json");
  siliconflow.expect(many, many);
  assertError(await worker.get("/", { prompt: "very many" }), 502, "upstream_error");
});

test("an image that trickles ends with the deadline", async () => {
  const url = "https://cdn.example.com/drop-by-drop";
  worker.upstreams.at(url).allow(trickle(bytes(png(64, 64), "image/png")));
  worker.upstreams.siliconflow.allow(json({ images: [{ url }] }));
  const start = Date.now();
  const reply = await worker.get("/", { prompt: "drop by drop" });
  assert.ok([502, 504].includes(reply.status), `${reply.status}`);
  assert.ok(Date.now() - start < 6_000, `${Date.now() - start} ms`);
});

test("an image in one piece after many small ones is whole", async () => {
  const image = png(64, 64);
  worker.upstreams.expect({ image: [worker.upstreams.siliconflow.draws(image, "image/png")], download: 1 });
  assertImage(await worker.image({ prompt: "whole" }), image);
});
