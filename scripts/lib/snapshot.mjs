/**
 * Folders as git keeps them: as a commit, which can be a branch, and as an archive that is the same bytes whenever and
 * wherever the same files go in. Neither the working tree nor the index of the checkout is touched.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Problem } from "./problem.mjs";
import { capture } from "./process.mjs";

/** Settings of a user's that would change the bytes. */
const PLAIN = ["-c", "core.autocrlf=false", "-c", "tar.umask=0022", "-c", "commit.gpgSign=false"];

/**
 * Runs git, and returns what it prints.
 *
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
async function git(args, env = {}) {
  const { code, stdout, stderr } = await capture("git", [...PLAIN, ...args], { env: { ...process.env, ...env } });
  if (code === 127) throw new Problem("git is not found: get it at https://git-scm.com.");
  if (code !== 0) throw new Problem(`git ${args[0]} failed:\n${stderr.trim()}`);
  return stdout.trim();
}

/** The tree of a folder's files. @param {string} folder */
async function treeOf(folder) {
  const temporary = mkdtempSync(join(tmpdir(), "free-flux-api-"));
  try {
    const env = { GIT_INDEX_FILE: join(temporary, "index") };
    await git(["--work-tree", folder, "-C", folder, "add", "--force", "--all", "."], env);
    return await git(["write-tree"], env);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** A commit of a tree, by the author and of the time of the checkout's own. @param {string[]} args */
async function commit(...args) {
  const [name, email, time] = (await git(["log", "-1", "--format=%an%n%ae%n%ct"])).split("\n");
  const date = `${time} +0000`;
  return git(["commit-tree", ...args], {
    ...{ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date },
    ...{ GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email, GIT_COMMITTER_DATE: date },
  });
}

/**
 * Packs a folder as tar.gz.
 *
 * @param {string} folder
 * @param {string} name of the folder in the archive
 * @param {string} file where the archive goes
 */
export async function archive(folder, name, file) {
  const snapshot = await commit(await treeOf(folder), "-m", name);
  await git(["archive", "--format=tar.gz", `--prefix=${name}/`, `--output=${file}`, snapshot]);
}

/**
 * Adds a folder to a branch, as a commit on top of what is there. The same files once more add none.
 *
 * @param {string} folder
 * @param {string} branch
 * @param {string} message
 * @returns {Promise<string>} the branch's commit
 */
export async function commitToBranch(folder, branch, message) {
  const tree = await treeOf(folder);
  const ref = `refs/heads/${branch}`;
  const parent = await git(["for-each-ref", "--format=%(objectname) %(tree)", ref]);
  const [tip, present] = parent.split(" ");
  if (present === tree) return tip;
  const made = await commit(tree, ...(tip ? ["-p", tip] : []), "-m", message);
  await git(["update-ref", ref, made]);
  return made;
}
