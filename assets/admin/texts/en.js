/**
 * The owner's page's own sentences, in English.
 *
 * @type {Record<string, string>}
 */
export const en = {
  "admin-title": "For the owner · Free Flux",
  // Signing in
  "token-missing": "Enter a token first.",
  "token-odd": "That is no token: it holds a space, or a character that no header takes.",
  "token-refused":
    "That token was not accepted. It must be an owner’s: one that may only make pictures does not open this page.",
  "token-no-owner": "That token may make pictures, but it is not an owner’s.",
  "token-no-longer": "That token is no longer accepted. Enter another one.",
  // Figures
  "as-of": "As of {time}",
  "no-warnings": "Nothing needs you.",
  "figure-day": "Day",
  "figure-made": "Made",
  "figure-failed": "Failed",
  "figure-fallbacks": "Not rewritten",
  "figure-p50": "Half are made in",
  "figure-p95": "19 of 20 are made in",
  "figure-keys-ready": "Keys that are ready",
  "chart-made": "Pictures a day",
  "chart-made-summary": "Pictures in seven days: {made} made, {failed} failed. The table has each day.",
  "chart-made-day": "{day}: {made} made, {failed} failed",
  "chart-time": "How long a picture takes",
  "chart-time-summary":
    "How long a picture took in seven days; on the slowest day 19 of 20 were made in {p95}. The table has each day.",
  "chart-time-day": "{day}: half in {p50}, 19 of 20 in {p95}",
  "today-of-week": "{today} today, {week} in seven days",
  "no-models": "Nothing was made in seven days.",
  "no-failures": "None failed in seven days.",
  "no-tokens": "Nobody had a picture made in seven days.",
  anonymous: "Without a token",
  "token-free": "{today} today, {week} in seven days; no quota",
  "token-quota": "{today} of {most} today, {week} in seven days",
  "token-spent": "all {most} of today used, {week} in seven days",
  // Keys
  "no-keys": "There is no key. Set IMAGE_API_KEYS, or bind Workers AI.",
  "key-name": "Key {at}{end}",
  "key-made": "{today} made today, {minute} in this minute",
  ready: "ready",
  cooling: "resting",
  refused: "refused",
  "cooling-until": "resting until {time}",
  "refused-until": "refused, asked again after {time}",
  "refused-advice": "The vendor does not accept this key. Put another one in its place.",
  "last-error": "Last error: {error} ({time})",
  // Pictures
  "pictures-all": "{count}",
  "pictures-loaded": "{count} loaded",
  "order-all": "All that are stored, the newest first.",
  "order-loaded":
    "The store lists them in no order of time. These are sorted among themselves, the newest first; more load as you scroll, and may come in between.",
  "no-pictures": "No picture is stored yet.",
  "no-store": "Nothing is stored: bind a KV namespace as FLUX_API, and pictures last.",
  "none-found": "None of those that are loaded.",
  "no-prompt": "Its prompt is not known",
  "no-time": "time not known",
  "open-one": "Open: {name}",
  "copy-one": "Copy link: {name}",
  "copy-short": "Copy link",
  "refresh-one": "Draw anew: {name}",
  "refresh-short": "Draw anew",
  "delete-one": "Delete: {name}",
  "delete-short": "Delete",
  "deleting-soon": "Deleted in {seconds} seconds, unless undone.",
  "deleted-in": "Deleted in {seconds} s",
  "deletion-undone": "It stays.",
  "deleting-now": "Deleting…",
  deleted: "Deleted.",
  "drawing-anew": "Drawing it anew…",
  "drawn-anew": "It is drawn anew.",
  "error.not-refreshable":
    "Only what was drawn is stored of it, not all that was asked for: it cannot be replaced from here.",
  "open-in-form": "Draw one like it",
};
