/** Two deployments of the Worker in one workerd, each of which the other may have as an endpoint. */
import { after, afterEach, before } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare, Response } from "miniflare";
import { startUpstreams } from "./upstreams.mjs";
import { request } from "./http.mjs";
import { moduleAt } from "./worker.mjs";

const project = fileURLToPath(new URL("../../../", import.meta.url));

/** @import { Request, RequestInit } from "miniflare" */

/**
 * @typedef {"first" | "second"} Name
 * @typedef {Partial<Record<Name, Record<string, string>>>} Settings
 * @typedef {{from: Name, to: Name, hops: string | null, authorization: string | null}} Call
 * @typedef {Awaited<ReturnType<typeof startChain>>} Chain
 */

/** The host of one of them, for the other. @param {string} name */
const hostOf = (name) => `${name}.example.workers.dev`;

/** The entry of `IMAGE_ENDPOINTS` for one of them. @param {Name} name @param {object} [more] */
export const endpoint = (name, more = {}) => ({
  url: `https://${hostOf(name)}/v1/images/generations`,
  key: "a-token-of-it",
  ...more,
});

/**
 * Starts them.
 *
 * @param {Settings} settings
 */
async function startChain(settings) {
  const upstreams = await startUpstreams({ imageKeys: ["image-key-1"] });
  const names = /** @type {Name[]} */ (Object.keys(settings));
  /** The calls from one to the other. @type {Call[]} */
  const calls = [];

  /**
   * Everything that a Worker sends: to the other one, or to the vendors.
   *
   * @param {Name} from
   * @param {Request} outgoing
   */
  async function send(from, outgoing) {
    const { hostname, href } = new URL(outgoing.url);
    const to = names.find((name) => hostOf(name) === hostname);
    if (to) {
      const { method, headers } = outgoing;
      if (method === "POST")
        calls.push({ from, to, hops: headers.get("x-free-flux-hop"), authorization: headers.get("authorization") });
      return workers[to].fetch(outgoing);
    }
    const body = await outgoing.text();
    const reply = await request(`http://${upstreams.address}`, href, {
      method: outgoing.method,
      headers: { ...Object.fromEntries(outgoing.headers), host: hostname },
      body: body || undefined,
    });
    return new Response(reply.body, { status: reply.status, headers: reply.headers });
  }

  /** @param {Name} name @returns {import("miniflare").WorkerOptions} */
  const worker = (name) => ({
    name,
    modulesRoot: project,
    modules: ["build/index.js", "build/index_bg.wasm"].map(moduleAt),
    compatibilityDate: "2026-04-01",
    bindings: settings[name],
    kvNamespaces: { FLUX_API: `library-of-${name}` },
    durableObjects: {
      IMAGE_MAKER: { className: "ImageMaker", useSQLite: true },
      KEY_RING: { className: "KeyRing", useSQLite: true },
    },
    outboundService: (outgoing) => send(name, outgoing),
  });
  const miniflare = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    workers: names.map(worker),
    // The Workers' warnings are what the tests are about.
    handleStructuredLogs() {},
  });
  await miniflare.ready;
  /** @type {Record<string, {fetch(input: string | Request, init?: RequestInit): Promise<any>}>} */
  const workers = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await miniflare.getWorker(name)])),
  );

  return {
    upstreams,
    calls,
    /** Asks one of them, at its own host. @param {Name} name @param {string} path @param {RequestInit} [options] */
    ask: (name, path, options) =>
      workers[name].fetch(`https://${hostOf(name)}${path}`, { redirect: "manual", ...options }),
    /** Asks one of them for images by POST. @param {Name} name @param {unknown} body */
    post: (name, body) =>
      workers[name].fetch(`https://${hostOf(name)}/v1/images/generations`, {
        method: "POST",
        body: JSON.stringify(body),
      }),
    async stop() {
      await miniflare.dispose();
      await upstreams.stop();
    },
  };
}

/**
 * The two for all tests of a file, or of a `describe`; the upstreams are checked after each.
 *
 * @param {Settings} settings
 * @returns {Chain} filled before the first test
 */
export function useChain(settings) {
  const chain = /** @type {Chain} */ ({});
  before(async () => Object.assign(chain, await startChain(settings)));
  afterEach(() => {
    chain.calls.length = 0;
    try {
      chain.upstreams.check();
    } finally {
      chain.upstreams.reset();
    }
  });
  after(() => chain.stop?.());
  return chain;
}
