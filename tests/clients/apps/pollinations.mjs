/** Links and programs that were written for Pollinations. */
import assert from "node:assert/strict";
import { asked, ONE } from "../support/pictures.mjs";
import { bytes } from "../support/shapes.mjs";

const DOCS = "pollinations/pollinations, APIDOCS.md and what public code does with it, 2026-11";

/** @param {string} does @param {string} path @param {(asked: any) => unknown} [check] @param {object} [more] */
const picture = (does, path, check = () => {}, more = {}) => ({
  does,
  needs: "200 and the bytes",
  source: DOCS,
  method: "GET",
  path,
  costs: ONE,
  /** @param {import("../support/shapes.mjs").Got} got */
  gets(got) {
    bytes(got);
    check(asked(got.worker)[0]);
  },
  ...more,
});

/** @type {import("../support/shapes.mjs").App} */
export const POLLINATIONS = {
  client: "Pollinations' clients",
  shapes: [
    picture(
      "an <img> with all its parameters",
      "/prompt/po1%20a%20fox?width=1024&height=576&seed=42&model=flux&nologo=true&private=true&enhance=false&safe=true",
      ({ image_size: size, seed, model }) =>
        assert.deepEqual([size, seed, model], ["1024x576", 42, "black-forest-labs/FLUX.1-schnell"]),
      { headers: { accept: "image/avif,image/webp,image/*,*/*;q=0.8" } },
    ),
    picture("the short form /p/", "/p/po2%20a%20fox?nologo=true"),
    picture("its new gateway's /image/", "/image/po3%20a%20fox?model=flux&key=pk_something&referrer=example.com"),
    picture("spaces that are %20 and a comma that is none", "/prompt/po4%20a%20fox,%20watercolor%20style?seed=9"),
    picture("a prompt with a slash and a plus", "/prompt/po5%20half%2Fhalf%20a+b%2Bc", ({ prompt }) =>
      assert.equal(prompt, "po5 half/half a+b+c"),
    ),
    picture("enhance=true", "/prompt/po6%20a%20fox?enhance=true", () => {}, { costs: { ...ONE, chat: 1 } }),
    picture("a prompt in Chinese", `/prompt/${encodeURIComponent("po7 一只狐狸")}?nologo=true`, () => {}, {
      costs: { ...ONE, chat: 1 },
    }),
    picture("a model of theirs that we have not", "/prompt/po8%20a%20fox?model=turbo", ({ model }) =>
      assert.equal(model, "black-forest-labs/FLUX.1-schnell"),
    ),
    picture("seed=-1, which draws one", "/prompt/po9%20a%20fox?seed=-1", ({ seed }) => assert.ok(seed >= 0)),
    picture(
      "an HTML page's link whose &amp; was never unescaped",
      "/prompt/po10%20a%20fox?width=768&amp;height=512&amp;seed=3&amp;nologo=true",
      ({ image_size: size, seed }) => assert.deepEqual([size, seed], ["768x512", 3]),
    ),
  ],
};
