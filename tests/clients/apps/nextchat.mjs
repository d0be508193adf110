/** NextChat: chat, pictures, and what it asks for itself: the title, and the summary that is its memory. */
import assert from "node:assert/strict";
import { ONE, say, streamed } from "../support/pictures.mjs";
import { ANSWER, base64, chunks, title } from "../support/shapes.mjs";

const CLIENT = "ChatGPTNextWeb/NextChat, app/client/platforms/openai.ts, 2026-07-06";
const PROMPTS = "ChatGPTNextWeb/NextChat, app/store/chat.ts and app/locales, 2026-07-06";

/** It appends this to the base URL that is typed, which has a /v1 of its own or has not. */
const PATH = "/v1/chat/completions";

const sampling = { temperature: 0.5, presence_penalty: 0, frequency_penalty: 0, top_p: 1 };
const talk = [
  { role: "user", content: "nc a red fox" },
  { role: "assistant", content: ANSWER },
];

/** @param {object[]} messages @param {boolean} stream @param {string} [path] */
const chat = (messages, stream, path = PATH) => ({ path, body: { messages, stream, model: "flux", ...sampling } });

const TOPIC_CN =
  "使用四到五个字直接返回这句话的简要主题，不要解释、不要标点、不要语气词、不要多余文本，不要加粗，如果没有主题，请直接返回“闲聊”";
const TOPIC_EN =
  "Please generate a four to five word title summarizing our conversation without any lead-in, punctuation, quotation " +
  "marks, periods, symbols, bold text, or additional text. Remove enclosing quotation marks.";

/** @type {import("../support/shapes.mjs").App} */
export const NEXTCHAT = {
  client: "NextChat",
  shapes: [
    {
      does: "a message",
      needs: "choices[0].delta.content",
      source: CLIENT,
      ...chat(say("nc1 a fox"), true),
      costs: ONE,
      gets: chunks,
    },
    {
      does: "a message where the base URL was typed with /v1",
      needs: "the same at /v1/v1/chat/completions",
      source: CLIENT,
      ...chat(say("nc2 a fox"), true, `/v1${PATH}`),
      costs: ONE,
      gets: chunks,
    },
    {
      does: "a picture by dall-e-3",
      needs: "data[0].url, else data[0].b64_json; it asks for the second",
      source: CLIENT,
      path: "/v1/images/generations",
      body: {
        ...{ model: "dall-e-3", prompt: "nc3 a fox", response_format: "b64_json", n: 1 },
        ...{ size: "1024x1024", quality: "standard", style: "vivid" },
      },
      costs: ONE,
      gets: base64,
    },
    ...[
      ["Chinese", TOPIC_CN],
      ["English", TOPIC_EN],
    ].map(([language, topic]) => ({
      does: `the title, in ${language}`,
      needs: "a short choices[0].message.content",
      source: PROMPTS,
      ...chat([...talk, ...say(topic)], false),
      gets: title,
    })),
    ...[
      ["Chinese", "简要总结一下对话内容，用作后续的上下文提示 prompt，控制在 200 字以内"],
      ["English", "Summarize the discussion briefly in 200 words or less to use as a prompt for future context."],
    ].map(([language, content]) => ({
      does: `the summary of a long talk, in ${language}`,
      needs: "a stream that ends, and no picture",
      source: PROMPTS,
      ...chat([...talk, ...talk, { role: "system", content }], true),
      gets: (/** @type {import("../support/shapes.mjs").Got} */ { reply }) => {
        const { content: said, finish } = streamed(reply);
        assert.equal(finish, "stop");
        assert.doesNotMatch(said, /!\[/);
      },
    })),
    {
      does: "a first message that asks for a picture with a title",
      needs: "a picture: there is no talk before it",
      source: "the other side of the title",
      ...chat(say("nc4 A book with the title The Red Fox on its cover"), true),
      costs: ONE,
      gets: chunks,
    },
  ],
};
