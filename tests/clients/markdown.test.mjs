/**
 * What the Worker hands out as Markdown, and the URLs that people put into Markdown themselves, in seven readers: each
 * shows one image, with exactly its URL, and no link that came out of the prompt.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { marked } from "marked";
import MarkdownIt from "markdown-it";
import rehypeStringify from "rehype-stringify";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import remarkRehype from "remark-rehype";
import { unified } from "unified";
import { useWorker } from "../workerd/support/worker.mjs";
import { NASTY_PROMPTS } from "./nasty_prompts.mjs";
import { say } from "./support/pictures.mjs";
import { NO_PYTHON, usePython } from "./support/python.mjs";

const linkifying = new MarkdownIt({ linkify: true, html: true, typographer: true });
const gfm = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(remarkRehype, { allowDangerousHtml: true })
  .use(rehypeStringify, { allowDangerousHtml: true });

/** @type {Record<string, (text: string) => string>} */
const OF_NPM = {
  marked: (text) => marked.parse(text, { async: false }),
  "markdown-it": (text) => linkifying.render(text),
  "remark-gfm": (text) => String(gfm.processSync(text)),
};
const OF_PYPI = ["markdown", "markdown-it-py", "mistune", "cmarkgfm"];

const python = usePython();

/** @typedef {{prompt: string, text: string, url: string}} Sample what is handed out, and the image's URL */

useWorker({ vars: { IMAGE_API_KEYS: "k1,k2,k3,k4" } }, async (prepared) => {
  const { siliconflow, imageHost, glm } = prepared.upstreams;
  for (const upstream of [siliconflow, imageHost, glm]) upstream.allow();
  const post = async (/** @type {string} */ path, /** @type {object} */ body) => {
    const options = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const reply = await prepared.send(path, options);
    assert.equal(reply.status, 200, reply.text());
    return /** @type {import("./support/pictures.mjs").Answer} */ (reply.json());
  };
  const urlIn = (/** @type {string} */ text) => /http:\/\/[^\s()]+\/i\/[\w-]{43}\.\w+/.exec(text)?.[0] ?? "";
  for (const [at, prompt] of NASTY_PROMPTS.entries()) {
    const { choices } = await post("/v1/chat/completions", { messages: say(prompt), seed: 1 });
    const { content } = choices[0].message;
    SOURCES.chat.push({ prompt, text: content, url: urlIn(content) });
    // What the answer looks like in the middle of an app's own text.
    SOURCES["chat, within a text"].push({ prompt, text: `Here it is: ${content}, and on.`, url: urlIn(content) });
    const { output } = await post("/v1/responses", { input: prompt, seed: 1 });
    const { text } = output.find(({ type }) => type === "message").content[0];
    SOURCES.responses.push({ prompt, text, url: urlIn(text) });
    const { data } = await post("/v1/images/generations", { prompt, seed: at });
    SOURCES["the images API's URL"].push({ prompt, text: `![an image](${data[0].url})`, url: data[0].url });
  }
  for (const [source, samples] of Object.entries(SOURCES)) {
    const texts = samples.map(({ text }) => text);
    /** @type {Record<string, string[]>} */
    const html = NO_PYTHON ? {} : await python.call("markdown", "render", { texts });
    for (const [name, render] of Object.entries(OF_NPM)) html[name] = texts.map(render);
    rendered[source] = html;
  }
});

/** @type {Record<string, Sample[]>} */
const SOURCES = { chat: [], "chat, within a text": [], responses: [], "the images API's URL": [] };

/** @type {Record<string, Record<string, string[]>>} HTML by reader and source */
const rendered = {};

/** @type {Record<string, string>} */
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x27": "'", "#x26": "&" };

/** What an attribute's value is. @param {string} value */
const unescaped = (value) => value.replace(/&(#?\w+);/g, (whole, name) => ENTITIES[name.toLowerCase()] ?? whole);

/**
 * What is wrong with the HTML of a sample, in a few words; `""` where nothing is.
 *
 * @param {Sample} sample
 * @param {string} html
 */
function fault({ prompt, text, url }, html) {
  const tags = html.match(/<[^>]*>/g) ?? [];
  const images = tags.filter((tag) => /^<img\b/i.test(tag));
  const others = tags.filter((tag) => !/^<(img\b|\/?p>)/i.test(tag));
  const src = unescaped(/ src="([^"]*)"/.exec(images[0] ?? "")?.[1] ?? "");
  const around = html.replace(/<[^>]*>/g, "").trim();
  const faults = [
    images.length === 1 ? "" : `${images.length} images`,
    url && src === url ? "" : `its URL is “${src}”`,
    others.length === 0 ? "" : `it makes ${others.join("")}`,
    around === (text.startsWith("![") ? "" : "Here it is: , and on.") ? "" : `it leaves “${around}”`,
  ];
  const found = faults.filter(Boolean).join(", ");
  return found && `${JSON.stringify(prompt.slice(0, 40))}: ${found}`;
}

for (const name of [...Object.keys(OF_NPM), ...OF_PYPI]) {
  describe(name, () => {
    for (const source of Object.keys(SOURCES)) {
      const skip = OF_PYPI.includes(name) && NO_PYTHON;
      test(`${source}: one image with exactly its URL, for ${NASTY_PROMPTS.length} prompts`, { skip }, () => {
        const samples = SOURCES[source];
        assert.equal(samples.length, NASTY_PROMPTS.length);
        assert.deepEqual(samples.map((sample, at) => fault(sample, rendered[source][name][at])).filter(Boolean), []);
      });
    }
  });
}
