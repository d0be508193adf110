/** Writes tar.gz archives that are the same bytes whenever and wherever the same files go in. */

import { gzipSync } from "node:zlib";

const BLOCK = 512;

/** Where gzip's header names the system it was made on; 255 is "unknown". */
const GZIP_SYSTEM = 9;

/**
 * Packs files, in the order of their names, all with the same owner, rights and time.
 *
 * @param {Record<string, Buffer>} files by their paths in the archive
 * @param {number} time when they were changed, in unix seconds
 * @returns {Buffer}
 */
export function tarGz(files, time) {
  const names = Object.keys(files).sort();
  const blocks = names.flatMap((name) => [
    header(name, files[name].length, time),
    files[name],
    padding(files[name].length),
  ]);
  const packed = gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]), { level: 9 });
  packed[GZIP_SYSTEM] = 255;
  return packed;
}

/** The ustar header of a file. @param {string} name @param {number} size @param {number} time */
function header(name, size, time) {
  if (!/^[\x21-\x7e]{1,100}$/.test(name)) throw new Error(`tar's plain form has no room for the name ${name}`);
  const block = Buffer.alloc(BLOCK);
  /** @param {number} value @param {number} digits */
  const octal = (value, digits) => `${value.toString(8).padStart(digits, "0")}\0`;
  /** @type {[number, string][]} */
  const fields = [
    [0, name],
    [100, octal(0o644, 7)], // mode
    [108, octal(0, 7)], // owner
    [116, octal(0, 7)], // group
    [124, octal(size, 11)],
    [136, octal(time, 11)],
    [148, " ".repeat(8)], // the checksum, which counts itself as spaces
    [156, "0"], // an ordinary file
    [257, "ustar\x0000"],
  ];
  for (const [at, text] of fields) block.write(text, at, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

const padding = (/** @type {number} */ size) => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
