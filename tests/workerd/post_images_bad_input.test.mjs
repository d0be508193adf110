/** Whatever is posted: the contract's error, which names the field, and no upstream is called. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { assertError } from "./support/assertions.mjs";
import { useWorker } from "./support/worker.mjs";

const worker = useWorker({ vars: { ACCESS_TOKENS: "token-01", URL_SIGNING_KEY: "signing-key-0123" } });
const AUTHORIZED = { authorization: "Bearer token-01" };

const IMAGES = "/v1/images/generations";
const CHAT = "/v1/chat/completions";
const RESPONSES = "/v1/responses";
const PROMPT = "/v1/prompt";
const SIGN = "/v1/sign";

/** @param {string} path @param {string | Buffer} body */
const send = (path, body, headers = {}) =>
  worker.send(path, { method: "POST", headers: { ...AUTHORIZED, ...headers }, body });
/** @param {string} body */
const shown = (body) => (body.length > 80 ? `${body.slice(0, 60)}… (${body.length})` : body);

/** An object that holds an object that holds an object … @param {number} depth */
const nested = (depth, inner = "1") => `${'{"a":'.repeat(depth)}${inner}${"}".repeat(depth)}`;

describe("a body that is no JSON object", () => {
  const bodies = [
    undefined,
    "",
    " ",
    "{",
    "[]",
    '"text"',
    "7",
    "null",
    "true",
    "prompt=a+cat",
    "<html>",
    '{"prompt":"a cat"',
    '{"prompt":"a cat"}}',
    "{'prompt':'a cat'}",
    '{"prompt":"a cat",}',
    '\ufeff{"prompt":"a cat"}x',
    '\ufeff\ufeff{"prompt":"a cat"}',
    '{"prompt":"a\u0000cat"}',
    '{"prompt":NaN}',
    "[".repeat(5_000),
    '{"a":'.repeat(5_000),
    nested(1_000),
    `{"a":[${"[],".repeat(1_000)}`,
    `{"prompt":"a cat","a":${nested(5_000)}}`,
  ];
  for (const path of [IMAGES, "/v1/image/generations", CHAT, RESPONSES, PROMPT, SIGN]) {
    test(`is invalid_json at ${path}`, async () => {
      for (const body of bodies) {
        const reply = await send(path, body ?? "");
        assert.equal(`${reply.status} ${reply.headers["x-error-code"]}`, "400 invalid_json", shown(body ?? "none"));
        assertError(reply, 400, "invalid_json", null);
      }
    });

    test(`is invalid_json at ${path} where it is not UTF-8`, async () => {
      assertError(await send(path, Buffer.from('{"prompt":"\xff\xfe"}', "latin1")), 400, "invalid_json", null);
    });

    const limit = [CHAT, RESPONSES].includes(path) ? 4 * 1024 * 1024 : 64 * 1024;
    test(`of ${limit} bytes and one is body_too_large at ${path}, and one of ${limit} is read`, async () => {
      /** @param {number} size */
      const padded = (size) => `{"a":"${"x".repeat(size - 8)}"}`;
      assertError(await send(path, padded(limit + 1)), 413, "body_too_large", null);
      assert.equal((await send(path, padded(limit))).status, 400);
      const chunked = await worker.send(path, {
        method: "POST",
        headers: { ...AUTHORIZED, "transfer-encoding": "chunked" },
        body: padded(limit * 2),
      });
      assertError(chunked, 413, "body_too_large", null);
    });

    test(`is unsupported_media_type at ${path} where it is a form with files`, async () => {
      for (const type of ["multipart/form-data; boundary=x", "Multipart/Form-Data"]) {
        assertError(
          await send(path, '{"prompt":"a cat"}', { "content-type": type }),
          415,
          "unsupported_media_type",
          null,
        );
      }
    });
  }
});

