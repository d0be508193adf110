/** The checks of JavaScript, each a command that runs in the project's folder. */

/** @param {string} path @param {string[]} args */
const bin = (path, ...args) => [`node_modules/${path}`, ...args];
const types = (/** @type {string} */ project) => bin("typescript/bin/tsc", "--project", project);

/** @type {{ name: string, command: string, args: string[] }[]} */
export const JS_CHECKS = [
  { name: "ESLint", args: bin("eslint/bin/eslint.js", "--max-warnings=0", ".") },
  { name: "Prettier", args: bin("prettier/bin/prettier.cjs", "--check", "**/*.{js,mjs,ts}") },
  { name: "types of Node code", args: types("tsconfig.json") },
  { name: "types of the pages", args: types("tsconfig.pages.json") },
  { name: "types of the tests", args: types("tests/tsconfig.json") },
].map((check) => ({ command: process.execPath, ...check }));
