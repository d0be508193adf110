/** The workflows of .github/workflows, as far as they can be held to this project without GitHub. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SECRETS } from "../../scripts/lib/secrets.mjs";
import { project } from "./support/script.mjs";

const folder = join(project, ".github", "workflows");
const workflows = Object.fromEntries(
  readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]),
);
const { scripts } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));

for (const [name, text] of Object.entries(workflows)) {
  test(`${name}: every action is pinned by its commit, and its version is beside it`, () => {
    const actions = [...text.matchAll(/uses:\s*(.*)$/gm)].map(([, action]) => action);
    assert.ok(actions.length > 0);
    for (const action of actions) assert.match(action, /^actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test(`${name}: every command is there`, () => {
    const commands = [...text.matchAll(/run:\s*(.*)$/gm)].map(([, command]) => command);
    assert.ok(commands.length > 0);
    for (const command of commands) {
      const [, script] = /^npm (?:run )?([\w-]+)/.exec(command) ?? [];
      assert.ok(script ? scripts[script] : /^(gh|git) /.test(command) || existsSync(join(project, command)), command);
    }
  });

  test(`${name}: it may do no more than it needs to`, () => {
    assert.match(text, /^permissions:( \{\}|\n {2}contents: read)$/m);
    assert.match(text, /^ {4}timeout-minutes: \d+$/m);
    assert.match(text, /persist-credentials: false/);
  });
}

test("the same action has the same commit in every workflow", () => {
  const actions = Object.values(workflows).flatMap((text) => [...text.matchAll(/uses:\s*(\S+)@(\S+)/g)]);
  const commits = new Map();
  for (const [, action, commit] of actions) {
    assert.equal(commits.get(action) ?? commit, commit);
    commits.set(action, commit);
  }
});

test("deploy.yml hands on, and explains, every secret of the Worker and both of Cloudflare", () => {
  for (const name of [...SECRETS, "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"]) {
    assert.match(workflows["deploy.yml"], new RegExp(`^#   ${name} `, "m"));
    assert.ok(workflows["deploy.yml"].includes(`          ${name}: \${{ secrets.${name} }}\n`), name);
  }
});

test("wrangler.toml, the README and the deployment know the same secrets", () => {
  const readme = readFileSync(join(project, "README.md"), "utf8");
  const wrangler = readFileSync(join(project, "wrangler.toml"), "utf8");
  assert.deepEqual(
    [...readme.matchAll(/^\| `([A-Z_]+)` \| yes \|/gm)].map(([, name]) => name).sort(),
    [...SECRETS].sort(),
  );
  assert.deepEqual(
    [...wrangler.matchAll(/^# {3}npx wrangler secret put ([A-Z_]+)/gm)].map(([, name]) => name).sort(),
    [...SECRETS].sort(),
  );
});

test("every setting that is not secret stands in wrangler.toml, with the default that the README names", () => {
  const readme = readFileSync(join(project, "README.md"), "utf8");
  const wrangler = readFileSync(join(project, "wrangler.toml"), "utf8");
  const rows = [...readme.matchAll(/^((?:\| )?(?:`[A-Z_]+`(?:, )?)+) \|  ?\| (.*?) \|$/gm)];
  const names = rows.flatMap(([, cell]) => [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name));
  assert.ok(names.length >= 11, `the README's table has ${names.length} settings`);
  for (const name of names) assert.match(wrangler, new RegExp(`^# ${name} = (["']).+\\1$`, "m"), name);
  for (const [, cell, value] of rows) {
    const [, name] = /^\| `([A-Z_]+)`$/.exec(cell) ?? [];
    const [, standard] = /^`([^`]+)`/.exec(value) ?? [];
    // A value that holds quotation marks itself stands in the other ones.
    const quote = standard?.includes('"') ? "'" : '"';
    const line = `# ${name} = ${quote}${standard}${quote}\n`;
    if (name && standard) assert.ok(wrangler.includes(line), `${name}: ${standard}`);
  }
});
