import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { program as simulator } from '../../device-sim/cli/program.ts';
import { program } from '../../gateway/cli/program.ts';
import { commandsPage } from '../../gateway/manual/commands-page.ts';
import { PROJECT, sourceFiles } from './source-files.ts';

const read = (page: string) => readFileSync(join(PROJECT, page), 'utf8');
const README = read('README.md');

const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'gateway/README.md',
  'gateway/COMMANDS.md',
  'gateway/DEVICES.md',
  'gateway/OPERATING.md',
  'gateway/PROVING.md',
  'protocol/README.md',
  'device-sim/README.md',
  'device-sim/CI.md',
  'test/bench/README.md',
  '.github/CONTRIBUTING.md',
  '.github/SECURITY.md',
  ...readdirSync(join(PROJECT, 'hardware'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `hardware/${path}`),
];

test.each(PAGES)('every link of %s leads somewhere', (page) => {
  const links = [...read(page).matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)].map(([, to = '']) => to);
  const dead = links.filter((to) => !/^https?:/.test(to) && !existsSync(join(PROJECT, dirname(page), to)));
  expect(dead).toEqual([]);
});

test('the first page can be read in a few minutes', () => {
  expect(README.split('\n').length).toBeLessThanOrEqual(130);
});

describe('the promises', () => {
  const tests = sourceFiles('test').map(({ path }) => path);
  const rows = [...README.matchAll(/^\| \d\. \*\*(.+?)\*\*.*\| (.+) \|$/gm)];

  test('there are seven', () => {
    expect(rows).toHaveLength(7);
  });

  test.each(rows.map(([, promise = '', held = '']) => [promise, held]))(
    '%s names tests that exist',
    (_promise, held) => {
      const patterns = [...held.matchAll(/`([^`]+)`/g)].flatMap(([, pattern = '']) => alternatives(pattern));
      expect(patterns.length).toBeGreaterThan(0);
      for (const pattern of patterns)
        expect(
          tests.some((path) => matches(path, pattern)),
          pattern,
        ).toBe(true);
    },
  );
});

function matches(path: string, pattern: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  let at = first.length;
  if (!path.startsWith(first)) return false;
  for (const part of others) {
    at = path.indexOf(part, at);
    if (at < 0) return false;
    at += part.length;
  }
  return at === path.length;
}

/** `a/{b,c}.ts` as `a/b.ts` and `a/c.ts`. */
function alternatives(pattern: string): string[] {
  const found = /^(.*)\{([^}]*)\}(.*)$/.exec(pattern);
  if (found === null) return [pattern];
  const [, before = '', among = '', behind = ''] = found;
  return among.split(',').map((each) => `${before}${each}${behind}`);
}

/** First words after the program's name in the page's table of commands. */
function documented(page: string, name: string): Set<string> {
  const rows = read(page).matchAll(/^\| (`.+?`) \|/gm);
  const calls = [...rows].flatMap(([, cell = '']) => [...cell.matchAll(new RegExp(`\`${name} ([a-z-]+)`, 'g'))]);
  return new Set(calls.map(([, command = '']) => command));
}

test('gateway/COMMANDS.md is made from the commands: npm run man', () => {
  expect(read('gateway/COMMANDS.md')).toBe(commandsPage(program()));
});

test("device-sim/README.md's table of commands has those of the simulator, and no other", () => {
  const there = simulator().commands.map((command) => command.name());
  expect([...documented('device-sim/README.md', 'sim')].sort()).toEqual(there.sort());
});

test('each command in gateway/OPERATING.md is one of the program, with options that it has', () => {
  const commands = [...read('gateway/OPERATING.md').matchAll(/(?:^|[`\s])callpoint ([a-z][a-z-]*(?: [^`&;\n#]*)?)/gm)];
  const calls = commands.map(([, call = '']) => call.trim()).filter((call) => !/^(?:callpoint|needs)\b/.test(call));
  const wrong = calls.flatMap((call) => {
    const [name, second] = call.split(' ');
    const command = program().commands.find((each) => each.name() === name);
    const inner = command?.commands.find((each) => each.name() === second) ?? command;
    const known = (inner?.options ?? []).flatMap(({ long }) => long ?? []);
    const options = [...call.matchAll(/--[a-z-]+/g)].map(([option]) => option);
    return inner === undefined || options.some((option) => !known.includes(option)) ? [call] : [];
  });
  expect(calls.length).toBeGreaterThan(25);
  expect(wrong).toEqual([]);
});
