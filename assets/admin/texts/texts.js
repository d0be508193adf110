/** The owner's page's own sentences, beside those of all pages. */
import { texts } from "../../shared/texts/texts.js";
import { en } from "./en.js";
import { zh } from "./zh.js";

Object.assign(texts.en, en);
Object.assign(texts["zh-CN"], zh);
