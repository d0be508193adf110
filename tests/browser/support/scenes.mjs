/** A row of demo pictures, as the READMEs show it first. */

/** Each with a seed that suits it. */
const SCENES = [
  ["a lighthouse in a storm, oil painting", 7],
  ["a city above the clouds, cinematic", 8],
  ["a path through a bamboo grove at sunset", 9],
  ["a sailing ship on a calm sea under the moon", 10],
];

/** The width and height of a picture in the row, and the space between two, in pixels. */
const [SIDE, GAP] = [310, 13];

/**
 * Draws the row into a WebP file.
 *
 * @param {string} url where a Worker in demo mode is
 * @param {import("puppeteer-core").Browser} browser
 * @param {string} path of the file
 */
export async function drawScenes(url, browser, path) {
  const page = await browser.newPage();
  await page.setViewport({ width: SCENES.length * SIDE + (SCENES.length - 1) * GAP, height: SIDE });
  const pictures = SCENES.map(([prompt, seed]) => {
    const query = new URLSearchParams({ prompt: String(prompt), seed: String(seed), size: "512x512" });
    return `<img src="${url}/?${query.toString().replaceAll("&", "&amp;")}" width="${SIDE}" height="${SIDE}">`;
  });
  const style = `body { margin: 0; display: flex; gap: ${GAP}px; background: none } img { border-radius: 12px }`;
  await page.setContent(`<style>${style}</style>${pictures.join("")}`);
  await page.waitForFunction(
    (count) => Array.from(document.images).filter((image) => image.naturalWidth > 0).length === count,
    {},
    SCENES.length,
  );
  await page.screenshot({ path, type: "webp", quality: 82, omitBackground: true });
  await page.close();
}
