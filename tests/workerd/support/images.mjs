/** Real image bytes, made in code. */
import { deflateSync } from "node:zlib";

/**
 * A PNG of one colour.
 *
 * @param {number} width
 * @param {number} height
 * @param {[number, number, number]} [colour] red, green, blue
 * @returns {Buffer}
 */
export function png(width, height, colour = [90, 140, 200]) {
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from(colour))]);
  return pngOf(width, height, Buffer.concat(Array(height).fill(row)), 9);
}

/**
 * A PNG of noise, which cannot be compressed: some 3 bytes a pixel. The same for the same seed.
 *
 * @param {number} width
 * @param {number} height
 * @param {number} [seed]
 * @returns {Buffer}
 */
export function noisePng(width, height, seed = 1) {
  const pixels = Buffer.alloc((width * 3 + 1) * height);
  let state = seed | 1;
  for (let at = 0; at < pixels.length; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    pixels[at] = at % (width * 3 + 1) === 0 ? 0 : state;
  }
  return pngOf(width, height, pixels, 0);
}

/**
 * @param {number} width
 * @param {number} height
 * @param {Buffer} pixels rows, each with its filter
 * @param {number} level of compression
 */
function pngOf(width, height, pixels, level) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8); // 8 bits a channel, RGB
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(pixels, { level })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** Node has this only since version 22. @param {Buffer} bytes */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** A JPEG of one grey pixel, whose header then says another size. */
const GREY_JPEG = Buffer.from(
  "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/" +
    "wAALCAABAAEBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEI" +
    "I0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ip" +
    "qrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/APn+v//Z",
  "base64",
);

/**
 * A JPEG whose header says this size.
 *
 * @param {number} width
 * @param {number} height
 * @returns {Buffer}
 */
export function jpeg(width, height) {
  const bytes = Buffer.from(GREY_JPEG);
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes.writeUInt16BE(height, frame + 5);
  bytes.writeUInt16BE(width, frame + 7);
  return bytes;
}

/**
 * A GIF that is blank and of this size.
 *
 * @param {number} width
 * @param {number} height
 * @returns {Buffer}
 */
export function gif(width, height) {
  const bytes = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
  bytes.writeUInt16LE(width, 6);
  bytes.writeUInt16LE(height, 8);
  // What is smaller than 64 bytes is no image, and zeros at the end are no part of one.
  return Buffer.concat([bytes, Buffer.alloc(32)]);
}

/**
 * A lossy WebP whose header says this size.
 *
 * @param {number} width
 * @param {number} height
 * @returns {Buffer}
 */
export function webp(width, height) {
  const bytes = Buffer.from("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA=", "base64");
  bytes.writeUInt16LE(width, 26);
  bytes.writeUInt16LE(height, 28);
  // A few bytes are taken for no image, so it has a chunk of metadata too.
  const metadata = Buffer.alloc(108);
  metadata.write("XMP ");
  metadata.writeUInt32LE(100, 4);
  bytes.writeUInt32LE(bytes.length + metadata.length - 8, 4);
  return Buffer.concat([bytes, metadata]);
}

/**
 * An image with zeros after its end, as some hosts pad files, until it is `size` bytes long.
 *
 * @param {Buffer} image
 * @param {number} size
 */
export function padded(image, size) {
  return Buffer.concat([image, Buffer.alloc(size - image.length)]);
}
