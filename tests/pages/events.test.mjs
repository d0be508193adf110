import assert from "node:assert/strict";
import { test } from "node:test";
import { readEvents } from "../../assets/gui/events.js";

/** @param {(string | Uint8Array)[]} chunks */
async function read(chunks) {
  const body = new ReadableStream({
    start(controller) {
      for (const chunk of chunks)
        controller.enqueue(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
      controller.close();
    },
  });
  const events = [];
  for await (const event of readEvents(body)) events.push(event);
  return events;
}

test("events are read by name, with their data as JSON; comments are passed over", async () => {
  assert.deepEqual(
    await read([': keep-alive\n\nevent: step\ndata: {"step":"waiting"}\n\nevent:done\ndata:{"id":"x"}\n\n']),
    [
      { event: "step", data: { step: "waiting" } },
      { event: "done", data: { id: "x" } },
    ],
  );
});

test("it does not matter where the chunks end, nor which line breaks there are", async () => {
  const text = 'event: prompt\r\ndata: {"prompt":"猫在窗台"}\r\n\r\nevent: step\rdata: {"step":"drawing"}\r\r';
  const bytes = new TextEncoder().encode(`${text}\n`);
  const expected = [
    { event: "prompt", data: { prompt: "猫在窗台" } },
    { event: "step", data: { step: "drawing" } },
  ];
  for (let size = 1; size < 9; size += 1) {
    const chunks = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
    assert.deepEqual(await read(chunks), expected, `chunks of ${size}`);
  }
});

test("an event that the end cuts off is dropped, and data that is no JSON is null", async () => {
  assert.deepEqual(await read(["event: step\ndata: {{\n\nevent: done\ndata: {}"]), [{ event: "step", data: null }]);
  assert.deepEqual(await read([]), []);
});
