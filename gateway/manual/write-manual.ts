import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { bashScript } from '../cli/completion/bash-script.ts';
import { completedCommands } from '../cli/completion/completed-commands.ts';
import { fishScript } from '../cli/completion/fish-script.ts';
import { zshScript } from '../cli/completion/zsh-script.ts';
import { program } from '../cli/program.ts';
import { callpointVersion } from '../cli/version.ts';
import { commandsPage } from './commands-page.ts';
import { installedPages, manualFiles, manualPages } from './manual.ts';

/**
 * `npm run man`: writes the manual into a directory, in place of an older one. If package.json is
 * given, its list of pages is written anew.
 *
 * `write-manual DIRECTORY MODULE [package.json [COMMANDS.md]]`. MODULE exports the `program` that
 * is installed beside the gateway; its completions for shells are written as well. COMMANDS.md is
 * the page of all commands.
 */
const [, , directory = 'dist/man', module = '', manifest, commands] = process.argv;
const beside: { program(): Command } = await import(pathToFileURL(resolve(module)).href);
// The same source gives the same pages (reproducible-builds.org/specs/source-date-epoch).
const { SOURCE_DATE_EPOCH: epoch } = process.env;
const now = epoch === undefined ? new Date() : new Date(Number(epoch) * 1000);
const edition = { source: `Callpoint ${callpointVersion()}`, date: now.toISOString().slice(0, 10) };
const pages = manualPages([beside.program()]);
rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
for (const [name, text] of manualFiles(pages, edition)) writeFileSync(join(directory, name), text);
const root = beside.program();
for (const [shell, script] of Object.entries({ bash: bashScript, zsh: zshScript, fish: fishScript })) {
  writeFileSync(join(directory, `${root.name()}.${shell}`), script(root.name(), completedCommands(root)));
}
if (manifest !== undefined) {
  const before = JSON.parse(readFileSync(manifest, 'utf8'));
  writeFileSync(manifest, `${JSON.stringify({ ...before, man: installedPages(pages) }, undefined, 2)}\n`);
}
if (commands !== undefined) writeFileSync(commands, commandsPage(program()));
process.stdout.write(`${directory}: ${pages.length} pages\n`);
