/** The main job: a prompt in a URL becomes an image. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useWorker } from "./support/worker.mjs";

const worker = useWorker();

test("a prompt becomes an image", async () => {
  worker.upstreams.expect({ chat: 1, image: 1, download: 1 });
  const reply = await worker.get("/", { prompt: "一位女孩", size: "512x512", optimization: "1" });
  console.log(reply.status, reply.headers, reply.text().slice(0,300));
  const image = await worker.send(reply.target);
  console.log(image.status, image.headers);
  assert.deepEqual(image.body, worker.upstreams.imageHost.published[0]);
  console.log(worker.upstreams.glm.calls[0].text, worker.upstreams.siliconflow.calls[0], worker.logs);
});
