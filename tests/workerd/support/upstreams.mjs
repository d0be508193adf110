/**
 * Everything outside the Worker: the two vendors at their real host names, the image host, and whatever else a test puts
 * there. One HTTP server on a free port answers for all of them; workerd sends every outgoing call to it.
 */
import { createServer } from "node:http";
import { send } from "./answers.mjs";
import { Glm } from "./glm.mjs";
import { ImageHost } from "./image_host.mjs";
import { SiliconFlow } from "./siliconflow.mjs";
import { Upstream } from "./upstream.mjs";
import { WorkersAi } from "./workers_ai.mjs";

/** Where the vendors really are. */
const SILICONFLOW = "https://api.siliconflow.cn/v1/image/generations";
const GLM = "https://open.bigmodel.cn/api/paas/v4/chat/completions";
const IMAGES = "https://sc-maas.oss-cn-shanghai.aliyuncs.com";

/**
 * @typedef {Awaited<ReturnType<typeof startUpstreams>>} Upstreams
 * @typedef {import("./upstream.mjs").Plan} Plan
 */

/**
 * Starts them.
 *
 * @param {object} [options]
 * @param {string[]} [options.imageKeys] the keys that SiliconFlow accepts
 * @param {string[]} [options.chatKeys] the keys that GLM accepts
 * @param {boolean} [options.local] true: they are at paths of the server itself, for a Worker whose calls cannot be
 *   redirected: `imageUrl` and `chatUrl` say where
 */
export async function startUpstreams({ imageKeys = [], chatKeys = [], local = false } = {}) {
  /** @type {Map<string, Upstream>} */
  const others = new Map();
  const elsewhere = new Upstream("elsewhere");
  const server = createServer({ requireHostHeader: false }, async (request, response) => {
    response.on("error", () => {}); // the Worker may leave before the answer
    const { method = "", url: target = "" } = request;
    const headers = /** @type {Record<string, string>} */ (request.headers);
    const url = target.startsWith("/") ? `http://${headers.host}${target}` : target;
    try {
      const chunks = await request.toArray();
      const call = { method, url, headers, text: Buffer.concat(chunks).toString() };
      send(await upstreamOf(url).answer(call), response);
    } catch {
      response.destroy(); // the Worker left in the middle of its call
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const origin = `http://127.0.0.1:${port}`;

  const imageUrl = local ? `${origin}/v1/image/generations` : SILICONFLOW;
  const chatUrl = local ? `${origin}/api/paas/v4/chat/completions` : GLM;
  const imageHost = new ImageHost({ origin: local ? `${origin}/images` : IMAGES });
  const siliconflow = new SiliconFlow({ url: imageUrl, keys: imageKeys, imageHost });
  const glm = new Glm({ url: chatUrl, keys: chatKeys });
  const ai = new WorkersAi();
  const all = [siliconflow, glm, imageHost, elsewhere, ai];

  /** @param {string} url */
  function upstreamOf(url) {
    const { host, pathname } = new URL(url);
    const at = (/** @type {string} */ known) =>
      host === new URL(known).host && (!local || pathname === new URL(known).pathname);
    const other = others.get(url);
    if (other) return other;
    if (imageHost.owns(url)) return imageHost;
    if (at(imageUrl)) return siliconflow;
    return at(chatUrl) ? glm : elsewhere;
  }

  return {
    /** `127.0.0.1:port`, where workerd sends its calls. */
    address: `127.0.0.1:${port}`,
    imageUrl,
    chatUrl,
    siliconflow,
    glm,
    imageHost,
    ai,

    /**
     * Announces calls, each as `Upstream.expect` takes them: `{ chat: 1, image: 1, download: 1 }`. What is not named is not
     * to be called.
     *
     * @param {{chat?: Plan, image?: Plan, download?: Plan}} calls
     */
    expect({ chat = 0, image = 0, download = 0 }) {
      glm.expect(chat);
      siliconflow.expect(image);
      imageHost.expect(download);
    },

    /**
     * Puts an upstream at a URL of its own: `const host = upstreams.at("https://example.com/a.png")`.
     *
     * @param {string} url
     */
    at(url) {
      const upstream = new Upstream(url);
      others.set(url, upstream);
      all.push(upstream);
      return upstream;
    },

    /** How often the chat API, the image API and the image host were called since the last `reset`. */
    get counts() {
      return { chat: glm.calls.length, image: siliconflow.calls.length, download: imageHost.calls.length };
    },

    /** Throws where a call was wrong, came unannounced, or did not come. */
    check() {
      all.forEach((upstream) => upstream.check());
    },

    reset() {
      all.forEach((upstream) => upstream.reset());
    },

    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
