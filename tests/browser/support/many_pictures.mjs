/**
 * The built Worker on a KV that lists its one image ten thousand times, under as many names. Runs in workerd. To write
 * them all would take minutes.
 */
import * as built from "/build/index.js";

const PREFIX = "image:v1:";
const COUNT = 10_000;

/** One in so many has no record of an image beside it. */
const UNREADABLE = 1000;

/** An id that is none of a real image. @param {number} n */
const idOf = (n) => `${String(n).padStart(42, "A")}A`;

/** @param {Record<string, (...parts: any[]) => Promise<any>>} real */
function manyOf(real) {
  const one = async () => (await real.list({ prefix: PREFIX, limit: 1 })).keys[0];
  /** @type {Record<string, (...parts: any[]) => Promise<any>>} */
  const calls = {
    async list({ limit, cursor }) {
      const { metadata } = await one();
      const from = Number(cursor ?? 0);
      const keys = Array.from({ length: Math.min(limit, COUNT - from) }, (_, more) => {
        const n = from + more;
        // 7919 has no factor in common with the count: each time is there once, in no order.
        const record = { ...metadata, prompt: `picture ${n}`, time: 1_700_000_000 + ((n * 7919) % COUNT) };
        return { name: PREFIX + idOf(n), metadata: n % UNREADABLE === UNREADABLE - 1 ? { not: "a record" } : record };
      });
      const isLast = from + limit >= COUNT;
      return { keys, list_complete: isLast, ...(isLast ? {} : { cursor: String(from + limit) }) };
    },
    async getWithMetadata(key, ...rest) {
      return real.getWithMetadata(key.startsWith(`${PREFIX}AAAA`) ? (await one()).name : key, ...rest);
    },
  };
  return new Proxy(calls, { get: (target, name) => target[String(name)] ?? real[String(name)].bind(real) });
}

export const { ImageMaker, KeyRing } = built;

export default {
  /** @param {Request} request @param {Record<string, any>} env @param {object} context */
  fetch: (request, env, context) => built.default.fetch(request, { ...env, FLUX_API: manyOf(env.FLUX_API) }, context),
};
