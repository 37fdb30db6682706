import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { program } from '../../gateway/cli/program.ts';
import { CALLPOINT, callpoint, Command as Process } from './support/processes.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'callpoint-json-'));
});
afterAll(() => rmSync(root, { recursive: true }));

/** These print pages for people and shells. */
const FOR_PEOPLE = ['help', 'manual', 'completion'];

/** Every command that does something, as its words: `drill start`. */
function commandsOf(command: Command, words: readonly string[] = []): { words: readonly string[]; command: Command }[] {
  return command.commands.flatMap((each) => {
    const name = [...words, each.name()];
    return each.commands.length > 0 ? commandsOf(each, name) : [{ words: name, command: each }];
  });
}

const everyWords = commandsOf(program()).map(({ words }) => words.join(' '));
const commands = commandsOf(program()).filter(({ words: [first = ''] }) => !FOR_PEOPLE.includes(first));

describe('--json', () => {
  test('every command has it', () => {
    expect(commands.length).toBeGreaterThan(15);
    const without = commands.filter(({ command }) => !command.options.some(({ long }) => long === '--json'));
    expect(without.map(({ words }) => words.join(' '))).toEqual([]);
  });

  test.concurrent.each(commands.map(({ words }) => [words.join(' ')]))(
    'callpoint %s: a wrong call is one JSON object on stdout, nothing on stderr, exit code 2',
    async (words) => {
      const { code, stdout, stderr } = await callpoint(...words.split(' '), '--json', '--no-such-option');
      expect(JSON.parse(stdout)).toEqual({ ok: false, code: 'USAGE', text: expect.stringMatching(/option/) });
      expect([code, stderr]).toEqual([2, '']);
    },
  );

  test.concurrent.each([
    ['status'],
    ['troubles'],
    ['devices'],
    ['drill status'],
    ['drill start --scope site --minutes 5'],
    ['drill stop'],
    ['cancel wb-101.1.1 --reason over'],
    ['resolve wb-101.1.1 --reason over'],
    ['enrol tag-1 --reason battery'],
    ['canary'],
  ])('callpoint %s without a gateway: the same, with the code and what to do', async (words) => {
    const { code, stdout, stderr } = await callpoint(...words.split(' '), '--json', '--data', join(root, 'none'));
    const text = expect.stringContaining('Start it with callpoint run');
    expect(JSON.parse(stdout)).toEqual({ ok: false, code: 'GATEWAY_UNREACHABLE', text });
    expect([code, stderr]).toEqual([1, '']);
  });

  test('a group without a command, and no command at all, are wrong calls too', async () => {
    for (const words of [['--json'], ['drill', '--json']]) {
      const { code, stdout, stderr } = await callpoint(...words);
      expect(JSON.parse(stdout)).toMatchObject({ ok: false, code: 'USAGE', text: expect.stringContaining('--') });
      expect([code, stderr]).toEqual([2, '']);
    }
  });

  test('run says why it did not start in one object, and nothing but the log goes to stderr', async () => {
    const { code, stdout, stderr } = await callpoint('run', '--json', '--config', join(root, 'nowhere.yaml'));
    const text = expect.stringContaining('nowhere.yaml');
    expect(JSON.parse(stdout)).toEqual({ ok: false, code: 'CONFIG_UNREADABLE', text });
    expect([code, stderr]).toEqual([1, '']);
  });

  test('behind -- it is a word like any other', async () => {
    const { stdout, stderr } = await callpoint('verify', '--', '--json');
    expect(stdout).toBe('');
    expect(stderr).toContain('There is no journal in --json');
  });
});

describe('a reader that has read enough, as head -1 has', () => {
  const printing = [
    ...everyWords.map((words) => `${words} --help`),
    'help drill start',
    'manual',
    'settings',
    'settings paths --json',
    'init --answers-example',
  ];

  test.concurrent.each(printing.map((words) => [words]))(
    'ends callpoint %s quietly, with its exit code',
    async (words) => {
      const running = new Process(CALLPOINT, words.split(' '));
      running.child.stdout?.destroy();
      const { code, stderr } = await running.ended;
      expect([code, stderr]).toEqual([0, '']);
    },
  );
});
