/**
 * The built Worker in workerd, with the pages as its assets and fakes in place of the two vendors. A test says what the
 * fakes answer.
 */
import { fileURLToPath } from "node:url";
import { Miniflare, Response } from "miniflare";
import { png } from "./png.mjs";

const project = fileURLToPath(new URL("../../../", import.meta.url));
const IMAGE_HOST = "pictures.example";
const COLOURS = [[196, 92, 60], [60, 120, 168], [92, 140, 84], [150, 96, 168], [200, 160, 72]];

/** What the vendors do, unless a test wants something else. */
export class Vendors {
  /** Bodies of the calls that came in. */
  images = [];
  chats = [];
  #gate = null;
  #open = () => {};

  /** @param {any} body @param {number} n which call it is, from 1 @returns {{status: number, body?: any, headers?: object} | null} null: a picture */
  onImage = () => null;

  /** @param {any} body @returns {{status: number, body?: any, headers?: object} | null} null: a rewritten prompt */
  onChat = () => null;

  /** Lets no image call end until `release`. */
  hold() {
    this.#gate = new Promise((resolve) => (this.#open = resolve));
  }

  release() {
    this.#open();
    this.#gate = null;
  }

  async answerImage(body) {
    this.images.push(body);
    const n = this.images.length;
    await this.#gate;
    const url = `https://${IMAGE_HOST}/${body.image_size}/${n}.png`;
    const seed = body.seed ?? 1_000_000 + n;
    return this.onImage(body, n) || { status: 200, body: { images: [{ url }], timings: { inference: 0.4 }, seed } };
  }

  async answerChat(body) {
    this.chats.push(body);
    const content = "oil painting, a girl in a red coat, falling snow";
    return this.onChat(body) || { status: 200, body: { choices: [{ message: { role: "assistant", content }, finish_reason: "stop" }] } };
  }

  /** @param {string} url one that `answerImage` gave */
  picture(url) {
    const [, size, n] = /\/(\d+x\d+)\/(\d+)\.png$/.exec(url);
    const [width, height] = size.split("x").map(Number);
    return png(width, height, COLOURS[n % COLOURS.length]);
  }
}

/**
 * @param {{bindings?: Record<string, string>, kv?: boolean, rateLimit?: number | null}} [options]
 * `rateLimit` is how many new images a minute a visitor may ask for
 */
export async function startWorld({ bindings = {}, kv = true, rateLimit = null } = {}) {
  const vendors = new Vendors();
  const settings = { IMAGE_API_KEYS: "key-a,key-b,key-c,key-d", PROCESS_API_KEY: "chat-key", ...bindings };
  const worker = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    modulesRoot: `${project}build`,
    modules: [
      { type: "ESModule", path: `${project}build/index.js` },
      { type: "CompiledWasm", path: `${project}build/index_bg.wasm` },
    ],
    compatibilityDate: "2026-04-01",
    bindings: Object.fromEntries(Object.entries(settings).filter(([, value]) => value)),
    kvNamespaces: kv ? ["FLUX_API"] : [],
    durableObjects: {
      IMAGE_MAKER: { className: "ImageMaker", useSQLite: true },
      KEY_RING: { className: "KeyRing", useSQLite: true },
    },
    ratelimits: rateLimit ? { RATE_LIMITER: { simple: { limit: rateLimit, period: 60 } } } : {},
    assets: { directory: `${project}assets`, binding: "ASSETS", routerConfig: { has_user_worker: true } },
    outboundService: (request) => answerFor(vendors, request),
  });
  const url = (await worker.ready).origin;
  return {
    url,
    vendors,
    stop: () => worker.dispose(),
  };
}

async function answerFor(vendors, request) {
  const { host, pathname } = new URL(request.url);
  const json = ({ status, body, headers }) => Response.json(body ?? {}, { status, headers });
  if (host === "api.siliconflow.cn" && pathname === "/v1/image/generations") return json(await vendors.answerImage(await request.json()));
  if (host === "open.bigmodel.cn" && pathname === "/api/paas/v4/chat/completions") return json(await vendors.answerChat(await request.json()));
  if (host === IMAGE_HOST) return new Response(vendors.picture(request.url), { headers: { "Content-Type": "image/png" } });
  return new Response(`no such host here: ${request.url}`, { status: 599 });
}
