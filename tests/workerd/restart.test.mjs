/** The runtime is killed in the middle of its work, and started again on the same storage. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { held } from "./support/answers.mjs";
import { assertImage, assertRedirect } from "./support/assertions.mjs";
import { startWorker, useStorage } from "./support/worker.mjs";

const storage = useStorage();

/** Kills this process's own workerd, as a machine that fails would. */
function killWorkerd() {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" }).trim().split("\n");
  const own = processes.map((line) => line.trim().split(/\s+/)).filter(([, parent]) => Number(parent) === process.pid);
  const pids = own.filter(([, , name]) => /workerd/.test(name)).map(([pid]) => Number(pid));
  assert.equal(pids.length, 1, `one workerd is running: ${pids}`);
  process.kill(pids[0], "SIGKILL");
}

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
