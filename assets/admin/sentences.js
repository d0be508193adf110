/**
 * What the service is known to warn of, in English: the name of the page's own sentence, and what stands in its brackets.
 * `tests/warnings.json` holds the two to each other.
 *
 * @type {[RegExp, string][]}
 */
const SENTENCES = [
  [/^Every key is refused by its upstream/, "warning-all-refused"],
  [/^(?<key>.+) is refused by (?<endpoint>[^\s:]+):/, "warning-refused"],
  [/^No endpoint has the model (?<model>\S+) any more/, "warning-model-gone"],
  [/^KV refused (?<count>\d+) writes today/, "warning-unstored"],
  [/^(?<count>\d+) of (?<made>\d+) pictures today were drawn from prompts/, "warning-fallbacks"],
];

/**
 * The page's sentence for a warning; `undefined` for one that it does not know.
 *
 * @param {string} warning
 * @returns {{ name: string, values: Record<string, string> } | undefined}
 */
export function sentenceOf(warning) {
  for (const [pattern, name] of SENTENCES) {
    const match = pattern.exec(warning);
    if (match) return { name, values: { ...match.groups } };
  }
  return undefined;
}
