/** The texts of the pages, a table a language. A further language is one more table here, and its name in boot.js. */
import { en } from "./en.js";
import { zh } from "./zh.js";

/** @typedef {"en" | "zh-CN"} Language */

/** @type {Record<Language, Record<string, string>>} */
export const texts = { en, "zh-CN": zh };
