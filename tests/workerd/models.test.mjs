/** `GET /v1/models` and `/v1/models/{model}`. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertError } from "./support/assertions.mjs";
import { useWorker } from "./support/worker.mjs";

/** @param {string} id @param {string} owned_by */
const model = (id, owned_by) => ({ id, object: "model", created: 0, owned_by });

describe("the models of a service with no IMAGE_MODELS", () => {
  const worker = useWorker();
  const FLUX = model("black-forest-labs/FLUX.1-schnell", "black-forest-labs");
  const KOLORS = model("Kwai-Kolors/Kolors", "Kwai-Kolors");

  test("are the two defaults", async () => {
    const reply = await worker.get("/v1/models");
    assert.equal(reply.status, 200);
    assert.equal(reply.headers["access-control-allow-origin"], "*");
    assert.deepEqual(reply.json(), { object: "list", data: [FLUX, KOLORS] });
  });

  for (const path of [
    "/v1/models/Kwai-Kolors/Kolors",
    "/v1/models/Kwai-Kolors%2FKolors",
    "/v1/models/%4bwai-Kolors/Kolors",
  ]) {
    test(`are found one by one: ${path}`, async () => {
      assert.deepEqual((await worker.send(path)).json(), KOLORS);
    });
  }

  for (const path of ["/v1/models/Kolors", "/v1/models/%", "/v1/models/%ff", "/v1/models/a/b/c", "/v1/models/%20"]) {
    test(`are those alone: ${path}`, async () => {
      assertError(await worker.send(path), 404, "model_not_found", "model");
    });
  }

  test("are listed with a slash at the end, too, and named without regard to case", async () => {
    assert.equal((await worker.send("/v1/models/")).json().object, "list");
    for (const path of ["/v1/models/Kwai-Kolors/Kolors/", "/v1/models/kwai-kolors/kolors"]) {
      assert.deepEqual((await worker.send(path)).json(), KOLORS);
    }
  });

  test("are there for HEAD, without a body", async () => {
    for (const path of ["/v1/models", "/v1/models/Kwai-Kolors%2FKolors"]) {
      const reply = await worker.send(path, { method: "HEAD" });
      assert.deepEqual([reply.status, reply.body.length], [200, 0], path);
      assert.match(reply.headers["content-type"], /^application\/json/);
    }
  });

  test("are not written to", async () => {
    for (const method of ["POST", "PUT", "DELETE"]) {
      const reply = await worker.send("/v1/models", { method });
      assertError(reply, 405, "method_not_allowed", null);
      assert.equal(reply.headers.allow, "GET, HEAD, OPTIONS");
    }
  });
});

describe("a model that no endpoint has", () => {
  const worker = useWorker({
    vars: { IMAGE_MODELS: "cogview-3-flash,Kwai-Kolors/Kolors", PROCESS_API_KEY: undefined },
  });

  test("is neither listed nor found", async () => {
    const listed = (await worker.get("/v1/models")).json().data;
    assert.deepEqual(listed, [model("Kwai-Kolors/Kolors", "Kwai-Kolors")]);
    const message = assertError(await worker.get("/v1/models/cogview-3-flash"), 404, "model_not_found", "model");
    assert.doesNotMatch(message, /has: .*cogview/);
  });
});

describe("the models of a service whose IMAGE_MODELS is malformed", () => {
  const worker = useWorker({ vars: { IMAGE_MODELS: "," } });

  for (const path of ["/v1/models", "/v1/models/x", "/?prompt=cat", "/?prompt=cat&model=x"]) {
    test(`are not said to be none: ${path}`, async () => {
      const reply = await worker.send(path);
      assertError(reply, 500, "misconfigured", null);
      assert.match(reply.json().error.message, /IMAGE_MODELS/);
    });
  }
});

describe("the models of a service that no image can be made by", () => {
  const worker = useWorker({
    vars: { IMAGE_API_KEYS: undefined, IMAGE_MODELS: " mine , theirs/too,, ", DEFAULT_SIZE: "huge" },
  });

  test("are listed all the same, the default first", async () => {
    const { data } = (await worker.get("/v1/models")).json();
    assert.deepEqual(data, [model("mine", "free-flux-api"), model("theirs/too", "theirs")]);
  });
});
