/** Server-sent events, read from the body of an answer. */

/**
 * @typedef {object} ServerEvent
 * @property {string} event its name; `message` where it has none
 * @property {any} data parsed as JSON; null where it is none
 */

/** The longest event that is read, in characters: a prompt and a link are far below it. */
const MAX_EVENT = 200_000;

/**
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<ServerEvent, void>} ends with the body; an event that the end cuts off is dropped
 */
export async function* readEvents(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      // A carriage return at the end may be half of a line break.
      text = (text + decoder.decode(value, { stream: true })).replace(/\r\n/g, "\n").replace(/\r(?!$)/g, "\n");
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      if (text.length > MAX_EVENT) throw new Error("an event without an end");
      for (const block of blocks) {
        const event = parseEvent(block);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** @param {string} block the lines of one event @returns {ServerEvent | null} null for a comment alone */
function parseEvent(block) {
  let event = "message";
  /** @type {string[]} */
  const data = [];
  for (const line of block.split("\n")) {
    const [, name, value] = /^([^:]*)(?:: ?)?(.*)$/.exec(line) ?? [];
    if (name === "event") event = value;
    if (name === "data") data.push(value);
  }
  if (!data.length) return null;
  try {
    return { event, data: JSON.parse(data.join("\n")) };
  } catch {
    return { event, data: null };
  }
}
