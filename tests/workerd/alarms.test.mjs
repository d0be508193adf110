/** When a maker is woken: to try KV again, and to forget what KV is sure to have. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertImage, assertRedirect } from "./support/assertions.mjs";
import { useWorker } from "./support/worker.mjs";

const MINUTE = 60_000;

const worker = useWorker({ instrumented: true });

/**
 * Asserts that an alarm stands some minutes from now, give or take half a minute.
 *
 * @param {string} id
 * @param {number} minutes
 */
async function assertAlarmIn(id, minutes) {
  const ahead = (await worker.instruments.alarm(id)) - Date.now();
  assert.ok(Math.abs(ahead - minutes * MINUTE) < MINUTE / 2, `the alarm goes off in ${ahead / MINUTE} minutes`);
}

test("the maker of an image that KV would not take is woken a minute later, and KV has it then", async () => {
  worker.upstreams.expect({ image: 1, download: 1 });
  await worker.instruments.writes("fail");
  const id = assertRedirect(await worker.get("/", { prompt: "kept until KV takes it" }));
  const bytes = worker.upstreams.imageHost.published.at(-1);
  while (!(await worker.instruments.operations()).includes(`put image:v1:${id}`)) await new Promise(setImmediate);
  // The failure is noted a moment after KV has refused: until then the alarm is that of an image that KV has.
  while ((await worker.instruments.alarm(id)) - Date.now() > 5 * MINUTE) await new Promise(setImmediate);
  await assertAlarmIn(id, 1);
  assertImage(await worker.get(`/i/${id}`), bytes);
  await worker.instruments.writes("work");
  await worker.instruments.wake(id);
  assert.deepEqual((await worker.stored(id)).bytes, bytes);
});

// The last one, because it sets the Worker's clock forward.
test("the maker of a stored image is woken ten minutes later, and forgets it", async () => {
  worker.upstreams.expect({ image: 1, download: 1 });
  const id = assertRedirect(await worker.get("/", { prompt: "kept for ten minutes" }));
  await worker.stored(id);
  await assertAlarmIn(id, 10);
  await worker.instruments.pass(10 * 60 + 1);
  await worker.instruments.wake(id);
  assert.equal(await worker.instruments.alarm(id), null);
});
