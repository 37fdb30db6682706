import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { program } from '../../gateway/cli/program.ts';

interface Said {
  readonly code: string;
  readonly out: string;
  readonly err: string;
}

/** Help and mistakes in calling, which never get as far as a command. */
async function call(...args: readonly string[]): Promise<Said> {
  let out = '';
  let err = '';
  const listen = (command: Command): void => {
    command.configureOutput({
      writeOut: (text) => {
        out += text;
      },
      writeErr: (text) => {
        err += text;
      },
    });
    command.commands.forEach(listen);
  };
  const root = program();
  listen(root);
  const code = await root.parseAsync([...args], { from: 'user' }).then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  );
  return { code, out, err };
}

test.each([
  ['run'],
  ['init'],
  ['check'],
  ['settings'],
  ['doctor'],
  ['alerts'],
  ['verify'],
  ['cancel'],
  ['resolve'],
  ['enrol'],
  ['canary'],
  ['drill', 'start'],
  ['drill', 'stop'],
])('callpoint %s %s --help says what it does', async (...command) => {
  const { code, out } = await call(...command, '--help');
  expect(code).toBe('commander.helpDisplayed');
  expect(out).toMatch(new RegExp(`^Usage: callpoint ${command.join(' ')} .*\\n\\n\\w.{20,}`));
});

test.each([
  ['an unknown command', ['rum'], "unknown command 'rum'"],
  ['a missing argument', ['verify'], "missing required argument 'dir'"],
  ['one argument too many', ['check', 'site.yaml'], 'too many arguments'],
  ['a log level there is not', ['run', '--log-level', 'loud'], "argument 'loud' is invalid"],
  ['a setting there is not', ['settings', 'paths.acount'], 'did you mean paths.account?'],
  ['a drill without a scope', ['drill', 'start', '--minutes', '15'], '--scope'],
  ['a drill of a day', ['drill', 'start', '--scope', 'site', '--minutes', '1440'], '240'],
  ['a scope that is none', ['drill', 'start', '--scope', 'here', '--minutes', '15'], 'building:A'],
  ['a time that is none', ['alerts', '--since', 'noon'], '90m, 2h, 7d or a local date'],
  ['no alert at all', ['alerts', '--limit', '0'], 'a whole number from 1'],
  ['a cancel without a reason', ['cancel', 'wb-101.1.1'], '--reason'],
])('%s is told, with what to write', async (_name, args, words) => {
  const { code, err } = await call(...args);
  expect(code).toMatch(/^commander\./);
  expect(err).toContain(words);
});

test('--version says the version of package.json', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(await call('--version')).toMatchObject({ out: `${version}\n` });
});

test('--help has every command in a group, and the groups in the order of the work', async () => {
  const { out } = await call('--help');
  const headings = [...out.matchAll(/^(\w+):$/gm)].map(([, heading = '']) => heading);
  expect(headings).toEqual(['Options', 'Install', 'Watch', 'Operate', 'Records', 'Help']);
});

test('on a screen of 40 columns no line of a help is wider', () => {
  const tooWide: string[] = [];
  const look = (command: Command): void => {
    command.configureOutput({
      getOutHelpWidth: () => 40,
      writeOut: (text) => tooWide.push(...text.split('\n').filter((line) => line.length > 40)),
    });
    command.outputHelp();
    command.commands.forEach(look);
  };
  look(program());
  // A single word, such as a key or the name of a file, can't be broken.
  expect(tooWide.filter((line) => line.trim().includes(' '))).toEqual([]);
});