describe("a field of an image", () => {
  const TEXT = [7, true, [], {}, ["a cat"]];
  const NUMBER = ["many", "7 7", true, [], {}, [7]];
  const wrong = {
    prompt: TEXT,
    model: TEXT,
    negative_prompt: [...TEXT, "x".repeat(2_001)],
    size: [...TEXT, 512, "5:4", "512", "512x", "63x64", "64x2049", "-64x64", "512x512x512", "large", "0x0"],
    image_size: [...TEXT, "512", "4096x4096", "2:1"],
    response_format: [...TEXT, "b64", "URL", "jpeg"],
    seed: ["7.5", "-2", true, [], {}, 1.5, -2, 10_000_000_000, 1e30, "any"],
    n: [...NUMBER, 0, 11, -1, 1.5, 1e9, "0", "11"],
    batch_size: [...NUMBER, 0, 11, 100],
    steps: [...NUMBER, 0, 101, -1, 2.5, "2.5", "101"],
    num_inference_steps: [...NUMBER, 0, 101],
    guidance: [...NUMBER, -0.1, 20.1, 1e300, "20.1"],
    guidance_scale: [...NUMBER, -1, 21],
    optimization: [7, [], {}, "maybe"],
    enhance: [7, [], {}, "maybe"],
    prompt_enhancement: [7, [], {}, "maybe"],
    stream: [7, [], {}, "maybe"],
  };
  test("is in openapi.json where it is tried here, and the other way round", async () => {
    const { components } = JSON.parse(await readFile(new URL("../../assets/openapi.json", import.meta.url), "utf8"));
    const tried = [...Object.keys(wrong), "width", "height"];
    assert.deepEqual(Object.keys(components.schemas.ImagesRequest.properties).sort(), tried.sort());
  });

  for (const [name, values] of Object.entries(wrong)) {
    test(`\`${name}\` of the wrong type, or out of range, is named`, async () => {
      for (const value of values) {
        const reply = await send(IMAGES, JSON.stringify({ prompt: "a cat", [name]: value }));
        assert.equal(
          `${reply.status} ${reply.headers["x-error-code"]}`,
          "400 invalid_parameter",
          `${JSON.stringify(value)}: ${reply.text()}`,
        );
        assertError(reply, 400, "invalid_parameter", name);
      }
    });
  }

  test("`width` and `height` that are wrong, or alone, are named", async () => {
    for (const [sides, name] of /** @type {[object, string][]} */ ([
      [{ width: 512 }, "height"],
      [{ height: "512" }, "width"],
      [{ width: 63, height: 64 }, "width"],
      [{ width: 64, height: "64.5" }, "height"],
      [{ width: {}, height: 64 }, "width"],
    ])) {
      assertError(await send(IMAGES, JSON.stringify({ prompt: "a cat", ...sides })), 400, "invalid_parameter", name);
    }
  });

  test("`prompt` that is missing, null or blank is missing_prompt", async () => {
    for (const body of [{}, { prompt: null }, { prompt: "" }, { prompt: " \n\u3000" }]) {
      assertError(await send(IMAGES, JSON.stringify(body)), 400, "missing_prompt", "prompt");
    }
  });

  test("`prompt` has at most 2,000 characters, whatever they are", async () => {
    for (const character of ["a", "长", "😀", "é"]) {
      const reply = await send(IMAGES, JSON.stringify({ prompt: character.repeat(2_001) }));
      assertError(reply, 400, "invalid_parameter", "prompt");
    }
  });

  test("`model` that is not on offer is model_not_found", async () => {
    for (const model of ["flux", "dall-e", "gpt-image", "gpt-4o", "black-forest-labs/FLUX.1"]) {
      assertError(await send(IMAGES, JSON.stringify({ prompt: "a cat", model })), 404, "model_not_found", "model");
    }
  });

  for (const [one, other, values] of /** @type {[string, string, unknown[]][]} */ ([
    ["n", "batch_size", [1, 2]],
    ["size", "image_size", ["512x512", "512x768"]],
    ["steps", "num_inference_steps", [4, 5]],
    ["guidance", "guidance_scale", [1, 1.5]],
    ["optimization", "prompt_enhancement", [true, "0"]],
    ["optimization", "enhance", [true, "0"]],
  ])) {
    test(`\`${one}\` and \`${other}\` that disagree (${values.join(", ")}) are an error that names both`, async () => {
      const reply = await send(IMAGES, JSON.stringify({ prompt: "a cat", [one]: values[0], [other]: values[1] }));
      const message = assertError(reply, 400, "invalid_parameter");
      assert.ok([one, other].includes(reply.json().error.param), reply.text());
      assert.ok(message.includes(one) && message.includes(other), message);
    });
  }
});

