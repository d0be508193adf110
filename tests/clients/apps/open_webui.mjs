/** Open WebUI: pictures, chat, and what it asks for itself. */
import assert from "node:assert/strict";
import { asked, ONE, say } from "../support/pictures.mjs";
import { ANSWER, assertTitle, base64, chunks, json, jsonInMessage, url } from "../support/shapes.mjs";

const IMAGES = "open-webui/open-webui, backend/open_webui/routers/images.py, 2026-11";
const TASKS = "open-webui/open-webui, backend/open_webui/config.py and routers/tasks.py, 2026-11";
const CHAT = "open-webui/open-webui, backend/open_webui/routers/openai.py, 2026-11";

/** The last messages of a talk, as its tasks enclose them. @param {string} prompt */
const history = (prompt) => `### Chat History:\n<chat_history>\nUSER: ${prompt}\nASSISTANT: ${ANSWER}\n</chat_history>`;

/** @param {string} content @param {object} [more] @returns {{path: string, body: object}} */
const task = (content, more) => ({
  path: "/v1/chat/completions",
  body: { model: "flux", messages: say(content), stream: false, ...more },
});

/** Its default prompts for a title, tags and follow-up questions of a talk. @param {string} prompt */
export const tasks = (prompt) => ({
  title: task(
    `### Task:
Generate a concise, 3-5 word title with an emoji summarizing the chat history.
### Guidelines:
- The title should clearly represent the main theme or subject of the conversation.
### Output:
JSON format: { "title": "your concise title here" }
### Examples:
- { "title": "📉 Stock Market Trends" }
${history(prompt)}`,
    { max_completion_tokens: 1000 },
  ),
  tags: task(
    `### Task:
Generate 1-3 broad tags categorizing the main themes of the chat history, along with 1-3 more specific subtopic tags.

### Guidelines:
- If content is too short (less than 3 messages) or too diverse, use only ["General"]

### Output:
JSON format: { "tags": ["tag1", "tag2", "tag3"] }

${history(prompt)}`,
  ),
  followUps: task(
    `### Task:
Suggest 3-5 relevant follow-up questions or prompts that the user might naturally ask next in this conversation as a \
**user**, based on the chat history, to help continue or deepen the discussion.
### Guidelines:
- Response must be a JSON array of strings, no extra text or formatting.
### Output:
JSON format: { "follow_ups": ["Question 1?", "Question 2?", "Question 3?"] }
${history(prompt)}"`,
  ),
});

/** The message itself. @param {string} prompt */
export const chat = (prompt) => ({
  path: "/v1/chat/completions",
  body: { stream: true, model: "flux", messages: say(prompt), stream_options: { include_usage: true } },
});

const newerTitle = `### Task:
Generate a concise title summarizing the chat history.
### Guidelines:
- Keep it short: 2-4 words is best.
### Output:
JSON format: { "title": "your concise title here" }
${history("a red fox in snow")}`;

const of = tasks("a red fox in snow");

/** @param {string} name */
const emptyList = (name) => jsonInMessage((value) => assert.ok(Array.isArray(value[name]), JSON.stringify(value)));
const aTitle = jsonInMessage((value) => {
  assertTitle(value.title);
  assert.match(value.title, /fox/);
});

/** @type {import("../support/shapes.mjs").App} */
export const OPEN_WEBUI = {
  client: "Open WebUI",
  shapes: [
    {
      does: "a picture by dall-e-2, the name it has where none is set",
      needs: "data[].url or data[].b64_json; it asks for the second",
      source: IMAGES,
      path: "/v1/images/generations",
      body: { model: "dall-e-2", prompt: "ow1 a fox", n: 1, size: "512x512", response_format: "b64_json" },
      costs: ONE,
      gets: base64,
    },
    {
      does: "a picture by gpt-image-1, whose names get no response_format",
      needs: "data[].url or data[].b64_json",
      source: IMAGES,
      path: "/v1/images/generations?api-version=2026-01-01",
      body: { model: "gpt-image-1", prompt: "ow2 a fox", n: 1, size: "auto" },
      costs: ONE,
      gets: base64,
    },
    {
      does: "a picture by a model of ours, with parameters of the owner's",
      needs: "an answer of that size",
      source: IMAGES,
      path: "/v1/images/generations",
      body: {
        model: "Kwai-Kolors/Kolors",
        prompt: "ow3 a fox",
        n: 1,
        size: "768x512",
        response_format: "url",
        steps: 9,
      },
      costs: ONE,
      async gets(got) {
        await url(got);
        const [{ image_size: size, num_inference_steps: steps }] = asked(got.worker);
        assert.deepEqual([size, steps], ["768x512", 9]);
      },
    },
    {
      does: "the list of models, which says whether the connection works",
      needs: "data[].id",
      source: CHAT,
      method: "GET",
      path: "/v1/models",
      gets: (got) => assert.ok(json(got).data.every(({ id }) => typeof id === "string")),
    },
    {
      does: "a message",
      needs: "choices[0].delta.content, and usage",
      source: CHAT,
      ...chat("ow4 a fox"),
      costs: ONE,
      gets: chunks,
    },
    { does: "the title task", needs: "JSON with title", source: TASKS, ...of.title, gets: aTitle },
    {
      does: "the title task of newer versions",
      needs: "JSON with title",
      source: TASKS,
      ...task(newerTitle, { max_completion_tokens: 1000 }),
      gets: aTitle,
    },
    { does: "the tags task", needs: "JSON with tags", source: TASKS, ...of.tags, gets: emptyList("tags") },
    {
      does: "the follow-up task",
      needs: "JSON with follow_ups",
      source: TASKS,
      ...of.followUps,
      gets: emptyList("follow_ups"),
    },
    {
      does: "the search query task",
      needs: "JSON with queries",
      source: TASKS,
      ...task(
        `### Task:
Analyze the chat history to determine the necessity of generating search queries, in the given language.

### Guidelines:
- When generating search queries, respond in the format: { "queries": ["query1", "query2"] }
- Today's date is: 2026-11-26.

### Output:
Strictly return in JSON format:
{
  "queries": ["query1", "query2"]
}

${history("a red fox in snow")}`,
      ),
      gets: emptyList("queries"),
    },
    {
      does: "the task that writes a picture's prompt",
      needs: "JSON with prompt, of what the user said",
      source: TASKS,
      ...task(
        `### Task:
Generate a detailed prompt for am image generation task based on the given language and context.

### Output:
Strictly return in JSON format:
{
    "prompt": "Your detailed description here."
}

${history("a red fox in snow")}`,
      ),
      gets: jsonInMessage(({ prompt }) => assert.equal(prompt, "a red fox in snow")),
    },
    {
      does: "a message after one with a picture of 300 KB, which it sends along",
      needs: "the last message's picture",
      source: CHAT,
      path: "/v1/chat/completions",
      body: {
        stream: true,
        model: "flux",
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "what is this" },
              { type: "image_url", image_url: { url: `data:image/png;base64,${"iVBORw0K".repeat(40_000)}` } },
            ],
          },
          { role: "assistant", content: ANSWER },
          { role: "user", content: "ow5 a blue fox" },
        ],
      },
      costs: ONE,
      async gets(got) {
        await chunks(got);
        assert.equal(asked(got.worker)[0].prompt, "ow5 a blue fox");
      },
    },
    {
      does: "a prompt that only begins as a task does",
      needs: "a picture: there is no talk in it",
      source: "the other side of the tasks",
      ...chat("### Task a poster for a title fight"),
      costs: ONE,
      gets: chunks,
    },
  ],
};
