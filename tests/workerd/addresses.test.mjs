/** Where the Worker fetches an image from, and where it does not, whatever an upstream answers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bytes, json } from "./support/answers.mjs";
import { assertError, assertImage } from "./support/assertions.mjs";
import { png } from "./support/images.mjs";
import { ONE_MODEL, useWorker } from "./support/worker.mjs";

/**
 * @import { TestWorker } from "./support/worker.mjs"
 * @import { Answer } from "./support/answers.mjs"
 * @import { Reply } from "./support/http.mjs"
 */

/** Addresses that are not fetched for an API on a public host, by what they are. */
const REFUSED = {
  "without TLS": ["http://images.example.com/a.png", "HTTP://images.example.com/a.png"],
  "of other kinds": [
    "ftp://images.example.com/a",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "blob:https://a.test/1",
    "about:blank",
    "//images.example.com/a",
    "a.png",
    "",
  ],
  "inside, by name": [
    "https://localhost/a",
    "https://LocalHost:8443/a",
    "https://localhost./a",
    "https://a.localhost/a",
    "https://router/a",
    "https://metadata/computeMetadata/v1/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://printer.local/a",
    "https://nas.lan/a",
    "https://box.home.arpa/a",
    "https://wiki.corp/a",
    "https://api.default.svc/a",
    "https://api.default.svc.cluster.local/a",
    "https://localtest.me/a",
    "https://a.lvh.me/a",
    "https://127.0.0.1.nip.io/a",
    "https://7f000001.nip.io/a",
    "https://app-10-0-0-1.sslip.io/a",
    "https://www.192.168.1.1.example.com/a",
    "https://%6cocalhost/a",
    "https://images.example.com@localhost/a",
    "https://localhost\\@images.example.com/a",
  ],
  "at another port": ["https://images.example.com:8443/a", "https://images.example.com:22/a"],
  "inside, by number": [
    "https://127.0.0.1/a",
    "https://127.0.0.1:8787/a",
    "https://10.1.2.3/a",
    "https://172.16.0.1/a",
    "https://172.31.255.255/a",
    "https://192.168.1.1/a",
    "https://169.254.169.254/latest/meta-data/iam/",
    "https://100.100.100.200/latest/meta-data/",
    "https://192.0.0.192/opc/v2/",
    "https://0.0.0.0/a",
    "https://255.255.255.255/a",
    "https://224.0.0.1/a",
    "https://198.18.0.1/a",
  ],
  "inside, by a number in disguise": [
    "https://2130706433/a",
    "https://0x7f000001/a",
    "https://0x7f.1/a",
    "https://127.1/a",
    "https://0177.0.0.1/a",
    "https://127.0.0.1./a",
    "https://127.0.0.1../a",
    "https://%31%32%37.0.0.1/a",
    "https://2852039166/latest/meta-data/",
    "https://１２７.0.0.1/a",
    "https://①②⑦.0.0.1/a",
    "https://127。0。0。1/a",
    "https:127.0.0.1/a",
    "https:\\\\127.0.0.1\\a",
    " https://127.0.0.1/a",
    "https://127.0.\n0.1/a",
  ],
  "inside, by IPv6": [
    "https://[::1]/a",
    "https://[::]/a",
    "https://[0:0:0:0:0:0:0:1]/a",
    "https://[::ffff:127.0.0.1]/a",
    "https://[::ffff:a9fe:a9fe]/a",
    "https://[::127.0.0.1]/a",
    "https://[64:ff9b::169.254.169.254]/a",
    "https://[2002:7f00:1::]/a",
    "https://[2001:0:1::]/a",
    "https://[fe80::1]/a",
    "https://[fd00:ec2::254]/latest/meta-data/",
    "https://[fec0::1]/a",
    "https://[ff02::1]/a",
  ],
};

/** An answer whose image is at this address. @param {string} url */
const at = (url) => json({ images: [{ url }], timings: { inference: 0.4 } });

/** @param {string | undefined} location @returns {Answer} */
const redirect = (location, status = 302) => ({
  status,
  headers: location === undefined ? {} : { location },
  body: "",
});

