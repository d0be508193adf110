/** What an owner sees, and the tokens that are no owner's, in workerd. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import parsePrometheus from "parse-prometheus-text-format";
import { assertError, assertRedirect } from "./support/assertions.mjs";
import { times } from "./support/http.mjs";
import { killWorkerd } from "./support/process.mjs";
import { ERRORS } from "./support/siliconflow.mjs";
import { startWorker, useStorage, useWorker } from "./support/worker.mjs";

const HOSTILE = 'a "friend" \\ of\nmine {x="y"} 猫';
const OWNER = "token-of-the-owner-Zq8";
const FRIEND = "token-of-a-friend-Xv4";
const TOKENS = JSON.stringify({
  me: { token: OWNER, owner: true },
  [HOSTILE]: { token: FRIEND, per_day: 7 },
});
const KEYS = "sk-one-qwertyuiop-aaaa,sk-two-asdfghjkl-bbbb,sk-three-zxcvbnm-cccc";
/** @type {Record<string, string | undefined>} */
const vars = { ACCESS_TOKENS: TOKENS, IMAGE_API_KEYS: KEYS, PROCESS_API_KEY: undefined };
const ROUTES = ["/v1/stats", "/metrics", "/v1/images"];

/** @param {string} token */
const by = (token) => ({ headers: { authorization: `Bearer ${token}` } });

describe("a token with a quota", () => {
  const worker = useWorker({ vars });

  test("has no picture more than that of 50 requests at once, and the owner sees which", async () => {
    worker.upstreams.expect({ image: 7, download: 7 });
    const replies = await times(50, (number) => worker.get("/", { prompt: `picture ${number}` }, by(FRIEND)));
    const made = replies.filter(({ status }) => status === 302);
    assert.equal(made.length, 7);
    for (const reply of replies.filter(({ status }) => status !== 302)) {
      assertError(reply, 429, "quota_exceeded");
      const seconds = Number(reply.headers["retry-after"]);
      assert.ok(seconds > 0 && seconds <= 86_400, `${seconds} s`);
    }
    assert.equal((await worker.send(made[0].target)).status, 200, "a stored picture is free");
    const { days } = (await worker.send("/v1/stats", by(OWNER))).json();
    assert.equal(days[0].made, 7);
    assert.deepEqual(days[0].tokens, { [HOSTILE]: 7 });
    assert.ok(days[0].p50_ms >= 0 && days[0].p95_ms >= days[0].p50_ms);
  });
});

