/** Two deployments of the Worker in one workerd, each of which the other may have as an endpoint. */
import { join } from "node:path";
import { after, afterEach, before } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare, Response } from "miniflare";
import { startUpstreams } from "./upstreams.mjs";
import { request } from "./http.mjs";

const project = fileURLToPath(new URL("../../../", import.meta.url));

/** Where they are for one another. */
const hostOf = (name) => `${name}.example.workers.dev`;

/** The entry of `IMAGE_ENDPOINTS` for one of them. */
export const endpoint = (name, more = {}) => ({
  url: `https://${hostOf(name)}/v1/images/generations`,
  key: "a-token-of-it",
  ...more,
});

/**
 * Starts them.
 *
 * @param {Record<"first" | "second", Record<string, string>>} settings
 */
async function startChain(settings) {
  const upstreams = await startUpstreams({ imageKeys: ["image-key-1"] });
  /** What went from one to the other. */
  const calls = [];
  let miniflare;

  /** Everything that a Worker sends: to the other one, or to the vendors. */
  async function send(from, outgoing) {
    const { hostname, href } = new URL(outgoing.url);
    const to = Object.keys(settings).find((name) => hostOf(name) === hostname);
    if (to) {
      const { method, headers } = outgoing;
      if (method === "POST")
        calls.push({ from, to, hops: headers.get("x-free-flux-hop"), authorization: headers.get("authorization") });
      return (await miniflare.getWorker(to)).fetch(outgoing);
    }
    const body = await outgoing.text();
    const reply = await request(`http://${upstreams.address}`, href, {
      method: outgoing.method,
      headers: { ...Object.fromEntries(outgoing.headers), host: hostname },
      body: body || undefined,
    });
    return new Response(reply.body, { status: reply.status, headers: reply.headers });
  }

  const worker = (name) => ({
    name,
    modulesRoot: project,
    modules: [
      { type: "ESModule", path: join(project, "build/index.js") },
      { type: "CompiledWasm", path: join(project, "build/index_bg.wasm") },
    ],
    compatibilityDate: "2026-04-01",
    bindings: settings[name],
    kvNamespaces: { FLUX_API: `library-of-${name}` },
    durableObjects: {
      IMAGE_MAKER: { className: "ImageMaker", useSQLite: true },
      KEY_RING: { className: "KeyRing", useSQLite: true },
    },
    outboundService: (outgoing) => send(name, outgoing),
  });
  miniflare = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    workers: Object.keys(settings).map(worker),
    // The Workers' warnings are what the tests are about.
    handleStructuredLogs() {},
  });
  await miniflare.ready;
  const origins = Object.fromEntries(
    await Promise.all(Object.keys(settings).map(async (name) => [name, await miniflare.getWorker(name)])),
  );

  return {
    upstreams,
    calls,
    /** Asks one of them, at its own host. */
    ask: (name, path, options) =>
      origins[name].fetch(`https://${hostOf(name)}${path}`, { redirect: "manual", ...options }),
    /** Asks one of them for images by POST. */
    post: (name, body) =>
      origins[name].fetch(`https://${hostOf(name)}/v1/images/generations`, {
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
 * @returns {Awaited<ReturnType<typeof startChain>>} filled before the first test
 */
export function useChain(settings) {
  const chain = {};
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
