/**
 * The least that a Worker can do for a stored picture: read it from KV by the query's prompt, and answer with it. What the
 * platform itself costs; the built Worker is held against it.
 */
export default {
  /** @param {Request} request @param {{FLUX_API: any}} env */
  async fetch(request, env) {
    const prompt = new URL(request.url).searchParams.get("prompt");
    const { value, metadata } = await env.FLUX_API.getWithMetadata(`floor:${prompt}`, "stream");
    return new Response(value, { headers: { "content-type": metadata.type } });
  },
};
