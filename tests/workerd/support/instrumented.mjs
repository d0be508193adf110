/**
 * The built Worker with a hand on its surroundings, for tests that need KV to fail, time to pass, or an alarm to go off:
 * the Worker itself is untouched, it only gets another KV binding and another clock. Runs in workerd; `instruments.mjs` is
 * the other end.
 */
import * as built from "/build/index.js";

/** Requests to this path are for the instruments. */
const CONTROL = "/__instruments";

const RealDate = Date;
let ahead = 0;
class ShiftedDate extends RealDate {
  /** @override */
  static now() {
    return RealDate.now() + ahead;
  }

  /** @param {[any?, ...any[]]} parts */
  constructor(...parts) {
    // `Date` has several forms, of which one stands for all here: types know no list that fits each.
    super(.../** @type {[any]} */ (parts.length > 0 ? parts : [RealDate.now() + ahead]));
  }
}
globalThis.Date = /** @type {DateConstructor} */ (ShiftedDate);

/**
 * The state of KV: "work", or "fail", or for reads "miss" as in a place that has looked before, for writes "late" as in a
 * place that still shows what was there; and the calls of it and of the objects.
 *
 * @type {{get: string, put: string, operations: string[]}}
 */
const kv = { get: "work", put: "work", operations: [] };

/** @param {Record<string, (...parts: unknown[]) => Promise<unknown>>} real */
function library(real) {
  /** @type {Record<string | symbol, (key: string, ...rest: unknown[]) => Promise<unknown>>} */
  const calls = {
    async getWithMetadata(key, ...rest) {
      kv.operations.push(`get ${key}`);
      if (kv.get === "fail") throw new Error("KV GET failed: 503 Service Unavailable");
      if (kv.get === "miss") return { value: null, metadata: null, cacheStatus: null };
      return real.getWithMetadata(key, ...rest);
    },
    async put(key, ...rest) {
      kv.operations.push(`put ${key}`);
      if (kv.put === "fail") throw new Error("KV PUT failed: 429 Too Many Requests");
      if (kv.put === "late") return undefined;
      return real.put(key, ...rest);
    },
    async list(options, ...rest) {
      kv.operations.push("list");
      if (kv.get === "fail") throw new Error("KV LIST failed: 503 Service Unavailable");
      return real.list(options, ...rest);
    },
    async delete(key) {
      kv.operations.push(`delete ${key}`);
      return real.delete(key);
    },
  };
  // What is not instrumented would go unseen.
  return new Proxy(calls, {
    get(target, name) {
      if (typeof name === "symbol" || name === "then" || name in target) return target[name];
      throw new Error(`KV's ${name} is not instrumented`);
    },
  });
}

/** The data set of hits. @param {{blobs: string[], doubles: number[]}} point */
const writeDataPoint = ({ blobs, doubles }) => kv.operations.push(["hit", ...blobs, ...doubles].join(" "));

/** @param {Record<string, any>} env */
const instrumented = (env) => ({
  ...env,
  ...(env.FLUX_API && { FLUX_API: library(env.FLUX_API) }),
  ...(env.ANALYTICS && { ANALYTICS: { writeDataPoint } }),
});

export class ImageMaker extends built.ImageMaker {
  #storage;

  /** @param {DurableObjectState} state @param {object} env */
  constructor(state, env) {
    super(state, instrumented(env));
    this.#storage = state.storage;
  }

  /** @override @param {Request} request */
  async fetch(request) {
    if (new URL(request.url).pathname !== CONTROL) {
      kv.operations.push("ask ImageMaker");
      return super.fetch(request);
    }
    if (request.method === "POST") await this.alarm();
    return Response.json(await this.#storage.getAlarm());
  }
}

export class KeyRing extends built.KeyRing {
  /** @override @param {Request} request */
  async fetch(request) {
    kv.operations.push("ask KeyRing");
    return super.fetch(request);
  }
}

export default {
  /** @param {Request} request @param {Record<string, any>} env @param {object} context */
  async fetch(request, env, context) {
    if (new URL(request.url).pathname !== CONTROL) return built.default.fetch(request, instrumented(env), context);
    const { pass = 0, get = kv.get, put = kv.put, forget = false, wake, alarmOf } = await request.json();
    ahead += pass;
    Object.assign(kv, { get, put });
    if (forget) kv.operations = [];
    const id = wake ?? alarmOf;
    if (id) {
      const method = wake ? "POST" : "GET";
      const maker = env.IMAGE_MAKER.get(env.IMAGE_MAKER.idFromName(id));
      const alarm = await (await maker.fetch(`https://maker${CONTROL}`, { method })).json();
      return Response.json({ ...kv, alarm });
    }
    return Response.json(kv);
  },
};
