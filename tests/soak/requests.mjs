/** The requests of the soak: valid, broken and hostile ones, the same for the same seed. */

/** A token and a signing key of the Worker that is soaked. */
export const TOKEN = "token-of-the-owner";
export const SIGNING_KEY = "signing-key-of-the-owner";

/** Where those come from who ask for what does not exist. */
export const STRANGERS = ["192.0.2.1", "192.0.2.2", "198.51.100.3"];

/** The ids that were made up: no image ever had them. @type {Set<string>} */
export const madeUp = new Set();

/** In a prompt, the word that has the image API fail. */
export const UNLUCKY = "unlucky";

/**
 * @typedef {object} SoakRequest
 * @property {"image" | "api" | "page" | "broken" | "hostile" | "bytewise" | "unknown" | "refused"} kind
 * @property {string} path
 * @property {string} [method]
 * @property {Record<string, string | undefined>} [headers]
 * @property {string} [body]
 * @property {boolean} [bytewise] true: the body is sent in chunks of one byte
 * @property {number} [leaves] after how many milliseconds the caller leaves
 */

/** Chance that is the same in each run (mulberry32). @param {number} seed */
export function chance(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (/** @type {number} */ limit) => Math.floor(next() * limit);
  /** @template T @param {T[]} list */
  const pick = (list) => list[below(list.length)];
  return { below, pick };
}

const HOSTILE = [
  "\r\nSet-Cookie: a=b",
  "<script>alert(1)</script>",
  "'; DROP TABLE images;--",
  "../../../../etc/passwd",
  "%00%0d%0a",
  "\u202e\u200b\ufeff",
  `{{7*7}}\${7*7}`,
  "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}".repeat(50),
  "a\u0301".repeat(300),
  "%".repeat(500),
  "&lt;".repeat(300),
  "𝕏".repeat(900),
  "\0\x01\x7f\x85",
];
const PARAMETERS = [
  "prompt",
  "size",
  "width",
  "height",
  "optimization",
  "enhance",
  "seed",
  "model",
  "negative_prompt",
  "steps",
  "guidance",
  "refresh",
  "id",
  "sig",
  "exp",
];
const BROKEN_VALUES = [
  "",
  "0",
  "-1",
  "1e9",
  "NaN",
  "99999999999999999999",
  "512x",
  "x512",
  "512x512x512",
  "63x64",
  "2049x64",
  "true",
  "null",
  "[]",
  "%ff",
  "%",
  "猫",
];
const PATHS = [
  "/",
  "/gui/",
  "/v1/models",
  "/v1/models/nothing",
  "/health",
  "/openapi.json",
  "/llms.txt",
  "/robots.txt",
  "/nowhere",
  "//",
  "/prompt/",
  "/i/",
  "/v1",
  "/.env",
  "/%2e%2e/%2e%2e/etc/passwd",
  "/i/..%2f..%2fsecret",
  "/wp-login.php",
];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const APIS = ["/v1/images/generations", "/v1/image/generations", "/v1/chat/completions", "/v1/sign"];
const SIZES = ["64x64", "128x96", "96x128"];
const ACCEPTS = [undefined, "image/avif,image/webp,*/*;q=0.8", "text/html", "application/json", "*/*"];

/**
 * Makes one request after another.
 *
 * @param {number} seed
 * @returns {() => SoakRequest}
 */
