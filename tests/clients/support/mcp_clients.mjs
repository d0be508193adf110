/**
 * The official TypeScript clients of the Model Context Protocol, unchanged, behind one shape: each speaks another
 * version of it.
 */
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Client as OldClient } from "mcp-sdk-2025-03-26/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "mcp-sdk-2025-03-26/client/streamableHttp.js";

/**
 * @typedef {object} CallOptions
 * @property {(progress: {progress: number, message?: string}) => void} [onprogress]
 * @property {AbortSignal} [signal]
 */

/**
 * A client that is connected.
 *
 * @typedef {object} Connected
 * @property {() => string} version the one that client and server agreed on
 * @property {() => Promise<{name: string}[]>} tools
 * @property {(name: string, args: Record<string, unknown>, options?: CallOptions) => Promise<any>} call
 * @property {() => Promise<void>} close
 */

/**
 * @typedef {object} McpClient
 * @property {string} name npm's name of it
 * @property {string} version of the protocol
 * @property {string[]} blocks the kinds that a small picture's result has for it
 * @property {(origin: string, headers?: Record<string, string>) => Promise<Connected>} connect
 */

const SELF = { name: "free-flux-api's tests", version: "1.0.0" };

/** @param {string} origin */
const endpoint = (origin) => new URL("/mcp", origin);

/**
 * A client whose `callTool` takes the schema of the result before its options.
 *
 * @param {any} client
 * @param {any} transport
 * @returns {Promise<Connected>}
 */
async function connected(client, transport) {
  await client.connect(transport);
  return {
    version: () => transport.protocolVersion,
    tools: async () => (await client.listTools()).tools,
    call: (name, args, options) => client.callTool({ name, arguments: args }, undefined, options),
    close: () => client.close(),
  };
}

/**
 * The client of the modern versions: it asks `server/discover` first where it may choose, and nothing where it may not.
 *
 * @param {"auto" | {pin: string}} mode
 */
const modern =
  (mode) =>
  /** @returns {Promise<Connected>} */
  async (/** @type {string} */ origin, /** @type {Record<string, string>} */ headers = {}) => {
    const client = new ModernClient(SELF, { versionNegotiation: { mode } });
    await client.connect(new ModernTransport(endpoint(origin), { requestInit: { headers } }));
    return {
      version: () => String(client.getNegotiatedProtocolVersion()),
      tools: async () => (await client.listTools()).tools,
      call: (name, args, options) => client.callTool({ name, arguments: args }, options),
      close: () => client.close(),
    };
  };

const WITH_LINK = ["text", "text", "resource_link", "image"];

/** @type {McpClient[]} */
export const CLIENTS = [
  {
    name: "@modelcontextprotocol/client, free to choose",
    version: "2026-07-28",
    blocks: WITH_LINK,
    connect: modern("auto"),
  },
  {
    name: "@modelcontextprotocol/client of 2026-07-28",
    version: "2026-07-28",
    blocks: WITH_LINK,
    connect: modern({ pin: "2026-07-28" }),
  },
  {
    name: "@modelcontextprotocol/sdk of 2025-11-25",
    version: "2025-11-25",
    blocks: WITH_LINK,
    connect: (origin, headers = {}) =>
      connected(new Client(SELF), new StreamableHTTPClientTransport(endpoint(origin), { requestInit: { headers } })),
  },
  {
    name: "@modelcontextprotocol/sdk of 2025-03-26",
    version: "2025-03-26",
    // Links are a later version's: this one takes a result with a block that it does not know for broken.
    blocks: ["text", "text", "image"],
    async connect(origin, headers = {}) {
      const transport = new OldTransport(endpoint(origin), { requestInit: { headers } });
      // It keeps the version to itself, and sends it with nothing.
      return { ...(await connected(new OldClient(SELF), transport)), version: () => "2025-03-26" };
    },
  },
];
