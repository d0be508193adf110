/** What is done with several pictures of the history at once, and its way in and out as a file. */
import { announce } from "../shared/announce.js";
import { byId, inputById } from "../shared/dom.js";
import { setText } from "../shared/language.js";
import { fileName } from "../shared/links.js";
import { toast } from "../shared/toast.js";
import { choosing, chosenEntries, deleteEntries, setChoosing } from "./gallery.js";
import { entries, exportText, importEntries, keyOf } from "./history.js";
import { saveFile } from "./picture_actions.js";
import { bytesOf } from "./thumb.js";
import { zip } from "./zip.js";

/** The largest file that is read as a history, in bytes: a thousand long prompts. */
const MAX_FILE = 8_000_000;

/** How many pictures are fetched at once. */
const AT_ONCE = 4;

/** @param {(entries: import("./history.js").Entry[]) => void} compare called with two */
export function startLibrary(compare) {
  byId("history-choose").addEventListener("click", () => setChoosing(!choosing()));
  byId("choice-end").addEventListener("click", () => {
    setChoosing(false);
    byId("history-choose").focus();
  });
  byId("choice-delete").addEventListener("click", () => {
    deleteEntries(chosenEntries().map(keyOf));
    setChoosing(false);
    (entries().length ? byId("history-choose") : byId("prompt")).focus();
  });
  byId("choice-compare").addEventListener("click", () => compare(chosenEntries()));
  byId("choice-zip").addEventListener("click", saveZip);
  byId("history-export").addEventListener("click", () => {
    saveFile(new Blob([exportText()], { type: "application/json" }), "free-flux-history.json");
  });
  for (const id of ["history-import", "welcome-import"]) {
    byId(id).addEventListener("click", () => inputById("history-file").click());
  }
  inputById("history-file").addEventListener("change", readFile);
}

async function readFile() {
  const field = inputById("history-file");
  const file = field.files?.[0];
  if (!file) return;
  const count = file.size > MAX_FILE ? null : await file.text().then(parsed, () => null);
  field.value = ""; // the same file can be chosen again
  if (count === null) toast("import-failed", { file: file.name });
  else toast("imported", { count });
}

/** @param {string} text @returns {number | null} */
function parsed(text) {
  try {
    return importEntries(JSON.parse(text));
  } catch {
    return null;
  }
}

async function saveZip() {
  const wanted = chosenEntries();
  const button = /** @type {HTMLButtonElement} */ (byId("choice-zip"));
  button.disabled = true;
  announce("zipping", { count: wanted.length });
  /** @type {({name: string, bytes: Uint8Array<ArrayBuffer>} | null)[]} */
  const files = [];
  const queue = Array.from(wanted.entries());
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) files[next[0]] = await fileOf(next[1]);
    }),
  );
  button.disabled = false;
  const there = files.filter((file) => file !== null);
  const missing = wanted.length - there.length;
  if (there.length) saveFile(zip(there), "free-flux.zip");
  if (missing) toast("zip-missing", { count: missing });
  setText(byId("choice-count"), "choice-count", { count: wanted.length });
}

/** @param {import("./history.js").Entry} entry */
async function fileOf(entry) {
  const blob = await bytesOf(entry, keyOf(entry)).catch(() => "not-loaded");
  if (typeof blob === "string") return null;
  const { prompt, size } = entry.parameters;
  const name = fileName({ prompt, size, seed: entry.seed, type: blob.type });
  return { name, bytes: new Uint8Array(await blob.arrayBuffer()) };
}
