/** The runtime is killed in the middle of its work, and started again on the same storage. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { held } from "./support/answers.mjs";
import { assertImage, assertRedirect } from "./support/assertions.mjs";
import { killWorkerd } from "./support/process.mjs";
import { startWorker, useStorage } from "./support/worker.mjs";

const storage = useStorage();

test("after workerd was killed in the middle of a generation, the image is made and nothing that was stored is lost", async () => {
  const first = await startWorker({ storage: storage.folder });
  first.upstreams.siliconflow.expect(1);
  first.upstreams.imageHost.expect(1);
  const made = await first.get("/", { prompt: "stored before" });
  const id = assertRedirect(made);
  const { bytes } = await first.stored(id);

  const { answer, release } = held((call) => first.upstreams.siliconflow.ordinary(call));
  first.upstreams.siliconflow.expect(answer);
  const broken = first.get("/", { prompt: "under way" }).then(
    () => assert.fail("an image was made that cannot have been"),
    () => {},
  );
  await first.upstreams.siliconflow.called(2);
  killWorkerd();
  await broken;
  release();
  await first.stop();

  const second = await startWorker({ storage: storage.folder });
  try {
    assertImage(await second.get(`/i/${id}`), bytes, { cache: "HIT" });
    second.upstreams.siliconflow.expect(1);
    second.upstreams.imageHost.expect(1);
    const again = await second.get("/", { prompt: "under way" });
    assertRedirect(again);
    assertImage(await second.send(again.target), second.upstreams.imageHost.published.at(-1));
    second.upstreams.check();
  } finally {
    await second.stop();
  }
});