export function requests(seed) {
  const { below, pick } = chance(seed);
  let made = 0;
  /** @param {Record<string, string | number>} pairs */
  const query = (pairs) => `?${new URLSearchParams(/** @type {Record<string, string>} */ (pairs))}`;
  const own = { authorization: `Bearer ${TOKEN}` };
  /**
   * @param {SoakRequest["kind"]} kind
   * @param {string} path
   * @param {unknown} body
   * @param {Record<string, string>} [headers]
   * @returns {SoakRequest}
   */
  const post = (kind, path, body, headers = own) => ({
    kind,
    path,
    method: "POST",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

  /** A prompt that was there before, mostly. */
  const prompt = () => (below(10) < 7 ? `a picture ${below(200)}` : `a new picture ${(made += 1)}`);

  /** An id that nothing has. */
  const unknown = () => {
    const start = Array.from({ length: 42 }, () => pick([..."ABCDEFGHabcdefgh0123456789-_"]));
    const id = start.join("") + pick([..."AEIMQUY"]);
    madeUp.add(id);
    return id;
  };
  const stranger = () => ({ "cf-connecting-ip": pick(STRANGERS) });

  /** @type {(() => SoakRequest)[]} */
  const KINDS = [
    // What costs more than it is worth.
    () => ({
      ...post("bytewise", pick(APIS), { prompt: prompt(), user: "x".repeat(below(30_000)) }),
      bytewise: true,
    }),
    () => ({ kind: "unknown", path: `${pick(["/i/", "/?id="])}${unknown()}`, headers: stranger() }),
    () => ({ kind: "unknown", path: `/i/${unknown()}`, method: "HEAD", headers: stranger() }),
    () => ({ kind: "refused", path: `/${query({ prompt: `refused ${below(1e9)}` })}`, headers: stranger() }),
    () => post("refused", APIS[0], { prompt: `refused ${below(1e9)}`, n: 4 }, stranger()),
    // Valid.
    () => ({ kind: "image", path: `/${query({ prompt: prompt(), size: pick(SIZES) })}`, headers: own }),
    () => ({
      kind: "image",
      path: `/${query({ prompt: `${pick(["猫", "狗", "鸟"])} ${below(60)}`, optimization: pick(["0", "1"]) })}`,
      headers: own,
    }),
    () => ({
      kind: "image",
      path: `/prompt/${encodeURIComponent(prompt())}${query({ seed: below(3) })}`,
      headers: own,
    }),
    () => ({ kind: "image", path: `/${query({ prompt: prompt(), size: pick(SIZES) })}`, method: "HEAD" }),
    () => ({ kind: "image", path: `/${query({ prompt: `${UNLUCKY} ${below(40)}` })}`, headers: own }),
    () => ({ kind: "image", path: `/${query({ prompt: `a picture ${below(5)}`, refresh: "1" })}`, headers: own }),
    () =>
      post("api", APIS[0], {
        prompt: prompt(),
        size: pick(SIZES),
        n: 1 + below(2),
        response_format: pick(["url", "b64_json"]),
      }),
    () => post("api", APIS[1], { prompt: prompt(), image_size: pick(SIZES), seed: below(5), num_inference_steps: 4 }),
    () => post("api", APIS[2], { stream: below(2) === 0, messages: [{ role: "user", content: `${prompt()} 1:1` }] }),
    () => post("api", APIS[3], { url: `/${query({ prompt: prompt() })}`, expires_in: 60 }),
    () => ({ kind: "page", path: pick(PATHS), headers: { accept: pick(ACCEPTS) } }),
    // Broken.
    () => ({
      kind: "broken",
      path: `/${query({ prompt: "a picture", [pick(PARAMETERS)]: pick(BROKEN_VALUES) })}`,
      headers: { accept: pick(ACCEPTS) },
    }),
    () => ({
      kind: "broken",
      path: `/?prompt=${pick(["%", "%ff", "%e7%8c", "%zz", ""])}&${pick(PARAMETERS)}=%`,
      headers: { accept: pick(ACCEPTS) },
    }),
    () => ({ kind: "broken", path: pick([...PATHS, ...APIS]), method: pick(METHODS) }),
    () =>
      post(
        "broken",
        pick(APIS),
        pick(["", "{", "null", "[]", '"x"', "1", "{}", '{"prompt":1}', '{"messages":[{}]}', '{"url":7}', "\u0000"]),
      ),
    () =>
      post("broken", pick(APIS), {
        prompt: pick([1, null, [], {}, ""]),
        messages: pick([1, [], [1], [{ role: "user", content: pick([1, [], {}]) }]]),
        n: pick([0, 5, "1", 1.5]),
        seed: pick([-2, 1e20, {}]),
        url: pick(["//evil.test/", "x:y", 7]),
      }),
    () => post("broken", pick(APIS), { prompt: "x".repeat(3_000 + below(70_000)) }),
    () => ({
      ...post("broken", pick(APIS), "--x\r\n\r\n--x--"),
      headers: { ...own, "content-type": "multipart/form-data; boundary=x" },
    }),
    // Hostile.
    () => ({
      kind: "hostile",
      path: `/${query({ prompt: "a picture", [pick(PARAMETERS)]: pick(HOSTILE) })}`,
      headers: { accept: pick(ACCEPTS) },
    }),
    () => ({
      kind: "hostile",
      path: `/${pick(["i", "prompt", "v1/models", "v1"])}/${encodeURIComponent(pick(HOSTILE))}`,
      headers: { accept: pick(ACCEPTS) },
    }),
    () => ({ kind: "hostile", path: `/?${"prompt=x&".repeat(1 + below(1_500))}`, headers: { accept: pick(ACCEPTS) } }),
    () => ({
      kind: "hostile",
      path: `/?prompt=${encodeURIComponent("猫".repeat(1 + below(1_400)))}`,
      headers: { "if-none-match": `"${"x".repeat(below(4_000))}", *` },
    }),
    () => ({
      kind: "hostile",
      path: `/${query({ prompt: `forged ${below(99)}`, sig: pick(["", "x", "A".repeat(43), "=".repeat(200)]), exp: pick(BROKEN_VALUES) })}`,
    }),
    () => ({
      kind: "hostile",
      path: `/${query({ prompt: `stolen ${below(99)}` })}`,
      headers: {
        authorization: pick(["Bearer", "Bearer x", `Basic ${TOKEN}`, `Bearer ${"x".repeat(4_000)}`]),
        referer: pick(["https://evil.test/", "x", "https://["]),
        "x-free-flux-hop": pick(["", "-1", "x", "255", "256"]),
      },
    }),
    () => ({
      kind: "hostile",
      path: `/i/${"A".repeat(42)}${pick(["A", "-", "%00"])}`,
      method: pick(["DELETE", "GET"]),
      headers: { authorization: pick(["", "Bearer x"]) },
    }),
    () => post("hostile", pick(APIS), `${'{"messages":'.repeat(1)}${"[".repeat(below(30_000))}`),
    () =>
      post("hostile", pick(APIS), {
        prompt: pick(HOSTILE),
        negative_prompt: pick(HOSTILE),
        messages: [{ role: "user", content: pick(HOSTILE) }],
        url: `/?prompt=${pick(HOSTILE)}`,
        [pick(HOSTILE)]: 1,
      }),
    () => ({
      kind: "hostile",
      path: `/${query({ prompt: `left alone ${below(99)}` })}`,
      headers: own,
      leaves: 1 + below(20),
    }),
  ];
  return () => pick(KINDS)();
}
