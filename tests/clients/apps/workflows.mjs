/** Dify and n8n. */
import assert from "node:assert/strict";
import { asked, assertShows, many, ONE, say } from "../support/pictures.mjs";
import { base64, chunks, imagesUrl, json, message, url } from "../support/shapes.mjs";

const DIFY = "langgenius/dify-official-plugins";
const N8N = "n8n-io/n8n, packages/@n8n/nodes-langchain/nodes/vendors/OpenAi";

const IMAGES = "/v1/images/generations";
const CHAT = "/v1/chat/completions";

/** @type {import("../support/shapes.mjs").App} */
export const DIFY_APP = {
  client: "Dify",
  shapes: [
    {
      does: "its tool for gpt-image-1",
      needs: "data[].b64_json, and usage with all its numbers: it reads them unasked",
      source: `${DIFY}, tools/openai/tools/gpt_image_generate.py, 2026-08-21`,
      path: IMAGES,
      body: { model: "gpt-image-1", prompt: "di1 a fox", size: "1024x1536", quality: "low", n: 1 },
      costs: ONE,
      gets(got) {
        base64(got);
        const { input_tokens_details: details, ...usage } = json(got).usage;
        const numbers = [usage.total_tokens, usage.input_tokens, usage.output_tokens];
        assert.deepEqual([...numbers, details.text_tokens, details.image_tokens], [0, 0, 0, 0, 0]);
      },
    },
    {
      does: "its tool for dall-e-3",
      needs: "data[].b64_json",
      source: `${DIFY}, tools/openai/tools/dalle3.py, 2026-08-21`,
      path: IMAGES,
      body: {
        ...{ prompt: "di2 a fox", model: "dall-e-3", size: "1024x1792", n: 1 },
        ...{ style: "vivid", quality: "standard", response_format: "b64_json" },
      },
      costs: ONE,
      gets: base64,
    },
    {
      does: "its tool for SiliconFlow",
      needs: "images[].url",
      source: `${DIFY}, tools/siliconflow/tools/image-generate.py, 2026-08-21`,
      path: IMAGES,
      body: {
        ...{ model: "Kwai-Kolors/Kolors", prompt: "di3 a fox", num_inference_steps: 20, image_size: "1024x1024" },
        ...{ batch_size: 1, guidance_scale: 7.5 },
      },
      costs: ONE,
      gets: imagesUrl,
    },
    {
      does: "its tool for SiliconFlow, four at once",
      needs: "images[].url, four of them",
      source: `${DIFY}, tools/siliconflow/tools/image-generate.py, 2026-08-21`,
      path: IMAGES,
      body: { model: "Kwai-Kolors/Kolors", prompt: "di4 a fox", image_size: "1024x1024", batch_size: 4 },
      costs: many(4),
      gets: (got) => assert.equal(new Set(json(got).images.map((image) => image.url)).size, 4),
    },
    {
      does: "a message to an OpenAI-compatible model",
      needs: "events by blank lines, choices[0].delta.content",
      source: `${DIFY}, models/openai_api_compatible/models/llm/llm.py, 2026-08-21`,
      path: CHAT,
      body: { model: "flux", stream: true, temperature: 0.7, messages: say("di5 a fox"), user: "someone" },
      costs: ONE,
      gets: chunks,
    },
    {
      does: "the check of a model's credentials",
      needs: 'an answer whose object is "chat.completion"',
      source: `${DIFY}, models/openai_api_compatible/models/llm/llm.py, 2026-08-21`,
      path: CHAT,
      body: { model: "flux", max_tokens: 5, messages: say("ping") },
      costs: ONE,
      gets(got) {
        assert.equal(json(got).object, "chat.completion");
        return message(got);
      },
    },
  ],
};

/** @type {import("../support/shapes.mjs").App} */
export const N8N_APP = {
  client: "n8n",
  shapes: [
    {
      does: "“Generate an image” with gpt-image-1",
      needs: "data[].b64_json",
      source: `${N8N}/actions/image/generate.operation.ts, 2026`,
      path: IMAGES,
      body: { prompt: "nn1 a fox", model: "gpt-image-1" },
      costs: ONE,
      gets: base64,
    },
    {
      does: "“Generate an image” with dall-e-3",
      needs: "data[].b64_json",
      source: `${N8N}/actions/image/generate.operation.ts, 2026`,
      path: IMAGES,
      body: {
        ...{ prompt: "nn2 a fox", model: "dall-e-3", response_format: "b64_json" },
        ...{ quality: "hd", size: "1792x1024", style: "natural" },
      },
      costs: ONE,
      gets: base64,
    },
    {
      does: "“Respond with image URL(s)”",
      needs: "data, each entry an object for the next node",
      source: `${N8N}/actions/image/generate.operation.ts, 2026`,
      path: IMAGES,
      body: { prompt: "nn3 a fox", model: "dall-e-3", response_format: "url" },
      costs: ONE,
      gets: url,
    },
    {
      does: "“Message a model”, which is /v1/responses",
      needs: "output[].content[].text",
      source: `${N8N}/v2/actions/text/response.operation.ts, 2026`,
      path: "/v1/responses",
      body: {
        model: "gpt-4o",
        input: [{ role: "user", content: [{ type: "input_text", text: "nn4 a fox" }] }],
        parallel_tool_calls: true,
        store: true,
      },
      costs: ONE,
      async gets(got) {
        const { output, status } = json(got);
        assert.equal(status, "completed");
        const texts = output.filter(({ type }) => type === "message").flatMap(({ content }) => content);
        assert.equal(texts[0].type, "output_text");
        await assertShows(got.worker, texts[0].text);
      },
    },
    {
      does: "an HTTP Request node, which knows numbers as texts",
      needs: "what the texts say",
      source: "n8n-io/n8n, packages/nodes-base/nodes/HttpRequest, 2026",
      path: IMAGES,
      body: { prompt: "nn5 a fox", model: "", n: "1", seed: "5", size: "", response_format: "" },
      costs: ONE,
      async gets(got) {
        await url(got);
        assert.equal(asked(got.worker)[0].seed, 5);
      },
    },
    {
      does: "the check of credentials",
      needs: "200 at /models",
      source: "n8n-io/n8n, packages/@n8n/nodes-langchain/credentials/OpenAiApi.credentials.ts, 2026",
      method: "GET",
      path: "/v1/models",
      gets: json,
    },
  ],
};
