/** The official clients of the Model Context Protocol, of either era. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ID } from "../workerd/support/assertions.mjs";
import { held } from "../workerd/support/answers.mjs";
import { noisePng } from "../workerd/support/images.mjs";
import { ERRORS } from "../workerd/support/siliconflow.mjs";
import { ONE_MODEL, useWorker } from "../workerd/support/worker.mjs";
import { CLIENTS } from "./support/mcp_clients.mjs";
import { drawn, fetched, ONE } from "./support/pictures.mjs";

/** @import { TestWorker } from "../workerd/support/worker.mjs" */
/** @import { Connected, McpClient } from "./support/mcp_clients.mjs" */

const TOKEN = "token-of-the-owner";

/** The longest base64 of an image block: clients cut longer results. */
const LONGEST_BASE64 = 100_000;

/** The kinds of a result's blocks. @param {{content: {type: string}[]}} result */
const kinds = ({ content }) => content.map(({ type }) => type);

/**
 * A test with a client of its own.
 *
 * @param {McpClient} client
 * @param {TestWorker} worker
 * @param {Record<string, string>} headers
 */
const testWith =
  (client, worker, headers = {}) =>
  (/** @type {string} */ name, /** @type {(connected: Connected) => Promise<void>} */ run) =>
    test(name, async () => {
      const connected = await client.connect(worker.origin, headers);
      try {
        await run(connected);
      } finally {
        await connected.close();
      }
    });

/** @param {any} result @returns {string} what the client's model reads of a call that failed */
function failure(result) {
  assert.equal(result.isError, true, JSON.stringify(result).slice(0, 300));
  assert.deepEqual(kinds(result), ["text"]);
  return result.content[0].text;
}