describe("for an API on a public host", () => {
  // More than one key, so that the images of a test are asked for at the same time.
  // And one model: of several, one whose images cannot be fetched is not asked for a while.
  const worker = useWorker({ vars: { IMAGE_API_KEYS: "k1,k2,k3,k4", ...ONE_MODEL } });

  /** Asks for images whose answers lead there, and returns what the caller hears. @param {string[]} addresses */
  async function drawnAt(addresses) {
    const prompts = addresses.map((address, number) => `image ${number} of ${encodeURIComponent(address)}`);
    worker.upstreams.siliconflow.allow((call) => at(addresses[prompts.indexOf(call.body.prompt)]));
    return Promise.all(prompts.map((prompt) => worker.get("/", { prompt })));
  }

  for (const [what, addresses] of Object.entries(REFUSED)) {
    test(`addresses ${what} are not fetched`, async () => {
      // What is called and was not announced fails the test.
      for (const reply of await drawnAt(addresses)) assertError(reply, 502, "upstream_error");
      assert.ok(worker.upstreams.siliconflow.calls.length >= addresses.length);
    });
  }

  test("redirects to such addresses are not followed", async () => {
    const targets = Object.values(REFUSED)
      .flat()
      .filter((target) => /^https?:\/\/[^\s%\\１①。]+$/i.test(target));
    assert.ok(targets.length > 40);
    const doors = targets.map((target, number) => {
      const door = worker.upstreams.at(`https://cdn.example.com/redirects/${number}`);
      door.allow(redirect(target, [301, 302, 303, 307, 308][number % 5]));
      return `https://cdn.example.com/redirects/${number}`;
    });
    for (const reply of await drawnAt(doors)) assertError(reply, 502, "upstream_error");
  });

  test("redirects within the rules are followed, relative ones too, and no key goes along", async () => {
    const image = png(64, 64);
    const hosts = /** @type {[string, Answer][]} */ ([
      ["https://cdn.example.com/first", redirect("/second?x=1", 301)],
      ["https://cdn.example.com/second?x=1", redirect("//[2606:4700::1111]/third", 308)],
      ["https://[2606:4700::1111]/third", bytes(image, "image/png")],
    ]).map(([url, answer]) => {
      const host = worker.upstreams.at(url);
      host.expect(answer);
      return host;
    });
    worker.upstreams.expect({ image: [at("https://cdn.example.com/first")] });
    assertImage(await worker.image({ prompt: "behind two doors" }), image);
    for (const { calls } of hosts) {
      assert.equal(calls[0].method, "GET");
      for (const name of ["authorization", "cookie", "referer", "x-free-flux-hop"])
        assert.equal(calls[0].headers[name], undefined);
    }
  });

  test("a redirect that leads in a circle, or nowhere, or on and on, ends", async () => {
    const circle = worker.upstreams.at("https://cdn.example.com/circle");
    circle.allow(redirect("/circle"));
    const nowhere = worker.upstreams.at("https://cdn.example.com/nowhere");
    nowhere.allow(redirect(undefined));
    const broken = worker.upstreams.at("https://cdn.example.com/broken");
    broken.allow(redirect("https://[", 303));
    const replies = await drawnAt([
      "https://cdn.example.com/circle",
      "https://cdn.example.com/nowhere",
      "https://cdn.example.com/broken",
    ]);
    for (const reply of replies) assertError(reply, 502, "upstream_error");
    // Two calls of the image API in all, and for each answer two tries with three fetches in all.
    assert.equal(circle.calls.length, 2 * 3);
    assert.equal(nowhere.calls.length, 2 * 2);
  });
});

/**
 * The answer to a caller when an API at `api` answers with an image at `address`, and how often that was fetched.
 *
 * @param {TestWorker} worker
 * @param {string} api
 * @param {string} address
 * @param {number} number
 * @returns {Promise<[Reply, number]>}
 */
function taken(worker, api, address, number) {
  const image = png(64, 64);
  worker.upstreams.at(api).allow(at(address));
  const host = worker.upstreams.at(address);
  host.allow(bytes(image, "image/png"));
  return worker.image({ prompt: `an image ${number}` }).then((reply) => [reply, host.calls.length]);
}

for (const [what, api, good, bad] of /** @type {[string, string, string[], string[]][]} */ ([
  [
    "an API without TLS",
    "http://api.example.com/v1/images/generations",
    ["http://cdn.example.com/a", "https://cdn.example.com/b"],
    ["http://127.0.0.1/a", "http://192.168.1.5/a"],
  ],
  [
    "an API that is inside",
    "http://192.168.1.5:8080/v1/images/generations",
    ["http://192.168.1.5:8080/a", "http://nas.lan/b", "https://cdn.example.com/c"],
    [],
  ],
  [
    "an API that is inside, with TLS",
    "https://gpu.internal/v1/images/generations",
    ["https://gpu.internal/a"],
    ["http://gpu.internal/b"],
  ],
])) {
  describe(`for ${what}`, () => {
    const endpoint = JSON.stringify([{ url: api, key: "key-of-the-endpoint" }]);
    const worker = useWorker({ vars: { ...ONE_MODEL, IMAGE_API_KEYS: undefined, IMAGE_ENDPOINTS: endpoint } });

    test("its images are taken where its own address is, and no further", async () => {
      let number = 0;
      for (const address of good) {
        const [reply, calls] = await taken(worker, api, address, (number += 1));
        assert.equal(`${reply.status} ${calls}`, "200 1", address);
      }
      for (const address of bad) {
        const [reply, calls] = await taken(worker, api, address, (number += 1));
        assertError(reply, 502, "upstream_error");
        assert.equal(calls, 0, address);
      }
    });
  });
}