describe("the owner's routes", () => {
  const worker = useWorker({ vars });

  test("are for an owner alone", async () => {
    for (const path of ROUTES) {
      for (const options of [{}, by(FRIEND), by("wrong"), by(OWNER.slice(0, -1)), by(`${OWNER}x`)]) {
        assertError(await worker.send(path, options), 401, "unauthorized");
      }
      const reply = await worker.send(path, { method: "POST", ...by(OWNER) });
      assert.equal(`${reply.status} ${reply.headers.allow}`, "405 GET, OPTIONS", path);
    }
    for (const [path, method] of [
      [`/i/${"A".repeat(43)}`, "DELETE"],
      ["/v1/sign", "POST"],
    ]) {
      assertError(await worker.send(path, { method, body: "{}", ...by(FRIEND) }), 401, "unauthorized");
    }
  });

  test("say how the keys stand, and no more of a key than its last four characters", async () => {
    worker.upstreams.expect({ image: [ERRORS.perMinute, 1, 1], download: 2 });
    for (const prompt of ["one", "two"]) assertRedirect(await worker.get("/", { prompt }, by(OWNER)));
    const reply = await worker.send("/v1/stats", by(OWNER));
    const { keys, days, warnings } = reply.json();
    assert.deepEqual(
      keys.map((/** @type {{name: string, state: string, today: number}} */ key) => [key.name, key.state, key.today]),
      [
        ["key 1 …aaaa", "cooling", 0],
        ["key 2 …bbbb", "ready", 1],
        ["key 3 …cccc", "ready", 1],
      ],
    );
    assert.equal(keys[0].last_error.code, "rate_limited");
    assert.ok(keys[0].until * 1_000 > Date.now() && keys[0].endpoint === "api.siliconflow.cn");
    assert.equal(days.length, 7);
    assert.equal(days[0].date, new Date().toISOString().slice(0, 10));
    assert.deepEqual(warnings, []);
    for (const path of ROUTES) {
      const { body, headers } = await worker.send(path, by(OWNER));
      const text = JSON.stringify(headers) + body.toString("utf8");
      for (const secret of [...KEYS.split(","), OWNER, FRIEND]) {
        assert.ok(!text.includes(secret.slice(-5)), `${secret} is in ${path}`);
      }
    }
  });

  test("have metrics that Prometheus reads, whatever a token's name", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    assertRedirect(await worker.get("/", { prompt: "three" }, by(FRIEND)));
    const reply = await worker.send("/metrics", by(OWNER));
    assert.equal(reply.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    const families = parsePrometheus(reply.body.toString("utf8"));
    for (const { name, help, type } of families) assert.ok(name.startsWith("free_flux_") && help && type === "GAUGE");
    /** @param {string} name */
    const samples = (name) => families.find((family) => family.name === `free_flux_${name}`)?.metrics ?? [];
    assert.deepEqual(samples("images"), [{ value: "3" }]);
    const tokens = samples("images_by_token").map(({ labels, value }) => [labels?.token, value]);
    assert.deepEqual(Object.fromEntries(tokens), { me: "2", [HOSTILE]: "1" });
    assert.equal(samples("key_images").length, 3);
    assert.equal(samples("key_state").length, 9);
    assert.equal(samples("making_seconds").length, 2);
  });

  test("list what KV has, page by page, and pass over what cannot be read", async () => {
    const library = await worker.library();
    await library.put(`image:v1:${"Z".repeat(42)}A`, "x", { metadata: { prompt: 5 } });
    await library.put("other:v1:x", "x");
    /** @type {string[]} */
    const seen = [];
    for (let cursor = ""; ; ) {
      const page = (await worker.get("/v1/images", { limit: "2", cursor }, by(OWNER))).json();
      seen.push(...page.images.map((/** @type {{prompt: string}} */ image) => image.prompt));
      if (!page.cursor) break;
      cursor = page.cursor;
    }
    assert.deepEqual(seen.sort(), ["one", "three", "two"]);
    const [image] = (await worker.get("/v1/images", {}, by(OWNER))).json().images;
    assert.equal((await worker.send(new URL(image.url).pathname)).status, 200);
    assert.ok(image.bytes > 0 && image.size === "512x512" && Math.abs(image.time - Date.now() / 1_000) < 60);
  });

  test("refuse a limit out of range and a cursor that is none", async () => {
    for (const limit of ["0", "101", "-1", "x"]) {
      assertError(await worker.get("/v1/images", { limit }, by(OWNER)), 400, "invalid_parameter");
    }
    for (const cursor of ["x", "AAAA", "eyJ", "AAAAAAAAAAAA.x"]) {
      assertError(await worker.get("/v1/images", { cursor }, by(OWNER)), 400, "invalid_parameter");
    }
  });
});

test("without KV the list is empty and says why", async (context) => {
  const worker = await startWorker({ vars, kv: false });
  context.after(() => worker.stop());
  const answer = (await worker.send("/v1/images", by(OWNER))).json();
  assert.deepEqual(answer.images, []);
  assert.match(answer.why, /FLUX_API/);
});

describe("hits", () => {
  const worker = useWorker({ vars, instrumented: true, analytics: true });

  test("are data points where the data set is bound, and cost nothing else", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    const made = await worker.get("/", { prompt: "seen" }, by(OWNER));
    const id = assertRedirect(made);
    await worker.stored(id);
    await worker.instruments.forget();
    for (const [path, headers] of /** @type {[string, Record<string, string>][]} */ ([
      ["/?prompt=seen", {}],
      [`/i/${id}.png`, { "if-none-match": `W/"${id}"` }],
      ["/", {}],
    ])) {
      await worker.send(path, { headers });
    }
    const points = [`hit ${id} HIT 200`, `hit ${id} HIT 304`];
    assert.deepEqual(await worker.instruments.operations(), [`get image:v1:${id}`, ...points]);
  });
});

describe("a restart", () => {
  const storage = useStorage();

  test("loses none of the counts that are a second old, and no quota", async () => {
    const first = await startWorker({ vars, storage: storage.folder });
    first.upstreams.expect({ image: 7, download: 7 });
    for (let number = 0; number < 7; number += 1) {
      assertRedirect(await first.get("/", { prompt: `counted ${number}` }, by(FRIEND)));
    }
    const before = (await first.send("/v1/stats", by(OWNER))).json();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    killWorkerd();
    await first.stop();

    const second = await startWorker({ vars, storage: storage.folder });
    try {
      const after = (await second.send("/v1/stats", by(OWNER))).json();
      assert.deepEqual(after.days, before.days);
      assert.equal(after.days[0].made, 7);
      assertError(await second.get("/", { prompt: "one more" }, by(FRIEND)), 429, "quota_exceeded");
    } finally {
      await second.stop();
    }
  });
});
