/** A zip archive of files that need no compression: pictures have theirs. */

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** @param {Uint8Array} bytes */
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
}

/** 1980-01-01, the first day that the format knows: one archive of the same files is always the same. */
const DATE = 0x21;
/** Names are UTF-8. */
const FLAGS = 0x0800;

/** @param {...[size: 2 | 4, value: number]} fields in little endian */
function record(...fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}

/** What both headers of a file have in common. @param {Uint8Array} bytes @param {Uint8Array} name */
function common(bytes, name) {
  /** @type {[2 | 4, number][]} */
  const fields = [
    [2, 20],
    [2, FLAGS],
    [2, 0],
    [2, 0],
    [2, DATE],
    [4, crc32(bytes)],
    [4, bytes.length],
    [4, bytes.length],
    [2, name.length],
    [2, 0],
  ];
  return fields;
}

/**
 * @param {{name: string, bytes: Uint8Array<ArrayBuffer>}[]} files names that occur twice are told apart by a number
 * @returns {Blob}
 */
export function zip(files) {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const directory = [];
  let at = 0;
  for (const { name: text, bytes } of withOwnNames(files)) {
    const name = new TextEncoder().encode(text);
    const header = record([4, 0x04034b50], ...common(bytes, name));
    directory.push(
      record([4, 0x02014b50], [2, 20], ...common(bytes, name), [2, 0], [2, 0], [2, 0], [4, 0], [4, at]),
      name,
    );
    parts.push(header, name, bytes);
    at += header.length + name.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = files.length;
  const end = record([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, at], [2, 0]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

/** @param {{name: string, bytes: Uint8Array<ArrayBuffer>}[]} files */
function withOwnNames(files) {
  const seen = new Set();
  return files.map(({ name, bytes }) => {
    const [, stem, extension] = /^(.*?)(\.\w+)?$/s.exec(name) ?? ["", name, ""];
    let own = name;
    for (let n = 2; seen.has(own.toLowerCase()); n += 1) own = `${stem}-${n}${extension ?? ""}`;
    seen.add(own.toLowerCase());
    return { name: own, bytes };
  });
}
