/** What a browser test needs: a world, a browser, a visit. */
export * from "./browser.mjs";
export * from "./visit.mjs";

// Another backend that exports `startWorld` can stand in for the built Worker while the pages are worked on.
export const { startWorld } = await import(process.env.BROWSER_TEST_WORLD || "./world.mjs");
