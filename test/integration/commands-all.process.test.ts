import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { call } from '../../gateway/cli/call.ts';
import { program } from '../../gateway/cli/program.ts';
import { SensorWorld } from '../simulation/sensor-world.ts';
import { device, path, site as school } from '../simulation/site.ts';
import { writeJournal } from '../unit/after-action/disk-journal.ts';
import { CALLPOINT, callpoint, Command as Process } from './support/processes.ts';
import { type SmallSite, smallSite } from './support/small-site.ts';

let root = '';
let site: SmallSite;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'callpoint-json-'));
  site = await smallSite({ receiverPort: 7700 });
  const world = new SensorWorld(school([device(101)], [path('central')]));
  world.press('wb-101', 1);
  world.run(500);
  writeJournal(join(site.data, 'journal'), world.journal.records);
});
afterAll(() => {
  rmSync(root, { recursive: true });
  site.remove();
});

/** These print pages for people and shells. */
const FOR_PEOPLE = ['help', 'manual', 'completion'];

/** Every command that does something, as its words: `drill start`. */
function commandsOf(command: Command, words: readonly string[] = []): { words: readonly string[]; command: Command }[] {
  return command.commands.flatMap((each) => {
    const name = [...words, each.name()];
    return each.commands.length > 0 ? commandsOf(each, name) : [{ words: name, command: each }];
  });
}

const commands = commandsOf(program()).filter(({ words: [first = ''] }) => !FOR_PEOPLE.includes(first));

afterEach(() => {
  vi.restoreAllMocks();
});

/** As `main.ts` does, within this process: starting one for each command would take minutes. */
async function called(...args: readonly string[]) {
  let stdout = '';
  let stderr = '';
  const before = process.exitCode;
  process.exitCode = undefined;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  try {
    await call(args);
    return { code: process.exitCode ?? 0, stdout, stderr };
  } finally {
    vi.restoreAllMocks();
    process.exitCode = before;
  }
}

describe('--json', () => {
  test('every command has it', () => {
    expect(commands.length).toBeGreaterThan(15);
    const without = commands.filter(({ command }) => !command.options.some(({ long }) => long === '--json'));
    expect(without.map(({ words }) => words.join(' '))).toEqual([]);
  });

  test('in a process: a wrong call, and one without a gateway', async () => {
    const [wrong, alone] = await Promise.all([
      callpoint('drill', 'start', '--json', '--no-such-option'),
      callpoint('status', '--json', '--data', join(root, 'none')),
    ]);
    expect(JSON.parse(wrong.stdout)).toMatchObject({ ok: false, code: 'USAGE' });
    expect([wrong.code, wrong.stderr]).toEqual([2, '']);
    expect(JSON.parse(alone.stdout)).toMatchObject({ ok: false, code: 'GATEWAY_UNREACHABLE' });
    expect([alone.code, alone.stderr]).toEqual([1, '']);
  });

  test.each(commands.map(({ words }) => [words.join(' ')]))(
    'callpoint %s: a wrong call is one JSON object on stdout, nothing on stderr, exit code 2',
    async (words) => {
      const { code, stdout, stderr } = await called(...words.split(' '), '--json', '--no-such-option');
      expect(JSON.parse(stdout)).toEqual({ ok: false, code: 'USAGE', text: expect.stringMatching(/option/) });
      expect([code, stderr]).toEqual([2, '']);
    },
  );

  test.each([
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
    ['reload'],
    ['walk-test start --scope site'],
    ['walk-test status'],
    ['walk-test stop'],
    ['walk-test tick siren'],
    ['walk-test tick siren --seen'],
  ])('callpoint %s without a gateway: the same, with the code and what to do', async (words) => {
    const { code, stdout, stderr } = await called(...words.split(' '), '--json', '--data', join(root, 'none'));
    const text = expect.stringContaining('Start it with callpoint run');
    expect(JSON.parse(stdout)).toEqual({ ok: false, code: 'GATEWAY_UNREACHABLE', text });
    expect([code, stderr]).toEqual([1, '']);
  });

  test('a group without a command, and no command at all, are wrong calls too', async () => {
    for (const words of [['--json'], ['drill', '--json']]) {
      const { code, stdout, stderr } = await called(...words);
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

  /** Names of fields, without those that are a site's own ids. */
  function fieldsOf(value: unknown): string[] {
    if (Array.isArray(value)) return value.flatMap(fieldsOf);
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([name, each]) => [name, ...fieldsOf(each)]);
  }

  test.each([
    ['check'],
    ['settings paths'],
    ['devices export'],
    ['devices labels'],
    ['devices rename wb-101 wb-1 --dry-run'],
    ['keys show wb-101'],
    ['alerts'],
    ['verify SITE/data/journal'],
    ['report --since 1h'],
  ])('callpoint %s: "ok" comes first, and names are in snake_case', async (words) => {
    const args = words.replace('SITE', site.directory).split(' ');
    const own = words.startsWith('verify') || words.startsWith('settings') ? [] : ['--config', site.file];
    const { code, stdout, stderr } = await called(...args, ...own, '--json');
    expect([code, stderr]).toEqual([0, '']);
    const document = JSON.parse(stdout);
    expect(Object.keys(document)[0]).toBe('ok');
    expect(document.ok).toBe(true);
    expect(fieldsOf(document).filter((name) => /[A-Z]/.test(name))).toEqual([]);
  });

  test('behind -- it is a word like any other', async () => {
    const { stdout, stderr } = await called('verify', '--', '--json');
    expect(stdout).toBe('');
    expect(stderr).toContain('There is no journal in --json');
  });
});

describe('a reader that has read enough, as head -1 has', () => {
  // Every command prints with the same calls, so a few stand for all.
  const printing = [
    '--help',
    'devices discover --help',
    'help drill start',
    'completion zsh',
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
