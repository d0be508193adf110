/** Image sizes: the limits of the API. */

export const MIN_SIDE = 64;
export const MAX_SIDE = 2048;

/**
 * @param {string | null | undefined} text `WIDTHxHEIGHT`, also with `X`, `×` or `*`
 * @returns {{width: number, height: number} | null} null where it is not a size the API takes
 */
export function parseSize(text) {
  const parts = /^\s*(\d{1,4})\s*[xX×*]\s*(\d{1,4})\s*$/.exec(text || "");
  if (!parts) return null;
  const [width, height] = [Number(parts[1]), Number(parts[2])];
  return isSide(width) && isSide(height) ? { width, height } : null;
}

/** @param {number} side in pixels */
export const isSide = (side) => Number.isInteger(side) && side >= MIN_SIDE && side <= MAX_SIDE;

/** @param {number | string} width @param {number | string} height */
export const sizeText = (width, height) => `${width}x${height}`;