for (const client of CLIENTS) {
  describe(client.name, () => {
    describe("at a service that is open", () => {
      const worker = useWorker();
      const testOpen = testWith(client, worker);

      testOpen("agrees on its version, and lists the tools", async ({ version, tools }) => {
        assert.equal(version(), client.version);
        assert.deepEqual(
          (await tools()).map(({ name }) => name),
          ["generate_image", "list_models"],
        );
      });

      testOpen("has a picture drawn, which /?prompt= has as well, for one call of the upstream", async (connected) => {
        await connected.tools(); // from then on it holds results to the tool's schema
        worker.upstreams.expect(ONE);
        const result = await connected.call("generate_image", { prompt: "a red fox", size: "512x384", seed: 7 });
        assert.ok(!result.isError, JSON.stringify(result).slice(0, 300));
        assert.deepEqual(kinds(result), client.blocks);
        const facts = result.structuredContent;
        assert.match(facts.id, ID);
        assert.equal(facts.url, `${worker.origin}/i/${facts.id}.png`);
        assert.equal(facts.markdown, `![a red fox](${facts.url})`);
        assert.deepEqual([facts.width, facts.height, facts.seed, facts.cached], [512, 384, 7, false]);
        const { content } = result;
        assert.ok(content[0].text.startsWith(`${facts.markdown}\n`), content[0].text);
        assert.deepEqual(JSON.parse(content[1].text), facts);
        const link = content.find((/** @type {{type: string}} */ { type }) => type === "resource_link");
        if (link) assert.deepEqual([link.uri, link.mimeType], [facts.url, "image/png"]);
        assert.deepEqual(Buffer.from(content.at(-1).data, "base64"), drawn(worker));
        assert.deepEqual(await fetched(facts.url), drawn(worker));

        const { headers } = await worker.image({ prompt: "a red fox", size: "512x384", seed: "7" });
        assert.equal(headers["x-image-id"], facts.id);
        const again = await connected.call("generate_image", { prompt: "a red fox", size: "512x384", seed: 7 });
        assert.deepEqual(again.structuredContent, { ...facts, cached: true });
      });

      testOpen("is given what /?prompt= had drawn", async ({ call }) => {
        worker.upstreams.expect(ONE);
        const { headers } = await worker.image({ prompt: "a dog" });
        const { structuredContent: facts } = await call("generate_image", { prompt: "a dog" });
        assert.deepEqual([facts.id, facts.cached], [headers["x-image-id"], true]);
      });

      testOpen("gets no image block where the picture is large", async ({ call }) => {
        const large = noisePng(256, 128);
        assert.ok(large.toString("base64").length > LONGEST_BASE64);
        worker.upstreams.expect({ image: [worker.upstreams.siliconflow.draws(large)], download: 1 });
        const result = await call("generate_image", { prompt: "a large picture" });
        assert.deepEqual(
          kinds(result),
          client.blocks.filter((kind) => kind !== "image"),
        );
        assert.deepEqual(await fetched(result.structuredContent.url), large);
      });

      testOpen("hears of progress before the picture is there, in numbers that increase", async ({ call }) => {
        const { answer, release } = held((of) => worker.upstreams.siliconflow.ordinary(of));
        worker.upstreams.expect({ image: [answer], download: 1 });
        /** @type {number[]} */
        const told = [];
        const result = await call(
          "generate_image",
          { prompt: "a slow fox" },
          {
            // The picture waits for the first news of it.
            onprogress: ({ progress }) => {
              told.push(progress);
              release();
            },
          },
        );
        assert.ok(!result.isError, JSON.stringify(result).slice(0, 300));
        assert.ok(told.length > 0);
        assert.deepEqual(
          told,
          [...new Set(told)].sort((a, b) => a - b),
        );
      });

      testOpen("leaves, and the picture is there when it comes again, paid for once", async ({ call }) => {
        for (const onprogress of [undefined, () => {}]) {
          const { answer, release } = held((of) => worker.upstreams.siliconflow.ordinary(of));
          worker.upstreams.expect({ image: [answer], download: 1 });
          const args = { prompt: `a fox that is left ${onprogress ? "in a stream" : "alone"}` };
          const before = worker.upstreams.counts.image;
          const leaving = new AbortController();
          const left = call("generate_image", args, { signal: leaving.signal, onprogress });
          await Promise.all([
            assert.rejects(left),
            worker.upstreams.siliconflow.called(before + 1).then(() => leaving.abort()),
          ]);
          release();
          const result = await call("generate_image", args);
          assert.ok(!result.isError, JSON.stringify(result).slice(0, 300));
          assert.deepEqual(await fetched(result.structuredContent.url), drawn(worker));
        }
      });

      testOpen("reads what is wrong with its arguments", async ({ call }) => {
        assert.match(failure(await call("generate_image", {})), /^missing_prompt: /);
        assert.match(failure(await call("generate_image", { prompt: "a", size: "9x9" })), /^invalid_parameter: /);
        assert.match(failure(await call("generate_image", { prompt: "a", n: 2 })), /^invalid_parameter: `n`/);
      });

      testOpen("throws -32602 for a tool that there is not", async ({ call }) => {
        await assert.rejects(call("delete_image", { id: "x" }), (error) => /** @type {any} */ (error).code === -32602);
      });
    });

    describe("at a service with a token", () => {
      const worker = useWorker({ vars: { ACCESS_TOKENS: TOKEN, ...ONE_MODEL } });
      const authorization = { authorization: `Bearer ${TOKEN}` };

      testWith(client, worker)("lists the tools without it, and is told that drawing needs it", async (stranger) => {
        assert.equal((await stranger.tools()).length, 2);
        assert.match(failure(await stranger.call("generate_image", { prompt: "a cat" })), /^unauthorized: /);
      });

      const testOwner = testWith(client, worker, authorization);

      testOwner("draws with it", async ({ call }) => {
        worker.upstreams.expect(ONE);
        const result = await call("generate_image", { prompt: "a cat" });
        assert.ok(!result.isError, JSON.stringify(result).slice(0, 300));
      });

      // The last, for the key is of no more use today.
      testOwner("is told when to come again, where there is no key any more", async ({ call }) => {
        worker.upstreams.expect({ image: [ERRORS.perDay] });
        const text = failure(await call("generate_image", { prompt: "a late cat" }));
        assert.match(text, /^keys_exhausted: .+ \(Retry-After [1-9]\d* s\)$/);
      });
    });
  });
}
