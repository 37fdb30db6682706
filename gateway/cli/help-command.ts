import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';

/** Where `npm run build` puts the pages, as seen from the compiled code. */
const PAGES = new URL('../../man/', import.meta.url);

/** `callpoint help drill start`, and `callpoint manual drill start` for the page of the manual. */
export function addHelpCommand(root: Command): void {
  root
    .command('help')
    .description('show the help of a command')
    .argument('[command...]', 'its words, such as drill start')
    .action((words: readonly string[]) => named(root, words).outputHelp());
  root
    .command('manual')
    .description('show the page of a command in the manual; without man on this machine, its help')
    .argument('[command...]', 'its words, such as drill start, or site.yaml')
    .action((words: readonly string[]) => {
      const isFile = words.join(' ') === 'site.yaml';
      const command = isFile ? root : named(root, words);
      const page = isFile ? 'site.yaml.5' : `${[root.name(), ...words].join('-')}.1`;
      if (!shownByMan(fileURLToPath(new URL(page, PAGES)))) command.outputHelp();
    });
}

function named(root: Command, words: readonly string[]): Command {
  let command = root;
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) return command.error(`error: unknown command '${word}'`);
    command = next;
  }
  return command;
}

function shownByMan(page: string): boolean {
  return existsSync(page) && spawnSync('man', ['-l', page], { stdio: 'inherit' }).error === undefined;
}
