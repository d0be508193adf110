/** Stores pictures from within workerd, which takes a tenth of the time that it takes from without. */
export default {
  /** @param {Request} request @param {{FLUX_API: any}} env */
  async fetch(request, env) {
    const url = new URL(request.url);
    const value = await request.arrayBuffer();
    const [keys, metadata] = ["key", "metadata"].map((name) => url.searchParams.getAll(name));
    await Promise.all(keys.map((key, at) => env.FLUX_API.put(key, value, { metadata: JSON.parse(metadata[at]) })));
    return new Response();
  },
};
