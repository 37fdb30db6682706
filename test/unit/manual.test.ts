import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { program as simulator } from '../../device-sim/cli/program.ts';
import { program } from '../../gateway/cli/program.ts';
import { settingsReference } from '../../gateway/config/schema/settings-reference.ts';
import { everyCommand, pageName, wordsOf } from '../../gateway/manual/command-pages.ts';
import { installedPages, manualFiles, manualPages } from '../../gateway/manual/manual.ts';

const pages = manualPages([simulator()]);
const EDITION = { source: 'Callpoint 0.1.0', date: '2026-11-28' };
const files = manualFiles(pages, EDITION);
const commands = everyCommand(program());
const simulatorCommands = everyCommand(simulator());

/** The source of a page, with the hyphens as they are typed. */
function source(file: string): string {
  return (files.get(file) ?? '').replaceAll('\\-', '-').replaceAll('\\&', '');
}

const flagsOf = (command: Command) => command.options.filter(({ hidden }) => !hidden).map(({ flags }) => flags);

describe('the manual', () => {
  test.each(commands.map((command) => [wordsOf(command), command] as const))(
    '%s has a page with all its options, arguments and commands',
    (words, command) => {
      const page = source(`${pageName(command)}.1`);
      expect(page).toContain(`.SH NAME\n${pageName(command)} - `);
      for (const flags of flagsOf(command)) expect(page).toContain(`\n\\fB${flags}\\fR\n`);
      for (const argument of command.registeredArguments) expect(page).toContain(argument.name());
      for (const below of command.commands) expect(page).toContain(`\n\\fB${words} ${below.name()}`);
      expect(page).toMatch(/^\.SH "EXIT STATUS"$/m);
    },
  );

  test('the page of the program lists every command', () => {
    const page = source('callpoint.1');
    const leaves = commands.filter((each) => each.commands.length === 0);
    for (const command of leaves) expect(page).toContain(`\n\\fB${wordsOf(command)}\\fR\n`);
  });

  test('callpoint-sim has one page, with every command and option', () => {
    const page = source('callpoint-sim.1');
    expect(simulatorCommands.length).toBeGreaterThan(5);
    for (const command of simulatorCommands.slice(1)) {
      expect(page).toContain(`.SS "${wordsOf(command)}"`);
      for (const flags of flagsOf(command)) expect(page).toContain(`\n\\fB${flags}\\fR\n`);
    }
  });

  test('site.yaml(5) has every setting', () => {
    const page = source('site.yaml.5');
    for (const { key } of settingsReference()) {
      const isHere = [`\n\\fB${key}\\fR\n`, `\n\\fB${key} (required)`, `.SH "${key.toUpperCase()}"`];
      expect(
        isHere.some((form) => page.includes(form)),
        key,
      ).toBe(true);
    }
  });

  test('package.json names every page, so that npm installs them: npm run man', () => {
    const { man } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(man).toEqual(installedPages(pages));
  });

  test('what a page refers to exists', () => {
    const known = new Set([...files.keys()].map((name) => name.replace(/\.(\d)$/, '($1)')));
    const named = pages.flatMap((page) =>
      [...JSON.stringify(page).matchAll(/((?:callpoint|site\.yaml)[a-z-]*\(\d\))/g)].map(([, to = '']) => to),
    );
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((each) => !known.has(each))).toEqual([]);
  });

  test('every command says what it does in one line, and names a command of its own only if there is one', () => {
    for (const command of commands) expect(command.description(), wordsOf(command)).toMatch(/^\S.{9,}$/);
    const words = new Set(commands.map(wordsOf));
    const examples = pages.flatMap(({ parts }) =>
      parts.filter(({ title }) => title === 'EXAMPLES').flatMap(({ blocks }) => blocks),
    );
    const lines = examples.flatMap((block) => (block.kind === 'lines' ? block.lines : []));
    expect(lines.length).toBeGreaterThan(10);
    const unknown = lines.filter((line) => {
      const [first = '', second = '', third = ''] = line.replace(/^sudo /, '').split(' ');
      return !words.has(`${first} ${second}`) && !words.has(`${first} ${second} ${third}`);
    });
    expect(unknown).toEqual([]);
  });

  test('hostile text is no macro and no element', () => {
    const page = { name: 'x', section: 1, about: '<b>', parts: [] } as const;
    const blocks = [
      { kind: 'text', text: '.so /etc/passwd' },
      { kind: 'lines', lines: ["'br \\n(.x <script>"] },
    ] as const;
    const made = manualFiles([{ ...page, parts: [{ title: 'A "B"', level: 1, blocks }] }], EDITION);
    expect(made.get('x.1')).toContain('\n\\&.so /etc/passwd\n');
    expect(made.get('x.1')).toContain("\n\\&'br \\en(.x <script>\n");
    expect(made.get('manual.html')).not.toMatch(/<script>|<b>/);
  });
});
