/**
 * The built Worker in workerd, bound as wrangler.toml binds it, with fakes in place of everything outside.
 *
 * A test file calls `useWorker` at its top and has one runtime for all its tests. Each test announces the upstream calls
 * it will cause; a call too many, a call too few or a wrong call fails it.
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { parse } from "smol-toml";
import { path, request } from "./http.mjs";
import { instruments } from "./instruments.mjs";
import { startUpstreams } from "./upstreams.mjs";

const project = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * What is read of wrangler.toml.
 *
 * @typedef {object} Config
 * @property {string} compatibility_date
 * @property {string[]} [compatibility_flags]
 * @property {{new_sqlite_classes?: string[]}[]} migrations
 * @property {{bindings: {name: string, class_name: string}[]}} durable_objects
 * @property {{name: string, simple: {limit: number, period: 10 | 60}}[]} ratelimits
 * @property {{directory: string, binding: string}} assets
 * @property {{binding: string}[]} kv_namespaces
 */

const wranglerToml = readFileSync(join(project, "wrangler.toml"), "utf8");
const config = /** @type {Config} */ (/** @type {unknown} */ (parse(wranglerToml)));

/** Miniflare's way to say that a proxy is given the whole URL of a call. */
const WHOLE_URL = 1;

/** How long a write that goes on after its answer is waited for: far longer than it takes on a busy machine. */
const PATIENCE_MS = 30_000;

/** The settings of a deployment with one key for images and one for prompts, and no other API for these. */
export const SETTINGS = {
  IMAGE_API_KEYS: "image-key-1",
  PROCESS_API_KEY: "chat-key-1",
  PROCESS_FALLBACK: "off",
  IMAGE_MODELS: "black-forest-labs/FLUX.1-schnell,Kwai-Kolors/Kolors",
};

/** One model, and no key that draws with another. @type {Record<string, string | undefined>} */
export const ONE_MODEL = { IMAGE_MODELS: "black-forest-labs/FLUX.1-schnell", PROCESS_API_KEY: undefined };

/**
 * @typedef {import("./http.mjs").Parameters} Parameters
 * @typedef {import("./http.mjs").RequestOptions} RequestOptions
 * @typedef {Awaited<ReturnType<typeof startWorker>>} TestWorker
 */

/**
 * @typedef {object} Options
 * @property {Record<string, string | undefined>} [vars] settings beside `SETTINGS`; `undefined` takes one away
 * @property {boolean} [kv] false: `FLUX_API` is not bound
 * @property {number} [rateLimit] new images a minute for each visitor, where `RATE_LIMITER` is bound
 * @property {number} [lookupLimit] requests a minute for each visitor that KV cannot answer, where `LOOKUP_LIMITER` is
 *   bound
 * @property {boolean} [assets] false: `ASSETS` is not bound
 * @property {boolean} [analytics] true: a data set for hits is bound
 * @property {boolean} [ai] true: Workers AI is bound (`worker.upstreams.ai`)
 * @property {boolean} [instrumented] true: KV's faults and the clock are in the test's hand (`worker.instruments`)
 * @property {string[]} [around] modules that stand around the built Worker in the place of the instruments
 * @property {boolean} [inspected] true: a debugger can look inside (`worker.inspector`)
 * @property {string} [storage] a folder that outlives the Worker; by default it forgets everything
 */

