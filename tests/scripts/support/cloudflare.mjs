/**
 * Cloudflare's API, as far as a deployment asks it: an account with one Worker, which may not be there yet.
 *
 * The project's own wrangler talks to it over HTTP, by CLOUDFLARE_API_BASE_URL. A call that it does not know is answered
 * 404 and noted in `surprises`.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { project } from "./script.mjs";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const { version: VERSION } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
export const TOKEN = "token-of-the-account";
const NOT_FOUND = { status: 404, code: 10007, message: "This Worker does not exist on your account." };

/**
 * @typedef {{bytes: Buffer, type: string}} Body of a request, with its media type
 * @typedef {{type: string, name: string, text?: string}} Binding
 */

/**
 * Starts it.
 *
 * @param {object} [options]
 * @param {boolean} [options.subdomain] false: the account has no workers.dev address
 * @param {string[]} [options.namespaces] the titles of the KV namespaces that it has
 * @param {object[]} [options.pasted] the bindings of a Worker of the same name that was pasted into the dashboard
 */
export async function startCloudflare({ subdomain = true, namespaces = [], pasted } = {}) {
  /**
   * @type {{
   *   calls: string[],
   *   surprises: string[],
   *   namespaces: string[],
   *   worker: any,
   *   secrets: Record<string, string>,
   *   uploaded: string[],
   *   health: object,
   * }}
   */
  const state = {
    ...{ calls: [], surprises: [], namespaces: [...namespaces], worker: undefined, secrets: {}, uploaded: [] },
    // What the deployed Worker answers at its own address.
    health: { status: "ok", version: VERSION, draws: true, rewrites: true },
  };
  if (pasted) state.worker = { bindings: pasted, from: "dash" };

  /** @type {[method: string, path: string, answer: (body: Body) => unknown][]} */
  const routes = [
    ["GET", "/user", () => ({ id: "user", email: "user@example.com" })],
    ["GET", "/user/tokens/verify", () => ({ id: "token", status: "active" })],
    ["GET", "/memberships", () => [{ id: "membership", account: { id: ACCOUNT, name: "Account" } }]],
    ["GET", "/accounts", () => [{ id: ACCOUNT, name: "Account" }]],
    ["GET", "/services/free-flux-api", () => (state.worker ? service() : { ...NOT_FOUND, code: 10090 })],
    // What a Worker of the dashboard is compared by.
    ["GET", "/services/free-flux-api/environments/production/bindings", () => bindings()],
    ["GET", "/services/free-flux-api/environments/production/routes", () => []],
    [
      "GET",
      "/services/free-flux-api/environments/production/subdomain",
      () => ({ enabled: true, previews_enabled: true }),
    ],
    ["GET", "/services/free-flux-api/environments/production", () => service().default_environment],
    ["GET", "/domains/records", () => []],
    ["GET", "/scripts/free-flux-api/schedules", () => ({ schedules: [] })],
    ["GET", "/scripts", () => (state.worker ? [service().default_environment.script] : [])],
    ["GET", "/scripts/free-flux-api/settings", () => (state.worker ? { bindings: bindings() } : NOT_FOUND)],
    ["PATCH", "/scripts/free-flux-api/settings", patchSettings],
    ["GET", "/scripts/free-flux-api/secrets", () => (state.worker ? secretBindings() : NOT_FOUND)],
    ["GET", "/storage/kv/namespaces", () => state.namespaces.map((title) => ({ id: `id-of-${title}`, title }))],
    ["POST", "/storage/kv/namespaces", createNamespace],
    ["POST", "/scripts/free-flux-api/assets-upload-session", openUpload],
    ["POST", "/assets/upload", () => ({ jwt: "assets-are-there" })],
    ["PUT", "/scripts/free-flux-api", putWorker],
    // What is there already gets a new version, which is then deployed.
    [
      "POST",
      "/scripts/free-flux-api/versions",
      async (body) => ({ ...(await putWorker(body)), id: "version", resources: { script: { etag: "2" } } }),
    ],
    ["POST", "/scripts/free-flux-api/deployments", () => ({ id: "deployment" })],
    ["PATCH", "/scripts/free-flux-api/script-settings", () => ({})],
    [
      "GET",
      "/subdomain",
      () => (subdomain ? { subdomain: "somebody" } : { status: 404, code: 10007, message: "no subdomain" }),
    ],
    ["GET", "/scripts/free-flux-api/subdomain", () => ({ enabled: false, previews_enabled: false })],
    ["POST", "/scripts/free-flux-api/subdomain", () => ({ enabled: true, previews_enabled: true })],
    ["GET", "/scripts/free-flux-api/deployments", () => ({ deployments: [] })],
    // Where newer versions of wrangler ask for the address, and set it.
    ["GET", "/workers/free-flux-api", () => ({ subdomain: { enabled: false, previews_enabled: false } })],
    ["PATCH", "/workers/free-flux-api", () => ({ subdomain: { enabled: true, previews_enabled: true } })],
  ];

  function service() {
    const { from } = state.worker;
    const script = {
      id: "free-flux-api",
      etag: "1",
      compatibility_date: "2024-01-01",
      last_deployed_from: from,
      ...(from === "wrangler" && { migration_tag: "v1" }),
    };
    return { id: "free-flux-api", default_environment: { environment: "production", script } };
  }

  const secretBindings = () => Object.keys(state.secrets).map((name) => ({ name, type: "secret_text" }));
  const bindings = () => [
    ...state.worker.bindings.filter((/** @type {Binding} */ { type }) => type !== "inherit"),
    ...secretBindings(),
  ];

  /** @param {Body} body */
  async function patchSettings(body) {
    const form = await formOf(body);
    for (const { type, name, text } of JSON.parse(String(form.get("settings"))).bindings) {
      if (type === "secret_text" && text !== undefined) state.secrets[name] = text;
    }
    return {};
  }

  /** @param {Body} body */
  function createNamespace(body) {
    const { title } = JSON.parse(String(body.bytes));
    if (state.namespaces.includes(title)) {
      return {
        status: 400,
        code: 10014,
        message: "create namespace: 'a namespace with this account ID and title already exists'",
      };
    }
    state.namespaces.push(title);
    return { id: `id-of-${title}`, title };
  }

  /** @param {Body} body */
  function openUpload(body) {
    const { manifest } = JSON.parse(String(body.bytes));
    state.uploaded = Object.keys(manifest);
    return { jwt: "upload", buckets: [Object.values(manifest).map(({ hash }) => hash)] };
  }

  /** @param {Body} body */
  async function putWorker(body) {
    const form = await formOf(body);
    const metadata = JSON.parse(String(form.get("metadata")));
    const inherited = metadata.bindings
      .filter((/** @type {Binding} */ { type }) => type === "inherit")
      .map((/** @type {Binding} */ { name }) => name);
    const kept = (state.worker?.bindings ?? []).filter((/** @type {Binding} */ { name }) => inherited.includes(name));
    const parts = [...form]
      .filter(([, value]) => typeof value !== "string")
      .map(([name, value]) => [name, /** @type {File} */ (value).size]);
    const own = metadata.bindings.filter((/** @type {Binding} */ { type }) => type !== "inherit");
    state.worker = { ...metadata, from: "wrangler", bindings: [...own, ...kept], parts: Object.fromEntries(parts) };
    return { id: "free-flux-api", etag: "1", startup_time_ms: 3, has_assets: true };
  }

  /** @param {import("node:http").IncomingMessage} request @returns {Promise<any>} */
  async function answer(request) {
    const bytes = Buffer.concat(await request.toArray());
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname.startsWith("/at/")) {
      state.calls.push(`${request.method} ${pathname}`);
      return state.health;
    }
    const path = pathname.replace(`/accounts/${ACCOUNT}`, "").replace(/^\/workers/, "") || "/accounts";
    state.calls.push(`${request.method} ${path}`);
    const upload = path === "/assets/upload";
    if (request.headers.authorization !== `Bearer ${upload ? "upload" : TOKEN}`) {
      return { status: 403, code: 10000, message: "Authentication error" };
    }
    const route = routes.find(([method, known]) => method === request.method && known === path);
    if (!route) state.surprises.push(`${request.method} ${path}`);
    return route ? await route[2]({ bytes, type: request.headers["content-type"] ?? "" }) : NOT_FOUND;
  }

  const server = createServer(async (request, response) => {
    const result = await answer(request);
    const failed = typeof result.code === "number";
    const errors = failed ? [{ code: result.code, message: result.message }] : [];
    const envelope = { success: !failed, result: failed ? null : result, errors, messages: [] };
    response.writeHead(failed ? result.status : 200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(result === state.health ? result : envelope));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    ...{ state, url: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}` },
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** @param {Body} body */
const formOf = ({ bytes, type }) =>
  new Response(new Uint8Array(bytes), { headers: { "Content-Type": type } }).formData();
