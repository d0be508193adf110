/** Well-formed XML, as far as an SVG without a document type can be wrong. */
import assert from "node:assert/strict";

const NAME = "[A-Za-z_][\\w.:-]*";
const TEXT = "(?:[^<&]|&(?:amp|lt|gt|quot|apos|#\\d+|#x[\\da-fA-F]+);)*";
const VALUE = `(?:"${TEXT.replace("<&", '<&"')}"|'${TEXT.replace("<&", "<&'")}')`;
const TAG = new RegExp(`^<(/?)(${NAME})((?:\\s+${NAME}\\s*=\\s*${VALUE})*)\\s*(/?)>`);
const WHOLE_TEXT = new RegExp(`^${TEXT}$`);
/** Characters that XML 1.0 has no way to write. */
const FORBIDDEN = /(?![\t\n\r\x7f-\x9f])\p{Cc}|[\ufffe\uffff]|\p{Cs}/u;

/** @param {string} xml */
export function assertWellFormed(xml) {
  assert.doesNotMatch(xml, FORBIDDEN);
  /** @type {string[]} */
  const open = [];
  let at = 0;
  let roots = 0;
  while (at < xml.length) {
    if (xml[at] !== "<") {
      const end = xml.indexOf("<", at) < 0 ? xml.length : xml.indexOf("<", at);
      assert.match(xml.slice(at, end), open.length > 0 ? WHOLE_TEXT : /^\s*$/);
      at = end;
      continue;
    }
    const tag = TAG.exec(xml.slice(at));
    assert.ok(tag, `no tag: ${xml.slice(at, at + 80)}`);
    const [whole, closing, name, attributes, empty] = tag;
    const names = [...attributes.matchAll(new RegExp(`(${NAME})\\s*=\\s*${VALUE}`, "g"))].map(
      ([, attribute]) => attribute,
    );
    assert.equal(new Set(names).size, names.length, `an attribute stands twice: ${whole}`);
    if (closing) assert.equal(open.pop(), name, `</${name}> closes another element`);
    else if (!empty) open.push(name);
    if (open.length === (closing ? 0 : empty ? 0 : 1) && !closing) roots += 1;
    at += whole.length;
  }
  assert.deepEqual(open, []);
  assert.equal(roots, 1, "there is more or less than one root");
}
