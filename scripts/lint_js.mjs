/** What JavaScript is checked by: a name, and the arguments that Node is given. All of them run in the project's folder. */

const bin = (path, ...args) => [`node_modules/${path}`, ...args];
const types = (project) => bin("typescript/bin/tsc", "--project", project);

/** @type {{ name: string, command: string, args: string[] }[]} */
export const JS_CHECKS = [
  { name: "ESLint", args: bin("eslint/bin/eslint.js", "--max-warnings=0", ".") },
  { name: "Prettier", args: bin("prettier/bin/prettier.cjs", "--check", "**/*.{js,mjs}") },
  { name: "types of Node code", args: types("tsconfig.json") },
  { name: "types of the pages", args: types("tsconfig.pages.json") },
].map((check) => ({ command: process.execPath, ...check }));
