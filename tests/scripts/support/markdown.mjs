/** What is in a Markdown document, as far as the tests of the project's documents ask. */

const FENCE = /^( *)```(\w*)\n([^]*?)^\1```$/gm;

/** A document without its code blocks. @param {string} text */
const prose = (text) => text.replaceAll(FENCE, "");

/** Code blocks, with their language and their code as it is without the indent of a list. @param {string} text */
export function codeBlocks(text) {
  return Array.from(text.matchAll(FENCE), ([, indent, language, code]) => ({
    language,
    code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  }));
}

/** Headings, with their levels. @param {string} text */
export const headings = (text) =>
  Array.from(prose(text).matchAll(/^(#{1,6}) (.+)$/gm), ([, marks, title]) => ({ level: marks.length, title }));

/** The anchors of a document, as GitHub makes them of its headings. @param {string} text */
export function anchors(text) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  return headings(text).map(({ title }) => {
    const slug = title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

/** Where links and pictures lead, but for other hosts. @param {string} text */
export const links = (text) =>
  Array.from(prose(text).matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target).filter((link) => !/^\w+:/.test(link));

/** Spans of code. @param {string} text */
export const spans = (text) => Array.from(prose(text).matchAll(/`([^`\n]+)`/g), ([, code]) => code);

/** Tables, each as its rows of cells, the heading first. @param {string} text */
export function tables(text) {
  const found = prose(text).match(/(?:^ *\|.*\|\n)+/gm) ?? [];
  return found.map((table) => {
    const [head, , ...rows] = table.trim().split("\n");
    const cells = (/** @type {string} */ row) =>
      row
        .trim()
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim());
    return [head, ...rows].map(cells);
  });
}
