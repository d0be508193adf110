/** WebAssembly traps in the middle of a request: that request is lost, and no other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertImage } from "./support/assertions.mjs";
import { useWorker } from "./support/worker.mjs";

const worker = useWorker({ around: ["tests/workerd/support/trapping.mjs", "tests/workerd/support/traps.mjs"] });
const drawn = () => worker.upstreams.imageHost.published.at(-1);

for (const when of ["at-once", "later"]) {
  test(`after a trap ${when} the Worker and its objects start anew, with what was stored`, async () => {
    worker.upstreams.expect({ image: 2, download: 2 });
    const prompt = `before the trap ${when}`;
    const unmade = `/?${new URLSearchParams({ prompt: `unmade ${when}` })}`;
    const made = await worker.image({ prompt });
    assertImage(made, drawn());
    // Its maker is in memory from here on, as the key ring is.
    assert.equal((await worker.send(unmade, { method: "HEAD" })).status, 404);

    const trapped = await worker.get("/", { prompt }, { headers: { "x-trap": when } });
    assert.equal(trapped.status, 500);

    assert.equal((await worker.send(unmade, { method: "HEAD" })).status, 404);
    assertImage(await worker.get("/", { prompt }), made.body);
    const after = await worker.image({ prompt: `after the trap ${when}` });
    assertImage(after, drawn());
    assert.equal(
      Number(after.headers["x-starts"]) - Number(made.headers["x-starts"]),
      1,
      "it was started once for one trap",
    );
  });
}

for (const place of ["maker", "key ring"]) {
  for (const when of ["at once", "later"]) {
    test(`after a trap in the ${place} ${when} its caller is answered within two seconds, and the next request works`, async () => {
      const { siliconflow, imageHost } = worker.upstreams;
      for (const upstream of [siliconflow, imageHost]) upstream.allow();
      const prompt = `a trap in the ${place} ${when}`;
      const start = Date.now();
      const reply = await worker.get("/", { prompt }, { headers: { "x-trap": `in the ${place} ${when}` } });
      assert.ok([302, 500, 502, 503].includes(reply.status), `${reply.status}`);
      assert.ok(Date.now() - start < 2_000, `${Date.now() - start} ms`);
      assertImage(await worker.image({ prompt: `after ${prompt}` }), drawn());
      assertImage(await worker.image({ prompt }), drawn());
    });
  }
}
