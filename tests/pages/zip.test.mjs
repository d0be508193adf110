import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, zip } from "../../assets/gui/zip.js";

const bytesOf = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** The files of an archive, read from its directory. @param {Uint8Array} bytes */
function unzip(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - 22;
  assert.equal(view.getUint32(end, true), 0x06054b50);
  const files = [];
  let at = view.getUint32(end + 16, true);
  for (let n = 0; n < view.getUint16(end + 10, true); n += 1) {
    assert.equal(view.getUint32(at, true), 0x02014b50);
    const [crc, size, length, from] = [16, 24, 28, 42].map((offset) =>
      offset === 28 ? view.getUint16(at + offset, true) : view.getUint32(at + offset, true),
    );
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + length));
    assert.equal(view.getUint32(from, true), 0x04034b50);
    const start = from + 30 + view.getUint16(from + 26, true);
    const data = bytes.slice(start, start + size);
    assert.equal(crc32(data), crc, name);
    files.push([name, new TextDecoder().decode(data)]);
    at += 46 + length;
  }
  assert.equal(at, end);
  return files;
}

test("a checksum is the one that everyone computes", () => {
  assert.equal(crc32(bytesOf("123456789")), 0xcbf43926);
  assert.equal(crc32(bytesOf("")), 0);
});

test("an archive holds its files under their names, in any script, and twice the same name twice", async () => {
  const archive = zip([
    { name: "猫.png", bytes: bytesOf("one") },
    { name: "a.png", bytes: bytesOf("") },
    { name: "A.png", bytes: bytesOf("three") },
  ]);
  assert.equal(archive.type, "application/zip");
  assert.deepEqual(unzip(new Uint8Array(await archive.arrayBuffer())), [
    ["猫.png", "one"],
    ["a.png", ""],
    ["A-2.png", "three"],
  ]);
});
