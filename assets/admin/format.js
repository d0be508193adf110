/** Numbers and times as the page's language writes them. */
import { language, text } from "../shared/language.js";

/** @param {number} value */
export const number = (value) => new Intl.NumberFormat(language()).format(value);

/** @param {number} milliseconds */
export const duration = (milliseconds) =>
  text("seconds", {
    seconds: new Intl.NumberFormat(language(), { maximumFractionDigits: milliseconds < 9950 ? 1 : 0 }).format(
      milliseconds / 1000,
    ),
  });

/** @param {number} bytes */
export function fileSize(bytes) {
  const isLarge = bytes >= 1_000_000;
  const words = new Intl.NumberFormat(language(), {
    style: "unit",
    unit: isLarge ? "megabyte" : "kilobyte",
    maximumFractionDigits: isLarge ? 1 : 0,
  }).format(bytes / (isLarge ? 1_000_000 : 1000));
  return words.replace(" ", "\u00a0"); // a number and its unit stay together
}

/** A time of day, with the day where it is not today. @param {number} time in unix seconds */
export function moment(time) {
  const date = new Date(time * 1000);
  const now = new Date();
  const isToday = date.toDateString() === now.toDateString();
  return new Intl.DateTimeFormat(language(), {
    ...(isToday ? {} : { month: "short", day: "numeric" }),
    ...(date.getFullYear() === now.getFullYear() ? {} : { year: "numeric" }),
    ...{ hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  }).format(date);
}

/** @param {string} date `2026-11-26`, of UTC */
export const day = (date) => ofUtc(date, { month: "short", day: "numeric", weekday: "short" });

/** @param {string} date `2026-11-26`, of UTC */
export const weekday = (date) => ofUtc(date, { weekday: "short" });

/** @param {string} date @param {Intl.DateTimeFormatOptions} parts */
const ofUtc = (date, parts) =>
  new Intl.DateTimeFormat(language(), { timeZone: "UTC", ...parts }).format(new Date(`${date}T00:00:00Z`));
