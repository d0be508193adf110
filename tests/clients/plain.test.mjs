/** Programs that know nothing of OpenAI: curl, Node's own, and whatever stands between. The name says what is needed. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { useWorker } from "../workerd/support/worker.mjs";
import { asked, drawn, fetched, ONE, say } from "./support/pictures.mjs";
import { bytes } from "./support/shapes.mjs";

const curl = promisify(execFile);
const hasCurl = await curl("curl", ["--version"]).then(
  () => true,
  () => false,
);

describe("curl", () => {
  const worker = useWorker();
  const skip = hasCurl ? false : "curl is not found";

  for (const [form, path, files] of [
    ["-LOJ of /?prompt=…", "/?prompt=c1+a+red+fox", /^c1[ _-]a[ _-]red[ _-]fox.*\.png$/],
    ["-OJ of /prompt/…", "/prompt/c2%20a%20red%20fox", /^c2[ _-]a[ _-]red[ _-]fox.*\.png$/],
  ]) {
    test(`${form}: one file, named by its prompt`, { skip }, async () => {
      worker.upstreams.expect(ONE);
      const cwd = mkdtempSync(join(tmpdir(), "free-flux-api-"));
      try {
        await curl("curl", ["--noproxy", "*", "-sS", "-LOJ", worker.origin + path], { cwd });
        const [file, ...more] = readdirSync(cwd);
        assert.match(String(file), /** @type {RegExp} */ (files));
        assert.deepEqual(more, []);
        assert.deepEqual(readFileSync(join(cwd, file)), drawn(worker));
      } finally {
        rmSync(cwd, { recursive: true, force: true });
      }
    });
  }

  test("-X POST -d without a Content-Type of JSON: the picture", { skip }, async () => {
    worker.upstreams.expect(ONE);
    const body = JSON.stringify({ prompt: "c3 a fox" });
    const address = `${worker.origin}/v1/images/generations`;
    const { stdout } = await curl("curl", ["--noproxy", "*", "-sS", "-X", "POST", "-d", body, address]);
    assert.deepEqual(await fetched(JSON.parse(stdout).data[0].url), drawn(worker));
  });
});

describe("Node's http and fetch", () => {
  const worker = useWorker();

  test("http.get of /prompt/…, which follows no redirect: 200 and the bytes", async () => {
    worker.upstreams.expect(ONE);
    bytes({ reply: await worker.send("/prompt/n1%20a%20fox"), worker });
  });

  test("fetch of /?prompt=…: 200 and the bytes, after a redirect", async () => {
    worker.upstreams.expect(ONE);
    const answer = await fetch(`${worker.origin}/?prompt=n2+a+fox`);
    assert.deepEqual([answer.status, answer.redirected], [200, true]);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), drawn(worker));
  });

  test("a page with COEP: Cross-Origin-Resource-Policy on the picture, on its redirect and on an error", async () => {
    worker.upstreams.expect(ONE);
    for (const path of ["/?prompt=n3+a+fox", "/prompt/n3%20a%20fox", "/?prompt="]) {
      const { headers } = await worker.send(path, { headers: { accept: "image/*" } });
      assert.equal(headers["cross-origin-resource-policy"], "cross-origin", path);
    }
  });

  test("a BOM before the JSON, half a surrogate pair in the talk: the last message is drawn", async () => {
    worker.upstreams.expect(ONE);
    const messages = [...say("half: HALF"), { role: "assistant", content: "ok" }, ...say("n4 a fox")];
    const body = `\ufeff${JSON.stringify({ messages }).replace("HALF", "\\ud83d")}`;
    const headers = { "content-type": "text/plain" };
    const reply = await worker.send("/v1/chat/completions", { method: "POST", headers, body });
    assert.equal(reply.status, 200, reply.text());
    assert.equal(asked(worker)[0].prompt, "n4 a fox");
  });

  test("Prefer: respond-async: 202, and then the picture where Location says", async () => {
    worker.upstreams.expect(ONE);
    const first = await worker.send("/?prompt=n5+a+fox", { headers: { prefer: "respond-async" } });
    assert.deepEqual([first.status, first.headers["preference-applied"]], [202, "respond-async"]);
    let reply = await worker.send(first.headers.location);
    while (reply.status === 202) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      reply = await worker.send(first.headers.location);
    }
    bytes({ reply, worker });
  });
});

describe("a reverse proxy that sets a Host of its own", () => {
  const worker = useWorker({ vars: { PUBLIC_URL: "https://flux.example" } });
  const headers = { host: "hidden.internal", "content-type": "application/json" };

  test("Location is relative", async () => {
    worker.upstreams.expect(ONE);
    const { status, headers: got } = await worker.send("/?prompt=v1+a+fox", { headers });
    assert.equal(status, 302);
    assert.match(got.location, /^\/\?/);
  });

  test("data[].url and chat's Markdown are at PUBLIC_URL", async () => {
    worker.upstreams.expect({ image: 2, download: 2 });
    const post = async (/** @type {string} */ path, /** @type {object} */ body) =>
      (await worker.send(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
    const { data } = await post("/v1/images/generations", { prompt: "v2 a fox" });
    assert.match(data[0].url, /^https:\/\/flux\.example\/i\//);
    const { choices } = await post("/v1/chat/completions", { messages: say("v3 a fox") });
    assert.match(choices[0].message.content, /\]\(https:\/\/flux\.example\/i\//);
  });
});
