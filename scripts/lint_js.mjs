/** What JavaScript is checked by: a name, and the arguments that Node is given. All of them run in the project's folder. */

const bin = (path, ...args) => [`node_modules/${path}`, ...args];
const types = (project) => bin("typescript/bin/tsc", "--project", project);

/** @type {{ name: string, command: string, args: string[] }[]} */
export const JS_CHECKS = [
  { name: "ESLint", args: bin("eslint/bin/eslint.js", "--max-warnings=0", ".") },
  { name: "Prettier", args: bin("prettier/bin/prettier.cjs", "--check", "**/*.{js,mjs}") },
  { name: "types, Node", args: types("tsconfig.json") },
  { name: "types, pages", args: types("tsconfig.pages.json") },
  { name: "types, browser tests", args: types("tests/browser/tsconfig.json") },
].map((check) => ({ command: process.execPath, ...check }));
