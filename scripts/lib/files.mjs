/** Folders, with all that is below them. */

import { readdirSync } from "node:fs";

import { inProject } from "./project.mjs";

/**
 * The files of a folder of the checkout, by their paths in it, but those that the system or an editor hid there.
 *
 * @param {string} folder such as "assets"
 * @returns {string[]}
 */
export function filesBelow(folder) {
  return readdirSync(inProject(folder), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith("."))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`]));
}
