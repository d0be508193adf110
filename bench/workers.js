/** The Workers that are measured, side by side in one workerd, each at a port of its own. */
import { fileURLToPath } from "node:url";
import { Miniflare, Response } from "miniflare";

const project = fileURLToPath(new URL("../", import.meta.url));

/**
 * @typedef {"worker" | "floor" | "null" | "stock"} Name
 * @typedef {Awaited<ReturnType<typeof startWorkers>>} BenchWorkers the origins of those that were started, and what they share
 */

/** How long the fake image API takes over a picture, in milliseconds. */
export const UPSTREAM_MS = 200;

/** A JPEG as far as the Worker looks: its header says 512 by 512 pixels, and it has an end. @param {number} bytes */
export function picture(bytes) {
  const image = Buffer.alloc(bytes, 0xa5);
  image.set([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 11, 8, 2, 0, 2, 0, 1, 1, 0x11, 0]);
  image.set([0xff, 0xd9], bytes - 2);
  return image;
}

/** @param {string} name */
const script = (name) => ({ modules: true, modulesRoot: project, scriptPath: `${project}bench/${name}.js` });

/** The options of each Worker. @type {Record<Name, import("miniflare").WorkerOptions>} */
const WORKERS = {
  worker: {
    modulesRoot: project,
    modules: [
      { type: "ESModule", path: `${project}build/index.js` },
      { type: "CompiledWasm", path: `${project}build/index_bg.wasm` },
    ],
    bindings: { IMAGE_API_KEYS: "key", KEY_IMAGES_PER_MINUTE: "1000" },
    durableObjects: {
      IMAGE_MAKER: { className: "ImageMaker", useSQLite: true },
      KEY_RING: { className: "KeyRing", useSQLite: true },
    },
  },
  floor: script("floor"),
  null: script("null"),
  stock: script("stock"),
};

/**
 * Starts some of them, all bound to the same KV.
 *
 * @param {Name[]} names
 * @param {{ assets?: boolean }} [options] `assets`: all of them have the static files, and the router before these, which
 *   costs half of a small answer's throughput
 */
export async function startWorkers(names, { assets = false } = {}) {
  const calls = { image: 0, download: 0 };
  const made = picture(150_000);

  /** @param {import("miniflare").Request} request */
  async function upstream(request) {
    if (request.method === "POST") {
      calls.image += 1;
      await new Promise((resolve) => setTimeout(resolve, UPSTREAM_MS));
      return Response.json({
        images: [{ url: `https://images.example/${calls.image}.jpg` }],
        timings: { inference: 0.2 },
      });
    }
    calls.download += 1;
    return new Response(made, { headers: { "content-type": "image/jpeg" } });
  }

  const common = {
    compatibilityDate: "2026-04-01",
    kvNamespaces: { FLUX_API: "bench" },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    outboundService: upstream,
    ...(assets && {
      assets: { directory: `${project}build/assets`, binding: "ASSETS", routerConfig: { has_user_worker: true } },
    }),
  };
  const miniflare = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    workers: names.map((name) => ({ ...common, name, ...WORKERS[name] })),
  });
  await miniflare.ready;
  const origins = /** @type {Record<Name, string>} */ ({});
  for (const name of names) origins[name] = (await miniflare.unsafeGetDirectURL(name)).origin;
  return {
    ...origins,
    library: await miniflare.getKVNamespace("FLUX_API", names[0]),
    calls,
    stop: () => miniflare.dispose(),
  };
}