/** @param {Options} [options] */
export async function startWorker({
  vars,
  kv = true,
  rateLimit,
  lookupLimit,
  assets = true,
  ai = false,
  analytics = false,
  instrumented = false,
  around,
  inspected = false,
  storage,
} = {}) {
  const settings = Object.fromEntries(
    Object.entries({ ...SETTINGS, ...vars }).filter(([, value]) => value !== undefined),
  );
  const keys = (/** @type {string | undefined} */ list = "") => list.split(",").map((key) => key.trim());
  const upstreams = await startUpstreams({
    imageKeys: keys(settings.IMAGE_API_KEYS),
    chatKeys: keys(settings.PROCESS_API_KEY),
  });
  const entries = around ?? (instrumented ? ["tests/workerd/support/instrumented.mjs"] : []);
  /** @type {string[]} */
  const logs = [];
  const main = {
    name: "main",
    modulesRoot: project,
    modules: [...entries, "build/index.js", "build/index_bg.wasm"].map(moduleAt),
    bindings: settings,
    ...bindings({ kv, limits: { RATE_LIMITER: rateLimit, LOOKUP_LIMITER: lookupLimit }, assets }),
    outboundService: { external: { address: upstreams.address, http: { style: /** @type {any} */ (WHOLE_URL) } } },
    ...(analytics && { analyticsEngineDatasets: { ANALYTICS: { dataset: "hits" } } }),
    ...(ai && { wrappedBindings: { AI: { scriptName: "ai" } } }),
  };
  const miniflare = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    ...(inspected && { inspectorPort: 0 }),
    ...(storage && { kvPersist: join(storage, "kv"), durableObjectsPersist: join(storage, "objects") }),
    handleStructuredLogs({ level, message }) {
      logs.push(`${level}: ${message}`);
    },
    workers: [main, ...(ai ? [upstreams.ai.worker] : [])],
  });
  async function stop() {
    try {
      await miniflare.dispose();
    } finally {
      await upstreams.stop();
    }
  }
  const { origin } = await miniflare.ready.catch(async (error) => {
    // What is left listening would keep the test's process from ending. That it fails again is no news.
    await stop().catch(() => {});
    throw error;
  });

  return {
    origin,
    upstreams,
    /** Lines of the Worker's log, and of the runtime's. */
    logs,
    instruments: instruments(origin),

    /** Where a debugger finds the Worker, where it is `inspected`. */
    inspector: () => miniflare.getInspectorURL(),

    /** Asks for a path with these parameters: `get("/", { prompt: "cat" }, { headers })`. */
    /** @param {string} pathname @param {Parameters} [parameters] @param {RequestOptions} [options] */
    get: (pathname, parameters, options) => request(origin, path(pathname, parameters), options),

    /** Sends a request whose path is as it is. @param {string} rawPath @param {RequestOptions} [options] */
    send: (rawPath, options) => request(origin, rawPath, options),

    /**
     * Asks for an image and follows the redirect that a new one is answered with.
     *
     * @param {Parameters} parameters
     * @param {RequestOptions} [options]
     */
    async image(parameters, options) {
      const first = await request(origin, path("/", parameters), options);
      return first.status === 302 ? request(origin, first.target, options) : first;
    },

    /** The namespace `FLUX_API`, as the Worker has it. */
    library: () => miniflare.getKVNamespace("FLUX_API"),

    /** Waits until an image's write into KV, which goes on after the answer, has come about. @param {string} id */
    async stored(id) {
      const library = await miniflare.getKVNamespace("FLUX_API");
      for (const end = Date.now() + PATIENCE_MS; ; ) {
        const found = await library.getWithMetadata(`image:v1:${id}`, "arrayBuffer");
        if (found.value) return { bytes: Buffer.from(found.value), metadata: found.metadata };
        if (Date.now() > end) throw new Error(`image ${id} is not in KV`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },

    stop,
  };
}

/**
 * What wrangler.toml binds and says of the runtime, as Miniflare takes it.
 *
 * @param {Pick<Options, "kv" | "assets"> & {limits: Record<string, number | undefined>}} options
 */
function bindings({ kv, limits, assets }) {
  const sqlite = config.migrations.flatMap((migration) => migration.new_sqlite_classes ?? []);
  const objects = config.durable_objects.bindings.map(({ name, class_name: className }) => {
    return [name, { className, useSQLite: sqlite.includes(className) }];
  });
  const bound = config.ratelimits.filter(({ name }) => limits[name]);
  const limiters = bound.map(({ name, simple }) => [name, { simple: { ...simple, limit: limits[name] } }]);
  const { directory, binding } = config.assets;
  return {
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags,
    kvNamespaces: kv ? config.kv_namespaces.map((namespace) => namespace.binding) : [],
    durableObjects: Object.fromEntries(objects),
    ratelimits: Object.fromEntries(limiters),
    ...(assets && {
      assets: { directory: join(project, directory), binding, routerConfig: { has_user_worker: true } },
    }),
  };
}

/**
 * One Worker for all tests of a file, or of a `describe`: checks the upstreams after each test, and stops it after the
 * last.
 *
 * @param {Options} [options]
 * @param {(worker: TestWorker) => Promise<void>} [prepare] what all tests rely on
 * @returns {TestWorker} filled before the first test
 */
export function useWorker(options, prepare = async () => {}) {
  const worker = /** @type {TestWorker} */ ({});
  before(async () => {
    Object.assign(worker, await startWorker(options));
    await prepare(worker);
    checkAndReset(worker);
  });
  afterEach(() => checkAndReset(worker));
  after(() => worker.stop?.());
  return worker;
}

/** @param {TestWorker} worker */
function checkAndReset({ upstreams }) {
  try {
    upstreams.check();
  } finally {
    upstreams.reset();
  }
}

/** @param {string} path in the project @returns {{type: "ESModule" | "CompiledWasm", path: string}} */
export const moduleAt = (path) => ({
  type: path.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
  path: join(project, path),
});

/**
 * A folder for `Options.storage`, removed after the file's last test.
 *
 * @returns {{folder: string}} filled before the first test
 */
export function useStorage() {
  const storage = { folder: "" };
  before(async () => {
    storage.folder = await mkdtemp(join(tmpdir(), "free-flux-api-"));
  });
  after(() => rm(storage.folder, { recursive: true, force: true }));
  return storage;
}