describe("a chat's field", () => {
  /** @param {unknown} content */
  const user = (content) => [{ role: "user", content }];
  for (const [what, body, code] of /** @type {[string, object, string][]} */ ([
    ["`messages` that is missing", {}, "missing_prompt"],
    ["`messages` of null", { messages: null }, "missing_prompt"],
    ["`messages` with nobody in it", { messages: [] }, "missing_prompt"],
    [
      "`messages` without a user's",
      {
        messages: [
          { role: "system", content: "draw" },
          { role: "assistant", content: "what?" },
        ],
      },
      "missing_prompt",
    ],
    ["a blank message", { messages: user("  ") }, "missing_prompt"],
    ["a message of a size alone, behind a blank", { messages: user(" , 512x512") }, "missing_prompt"],
    ["a message of no parts", { messages: user([]) }, "missing_prompt"],
    [
      "a message of images alone",
      { messages: user([{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }]) },
      "missing_prompt",
    ],
    [
      "parts without a type or a text",
      { messages: user([{}, { type: "text" }, { type: "text", text: 7 }, 7, null]) },
      "missing_prompt",
    ],
    ["a blank last message behind a good one", { messages: [...user("a cat"), ...user("")] }, "missing_prompt"],
    ["`messages` of text", { messages: "a cat" }, "invalid_parameter"],
    ["`messages` of one message", { messages: { role: "user", content: "a cat" } }, "invalid_parameter"],
    ["a message that is text", { messages: ["a cat"] }, "invalid_parameter"],
    ["a message without a role", { messages: [{ content: "a cat" }, ...user("a cat")] }, "invalid_parameter"],
    ["a role that is no text", { messages: [{ role: 7, content: "a cat" }] }, "invalid_parameter"],
    ["content that is missing", { messages: [{ role: "user" }] }, "invalid_parameter"],
    ["content of null", { messages: user(null) }, "invalid_parameter"],
    ["content that is a number", { messages: user(7) }, "invalid_parameter"],
    ["content that is an object", { messages: user({ type: "text", text: "a cat" }) }, "invalid_parameter"],
    ["a message of 2,001 characters", { messages: user("长".repeat(2_001)) }, "invalid_parameter"],
  ])) {
    test(`${what} is ${code}`, async () => {
      assertError(await send(CHAT, JSON.stringify(body)), 400, code, "messages");
    });
  }

  test("`stream` that is no boolean is named", async () => {
    for (const stream of ["maybe", 7, [], {}]) {
      assertError(
        await send(CHAT, JSON.stringify({ stream, messages: user("a cat") })),
        400,
        "invalid_parameter",
        "stream",
      );
    }
  });
});

describe("a field of what is to be signed", () => {
  const urls = [
    undefined,
    null,
    7,
    {},
    [],
    "https://other.example/?prompt=cat",
    "//other.example/?prompt=cat",
    "http://[",
    "data:image/png,x",
    "/gui/",
    "/i/x",
    "/v1/models",
    "/prompt",
    "/health?prompt=cat",
    "https://127.0.0.1/?prompt=cat",
    "javascript:alert(1)",
  ];
  for (const url of urls) {
    test(`\`url\` of ${JSON.stringify(url)} is named`, async () => {
      assertError(await send(SIGN, JSON.stringify({ url })), 400, "invalid_parameter", "url");
    });
  }

  test("`expires_in` that is no time is named", async () => {
    for (const expires_in of ["soon", true, 0, -1, 1.5, 1e12, [], {}]) {
      const reply = await send(SIGN, JSON.stringify({ url: "/?prompt=cat", expires_in }));
      assertError(reply, 400, "invalid_parameter", "expires_in");
    }
  });
});

test("an error under /v1/ is JSON for a browser too", async () => {
  for (const accept of ["image/*", "text/html,*/*;q=0.8"]) {
    assertError(await send(IMAGES, "{}", { accept }), 400, "missing_prompt", "prompt");
  }
});
