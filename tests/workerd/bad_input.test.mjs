/** Whatever a caller sends: the contract's error, and no upstream is called. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { assertError } from "./support/assertions.mjs";
import { path } from "./support/http.mjs";
import { useWorker } from "./support/worker.mjs";
/** @import { Parameters } from "./support/http.mjs" */

const worker = useWorker();

afterEach(async () => {
  const { keys } = await (await worker.library()).list();
  assert.deepEqual(keys, [], "something was stored");
});

for (const blank of ["", "+", "%20%20", "%0A%0D%09", "%E3%80%80", "%C2%A0"]) {
  test(`a prompt of “${blank}” is blank`, async () => {
    assertError(await worker.send(`/?prompt=${blank}`), 400, "missing_prompt", "prompt");
  });
}

test("a prompt without a value is blank", async () => {
  assertError(await worker.send("/?prompt"), 400, "missing_prompt", "prompt");
  assertError(await worker.send("/?prompt&size=64x64"), 400, "missing_prompt", "prompt");
});

for (const size of [
  "512",
  "x",
  "512x",
  "x512",
  "63x64",
  "64x63",
  "2049x64",
  "64x2049",
  "0x0",
  "-512x512",
  "512x-512",
  "+512x512",
  "512.5x512",
  "1e3x512",
  "512x512x512",
  "512,512",
  "512x512px",
  "0x200x200",
  "99999999999999999999x512",
  "５１２x５１２",
  "auto",
  "512 512",
  "‏512x512",
]) {
  test(`size=${size} is no size`, async () => {
    const message = assertError(await worker.get("/", { prompt: "cat", size }), 400, "invalid_parameter", "size");
    assert.ok(message.includes(size), message);
  });
}

for (const [parameters, param] of /** @type {[Parameters, string[]][]} */ ([
  [{ width: "512" }, ["width", "height"]],
  [{ height: "512" }, ["width", "height"]],
  [{ width: "63", height: "64" }, ["width"]],
  [{ width: "64", height: "2049" }, ["height"]],
  [{ width: "abc", height: "512" }, ["width"]],
  [{ size: "512x512", width: "512", height: "512" }, ["width", "height", "size"]],
  [{ size: "512x512", width: "512" }, ["width", "size"]],
  [{ size: "512x512", height: "512" }, ["height", "size"]],
])) {
  test(`${path("", parameters).slice(1)} is an error that names one of them`, async () => {
    const reply = await worker.get("/", { prompt: "cat", ...parameters });
    assertError(reply, 400, "invalid_parameter");
    assert.ok(param.includes(reply.json().error.param), reply.text());
  });
}

for (const [name, values] of /** @type {[string, string[]][]} */ ([
  ["optimization", ["2", "maybe", "truely", "开"]],
  ["enhance", ["2", "maybe"]],
  ["seed", ["-2", "10000000000", "1.5", "1e3", "abc", "0x10", "99999999999999999999999"]],
  ["steps", ["0", "101", "-1", "1.5", "abc", "1e1"]],
  ["guidance", ["-0.1", "20.1", "abc", "NaN", "inf", "Infinity", "1,5"]],
  ["refresh", ["maybe"]],
])) {
  for (const value of values) {
    test(`${name}=${value} is refused, and not clamped`, async () => {
      const message = assertError(
        await worker.get("/", { prompt: "cat", [name]: value }),
        400,
        "invalid_parameter",
        name,
      );
      assert.ok(message.includes(value), message);
    });
  }
}

for (const model of [
  "turbo",
  "FLUX.1-schnell",
  "black-forest-labs/flux.1-schnel",
  "black-forest-labs/FLUX.1-schnell/",
  "../x",
]) {
  test(`model=${model} is not on offer`, async () => {
    assertError(await worker.get("/", { prompt: "cat", model }), 404, "model_not_found", "model");
  });
}

test("a prompt of 2,001 characters is too long, whatever they are", async () => {
  for (const character of ["a", "长", "😀"]) {
    assertError(await worker.get("/", { prompt: character.repeat(2_001) }), 400, "invalid_parameter", "prompt");
    assertError(
      await worker.get("/", { prompt: "cat", negative_prompt: character.repeat(2_001) }),
      400,
      "invalid_parameter",
      "negative_prompt",
    );
  }
});

for (const broken of [
  "%",
  "%4",
  "100%",
  "%zz",
  "%u732B",
  "%ff",
  "%e7%8c",
  "%c0%af",
  "%ed%a0%80",
  "%f8%88%80%80%80",
  "a%00b%",
  "%-1",
]) {
  test(`prompt=${broken} is not percent-encoded UTF-8`, async () => {
    assertError(await worker.send(`/?prompt=${broken}`), 400, "invalid_parameter", "prompt");
    assertError(await worker.send(`/prompt/${broken}`), 400, "invalid_parameter", "prompt");
  });

  test(`negative_prompt=${broken} is not either`, async () => {
    assertError(
      await worker.send(`/?prompt=cat&negative_prompt=${broken}`),
      400,
      "invalid_parameter",
      "negative_prompt",
    );
  });
}

test("nothing that a caller typed starts a header of its own", async () => {
  const typed = "x\r\nX-Injected: 1\r\nSet-Cookie: a=b\r\n\r\n<html>";
  for (const parameters of [
    { prompt: "cat", model: typed },
    { prompt: "cat", size: typed },
    { prompt: "cat", seed: typed },
  ]) {
    const { headers } = await worker.get("/", parameters);
    assert.deepEqual([headers["x-injected"], headers["set-cookie"]], [undefined, undefined]);
  }
});
