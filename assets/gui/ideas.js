/** What the page opens on: an example with its picture, and ideas to start from. */
import { announce } from "../shared/announce.js";
import { byId, el, textElement } from "../shared/dom.js";
import { setText, text } from "../shared/language.js";

// Their pictures, in ideas/, are the demo's own (svg/demo), without the caption: a deployment's would cost it a day's
// free pictures before anybody asked for one.

/** Prompts of the texts, each with a size and a seed: whoever takes one finds the picture that is stored of it. */
const IDEAS = [
  { name: "cat", size: "1024x1024" },
  { name: "city", size: "1024x1024" },
  { name: "forest", size: "1024x1024" },
  { name: "portrait", size: "1024x1024" },
  { name: "flower", size: "1024x1024" },
  { name: "space", size: "1024x1024" },
  { name: "ship", size: "1024x1024" },
  { name: "mountains", size: "1024x1024" },
  { name: "alley", size: "1024x1024" },
  { name: "lighthouse", size: "1024x1024" },
  { name: "cabin", size: "1024x1024" },
  { name: "desert", size: "1024x1024" },
].map((idea, index) => ({ ...idea, seed: String(index + 1) }));

const EXAMPLE = { name: "example", size: "1024x576", seed: "7" };

/** @typedef {{name: string, size: string, seed: string}} Idea */

/** @param {Idea} idea @returns {Record<string, string>} */
const parametersOf = ({ name, size, seed }) => ({ prompt: text(`idea-${name}`), size, seed });

/** @param {string} name */
const pictureOf = (name) => `/gui/ideas/${name}.svg`;

/** @param {(parameters: Record<string, string>) => void} take called with what the reader wants to start from */
export function startIdeas(take) {
  byId("ideas").append(
    ...IDEAS.map((idea) =>
      el(
        "li",
        {},
        el(
          "button.idea",
          { type: "button", onclick: () => take(parametersOf(idea)) },
          el("img", { src: pictureOf(idea.name), alt: "", width: 96, height: 96, loading: "lazy", decoding: "async" }),
          textElement("span", `idea-${idea.name}`),
        ),
      ),
    ),
  );
  startDice(take);
  startExample(take);
}

/** The dice, which brings an idea that it did not bring just now. @param {(parameters: Record<string, string>) => void} take */
function startDice(take) {
  let last = -1;
  byId("idea-dice").addEventListener("click", () => {
    const step = 1 + Math.floor(Math.random() * (IDEAS.length - 1));
    last = last < 0 ? Math.floor(Math.random() * IDEAS.length) : (last + step) % IDEAS.length;
    const parameters = parametersOf(IDEAS[last]);
    take(parameters);
    announce("idea-taken", { prompt: parameters.prompt });
  });
}

/** @param {(parameters: Record<string, string>) => void} take */
function startExample(take) {
  setText(byId("example-prompt"), `idea-${EXAMPLE.name}`);
  byId("example-take").addEventListener("click", () => take(parametersOf(EXAMPLE)));
}
