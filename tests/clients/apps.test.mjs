/** Chat apps and their like, by what they send: apps/ has it as data. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { withinAMinute } from "../workerd/support/http.mjs";
import { useWorker } from "../workerd/support/worker.mjs";
import { CHERRY_STUDIO, LIBRECHAT, LOBECHAT, SILLYTAVERN } from "./apps/chat_apps.mjs";
import { NEXTCHAT } from "./apps/nextchat.mjs";
import { chat, OPEN_WEBUI, tasks } from "./apps/open_webui.mjs";
import { POLLINATIONS } from "./apps/pollinations.mjs";
import { DIFY_APP, N8N_APP } from "./apps/workflows.mjs";
import { assertShows, ONE, streamed } from "./support/pictures.mjs";
import { checkShape, sendShape } from "./support/shapes.mjs";

const APPS = [OPEN_WEBUI, LOBECHAT, NEXTCHAT, CHERRY_STUDIO, LIBRECHAT, DIFY_APP, N8N_APP, SILLYTAVERN, POLLINATIONS];

const worker = useWorker({ vars: { IMAGE_API_KEYS: "k1,k2,k3,k4" } });

for (const { client, shapes } of APPS) {
  describe(client, () => {
    for (const shape of shapes) test(`${shape.does}: ${shape.needs}`, () => checkShape(worker, shape));
  });
}

describe("Open WebUI, at one picture a minute", () => {
  const limited = useWorker({ rateLimit: 1 });

  test("its first message and three tasks: one picture, and no answer is rate limited", () =>
    withinAMinute(async (attempt) => {
      limited.upstreams.reset();
      limited.upstreams.expect(ONE);
      const prompt = `a red fox in snow ${attempt}`;
      const send = (/** @type {{path: string, body: object}} */ request) =>
        sendShape(limited, { does: "", needs: "", source: "", gets() {}, ...request });
      await assertShows(limited, streamed(await send(chat(prompt))).content);
      const { title, tags, followUps } = tasks(prompt);
      for (const reply of await Promise.all([title, tags, followUps].map(send))) {
        assert.equal(reply.status, 200, reply.text());
        JSON.parse(reply.json().choices[0].message.content);
      }
      assert.equal(limited.upstreams.siliconflow.calls.length, 1);
    }));
});

describe("Open WebUI, without a token", () => {
  const guarded = useWorker({ vars: { ACCESS_TOKENS: "token-123" } });

  test("its tasks are answered all the same", async () => {
    for (const task of Object.values(tasks("a hidden fox"))) {
      const reply = await sendShape(guarded, { does: "", needs: "", source: "", gets() {}, ...task });
      assert.equal(reply.status, 200, reply.text());
    }
  });
});
