/** `POST /mcp`: the Model Context Protocol, as a client of either era speaks it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ID } from "./support/assertions.mjs";
import { useWorker } from "./support/worker.mjs";

/** @import { TestWorker } from "./support/worker.mjs" */

const MODERN = "2026-07-28";
const ACCEPT = { accept: "application/json, text/event-stream", "content-type": "application/json" };

/**
 * @param {TestWorker} worker
 * @param {string} method
 * @param {Record<string, unknown>} [params]
 * @param {Record<string, string>} [headers]
 */
const call = (worker, method, params = {}, headers = {}) =>
  worker.send("/mcp", {
    method: "POST",
    headers: { ...ACCEPT, ...headers },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });

/** @param {Record<string, unknown>} args @param {Record<string, unknown>} [more] */
const generate = (args, more) => ({ name: "generate_image", arguments: args, ...more });

/** The messages of an event stream. @param {string} text */
const messages = (text) =>
  text
    .split("\n\n")
    .filter((event) => event.startsWith("event: message\n"))
    .map((event) => JSON.parse(event.slice(event.indexOf("data: ") + 6)));

describe("an open service", () => {
  const worker = useWorker();

  test("a legacy client begins, lists the tools and has a picture drawn once", async () => {
    const begun = (await call(worker, "initialize", { protocolVersion: "2025-06-18", capabilities: {} })).json();
    assert.equal(begun.result.protocolVersion, "2025-06-18");
    const headers = { "mcp-protocol-version": "2025-06-18" };
    const initialized = JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" });
    const noted = await worker.send("/mcp", { method: "POST", headers: { ...ACCEPT, ...headers }, body: initialized });
    assert.deepEqual([noted.status, noted.text()], [202, ""]);
    const { tools } = (await call(worker, "tools/list", {}, headers)).json().result;
    assert.deepEqual(
      tools.map((/** @type {{name: string}} */ tool) => tool.name),
      ["generate_image", "list_models"],
    );
    worker.upstreams.expect({ image: 1, download: 1 });
    const { result } = (await call(worker, "tools/call", generate({ prompt: "a fox", seed: 7 }), headers)).json();
    const facts = result.structuredContent;
    assert.match(facts.id, ID);
    assert.equal(facts.url, `${worker.origin}/i/${facts.id}.png`);
    assert.deepEqual(
      result.content.map((/** @type {{type: string}} */ block) => block.type),
      ["text", "text", "resource_link", "image"],
    );
    const again = (await call(worker, "tools/call", generate({ prompt: "a fox", seed: 7 }), headers)).json();
    assert.deepEqual(again.result.structuredContent, { ...facts, cached: true });
    const picture = await worker.send(new URL(facts.url).pathname);
    assert.equal(picture.body.toString("base64"), result.content[3].data);
  });

  test("a modern client needs no beginning, and its headers agree", async () => {
    const params = {
      _meta: {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    };
    const headers = { "mcp-protocol-version": MODERN, "mcp-method": "server/discover" };
    const reply = await call(worker, "server/discover", params, headers);
    assert.deepEqual([reply.status, reply.headers["content-type"]], [200, "application/json"]);
    assert.ok(reply.json().result.supportedVersions.includes(MODERN));
    assert.equal(reply.json().result.resultType, "complete");
    const wrong = await call(worker, "tools/list", params, headers);
    assert.deepEqual([wrong.status, wrong.json().error.code], [400, -32020]);
  });

  test("progress comes as events before the result", async () => {
    worker.upstreams.expect({ image: 1, download: 1 });
    const reply = await call(worker, "tools/call", generate({ prompt: "a cat" }, { _meta: { progressToken: "t" } }));
    assert.match(reply.headers["content-type"], /^text\/event-stream/);
    const all = messages(reply.text());
    const last = all.pop();
    assert.deepEqual([last.id, last.result.isError], [1, false]);
    for (const { method, params } of all) {
      assert.deepEqual([method, params.progressToken], ["notifications/progress", "t"]);
    }
  });

  test("a message that is none, too long, or one of many is refused, however it comes", async () => {
    const ping = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
    const long = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping", params: { x: "x".repeat(65_536) } });
    for (const [body, status, code] of /** @type {[string, number, number][]} */ ([
      ["", 400, -32700],
      [ping.slice(0, -1), 400, -32700],
      [ping + ping, 400, -32700],
      [`[${ping},${ping}]`, 400, -32600],
      [long, 413, -32600],
    ])) {
      for (const bytewise of [false, true]) {
        const reply = await worker.send("/mcp", { method: "POST", headers: ACCEPT, body, bytewise });
        assert.deepEqual([reply.status, reply.json().error.code], [status, code], body.slice(0, 60));
      }
    }
    const whole = await worker.send("/mcp", { method: "POST", headers: ACCEPT, body: ping, bytewise: true });
    assert.deepEqual(whole.json(), { jsonrpc: "2.0", id: 1, result: {} });
  });

  test("other methods, pages elsewhere and other hosts are refused", async () => {
    for (const method of ["GET", "DELETE"]) {
      const reply = await worker.send("/mcp", { method });
      assert.deepEqual([reply.status, reply.headers.allow], [405, "POST, OPTIONS"]);
    }
    for (const [headers, status] of /** @type {[Record<string, string>, number][]} */ ([
      [{ origin: "http://localhost:6274" }, 200],
      [{ origin: "https://evil.example" }, 403],
      [{ host: "evil.example" }, 403],
      [{ host: "localhost:8787" }, 200],
    ])) {
      assert.equal((await call(worker, "ping", {}, headers)).status, status, JSON.stringify(headers));
    }
  });
});

describe("a service with tokens", () => {
  const worker = useWorker({ vars: { ACCESS_TOKENS: "token-of-the-owner" } });

  test("the tools are listed for anybody, and drawing needs a token", async () => {
    assert.equal((await call(worker, "tools/list")).json().result.tools.length, 2);
    const refused = (await call(worker, "tools/call", generate({ prompt: "a dog" }))).json().result;
    assert.equal(refused.isError, true);
    assert.match(refused.content[0].text, /^unauthorized: /);
    worker.upstreams.expect({ image: 1, download: 1 });
    const authorized = { authorization: "Bearer token-of-the-owner" };
    const drawn = (await call(worker, "tools/call", generate({ prompt: "a dog" }), authorized)).json().result;
    assert.equal(drawn.isError, false);
  });
});
