import js from "@eslint/js";
import globals from "globals";

/** Beyond ESLint's own recommendation: rules that find mistakes, and a few that keep one way to write a thing. */
const rules = {
  "array-callback-return": "error",
  "default-case-last": "error",
  eqeqeq: "error",
  "no-constructor-return": "error",
  "no-else-return": "error",
  "no-extend-native": "error",
  "no-implicit-coercion": "error",
  "no-lonely-if": "error",
  "no-return-assign": "error",
  "no-self-compare": "error",
  "no-template-curly-in-string": "error",
  "no-throw-literal": "error",
  "no-unmodified-loop-condition": "error",
  "no-unreachable-loop": "error",
  "no-unused-expressions": "error",
  "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true }],
  "no-useless-concat": "error",
  "no-useless-rename": "error",
  "no-useless-return": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-arrow-callback": "error",
  "prefer-const": "error",
  "prefer-object-has-own": "error",
  "prefer-promise-reject-errors": "error",
  "prefer-rest-params": "error",
  "prefer-spread": "error",
  "prefer-template": "error",
  "symbol-description": "error",
  yoda: "error",
};

export default [
  // What is built; nothing that is written by hand.
  { ignores: ["build/", "dist/", "**/target/", ".wrangler/"] },
  js.configs.recommended,
  {
    files: ["**/*.{js,mjs}"],
    languageOptions: { ecmaVersion: 2023 },
    linterOptions: { reportUnusedDisableDirectives: "error", reportUnusedInlineConfigs: "error" },
    rules,
  },
  { files: ["assets/**"], languageOptions: { globals: globals.browser } },
  // A classic script, which runs before the pages' modules.
  { files: ["assets/shared/boot.js"], languageOptions: { sourceType: "script" } },
  { files: ["**/*.{js,mjs}"], ignores: ["assets/**"], languageOptions: { globals: globals.node } },
  // These hold functions that run in a page, or do as a page does.
  {
    files: ["tests/browser/**", "tests/pages/**"],
    languageOptions: { globals: globals.browser },
  },
];
