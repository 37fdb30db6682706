import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCheck } from '../../gateway/cli/check.ts';
import { runInit } from '../../gateway/cli/init/init.ts';
import { loadSettings, readJournalDirectories } from '../../gateway/config/load.ts';

let root = '';
let directory = '';
let site = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'callpoint-init-'));
  directory = join(root, 'new', 'site');
  site = join(directory, 'site.yaml');
});
afterEach(() => rmSync(root, { recursive: true }));

function check(json = false): { code: number; lines: string[] } {
  const lines: string[] = [];
  const code = runCheck({ config: site, data: join(directory, 'data'), json }, (line) => lines.push(line));
  return { code, lines };
}

const edit = (old: string, next: string) => writeFileSync(site, readFileSync(site, 'utf8').replace(old, next));

test('what init writes passes check, with warnings for what must be edited', () => {
  const told: string[] = [];
  runInit(directory, (line) => told.push(line));
  expect(told.join('\n')).toMatch(new RegExp(`cd ${dirname(site)}\n.*callpoint check\n`));
  const { code, lines } = check();
  expect(code).toBe(0);
  expect(lines.filter((line) => line.includes(': warning: '))).toHaveLength(2);
  expect(lines.at(-1)).toBe(`${site}: 2 warnings; the gateway would start`);
  expect(loadSettings(site, directory).site.devices.size).toBe(2);
});

test('where the journal is can be asked also of a site with mistakes, and of one without a site file only by default', () => {
  runInit(directory, () => undefined);
  const second = join(root, 'second');
  writeFileSync(
    site,
    `${readFileSync(site, 'utf8').replace(/^journal:(\n .*)*/m, '')}\njournal: { secondDirectory: ${second} }\n`,
  );
  rmSync(join(directory, 'keys.yaml'));
  expect(check().code).toBe(1);
  expect(readJournalDirectories(site, join(root, 'data'))).toEqual([join(root, 'data', 'journal'), second]);
  expect(readJournalDirectories(join(root, 'nowhere.yaml'), root)).toBeUndefined();
});

/** Uncomments the lines under `# example NAME`, as a person would. */
function uncomment(file: string, name: string): void {
  let ours = false;
  const lines = readFileSync(file, 'utf8').split('\n');
  const edited = lines.map((line) => {
    const example = /^ *# example (\w+):/.exec(line)?.[1];
    if (example !== undefined || !/^ +# /.test(line)) ours = example === name;
    return ours && example === undefined ? line.replace('# ', '') : line;
  });
  expect(edited).not.toEqual(lines);
  writeFileSync(file, edited.join('\n'));
}

test.each([
  ['gpio', 'pull-102', 1],
  ['firmata', 'loop-102', 2],
  ['modbus', 'module-1', 0],
  ['ble', 'tag-102', 0],
  ['mqtt', 'z-102', 0],
])('the example %s that init writes passes check when it is uncommented', (name, device, outputs) => {
  runInit(directory, () => undefined);
  uncomment(site, name);
  if (name === 'ble' || name === 'mqtt') uncomment(join(directory, 'keys.yaml'), name);
  const { code, lines } = check();
  expect(lines.filter((line) => line.includes(': error: '))).toEqual([]);
  expect(lines.filter((line) => /not supervised|notices|may publish/.test(line))).toHaveLength(
    name === 'modbus' ? 1 : 0,
  );
  expect(code).toBe(0);
  const settings = loadSettings(site, directory);
  expect(settings.inputs.map(({ driver }) => driver)).toEqual(['button-bus', name]);
  expect(settings.site.devices.get(device)?.buttons.size).toBe(1);
  expect(settings.site.outputs).toHaveLength(outputs);
});

test.each(['udp', 'radio', 'cap', 'sip', 'webhook', 'tap', 'snpp', 'sms'])(
  'the example %s of a path that init writes passes check when it is uncommented',
  (name) => {
    runInit(directory, () => undefined);
    uncomment(site, name);
    if (name === 'udp' || name === 'webhook') uncomment(join(directory, 'keys.yaml'), name);
    const { code, lines } = check();
    expect(lines.filter((line) => line.includes(': error: '))).toEqual([]);
    expect(code).toBe(0);
    const drivers = loadSettings(site, directory).paths.map(({ driver }) => driver);
    expect(drivers).toEqual(['dc09-tcp', name === 'udp' ? 'dc09-udp' : name]);
  },
);

test('the keys init writes are readable by their owner only, and new every time', () => {
  runInit(directory, () => undefined);
  runInit(join(root, 'second'), () => undefined);
  expect(statSync(join(directory, 'keys.yaml')).mode & 0o777).toBe(0o600);
  const secretsIn = (at: string) => readFileSync(join(at, 'keys.yaml'), 'utf8').match(/(?<=: )[\w-]{24,}$/gm) ?? [];
  const secrets = [...secretsIn(directory), ...secretsIn(join(root, 'second'))];
  expect(secrets).toHaveLength(16);
  expect(new Set(secrets).size).toBe(16);
});

test('init never says a secret', () => {
  const told: string[] = [];
  runInit(directory, (line) => told.push(line));
  const secrets = readFileSync(join(directory, 'keys.yaml'), 'utf8').match(/(?<=: )[\w-]{24,}$/gm) ?? [];
  for (const secret of secrets) expect(told.join('\n')).not.toContain(secret);
});

test('init overwrites nothing, and leaves nothing half done', () => {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'keys.yaml'), 'mine');
  expect(() => runInit(directory, () => undefined)).toThrow(
    expect.objectContaining({ code: 'DIRECTORY_NOT_EMPTY', message: expect.stringContaining('keys.yaml') }),
  );
  expect(readFileSync(join(directory, 'keys.yaml'), 'utf8')).toBe('mine');
  expect(readdirSync(directory)).toEqual(['keys.yaml']);
});

test('git ignores the keys and the data that init and the gateway write, and an own .gitignore stays', () => {
  runInit(directory, () => undefined);
  const git = (...args: string[]) => spawnSync('git', ['-C', root, ...args], { encoding: 'utf8' }).stdout;
  git('init', '--quiet');
  const listed = git('status', '--short', '--untracked-files=all');
  expect(listed).toContain('new/site/site.yaml');
  expect(listed).not.toContain('keys.yaml');
  const again = join(root, 'again');
  mkdirSync(again);
  writeFileSync(join(again, '.gitignore'), 'mine\n');
  const told: string[] = [];
  runInit(again, (line) => told.push(line));
  expect(readFileSync(join(again, '.gitignore'), 'utf8')).toBe('mine\n');
  expect(told.at(-1)).toContain('keep the keys out of it');
});

test('init says so where it can not write', () => {
  writeFileSync(join(root, 'file'), '');
  expect(() => runInit(join(root, 'file', 'site'), () => undefined)).toThrow(
    expect.objectContaining({ code: 'CONFIG_UNREADABLE' }),
  );
  expect(existsSync(join(root, 'file', 'site'))).toBe(false);
});

test('check exits 1 and shows every mistake at once, each with file, line and column', () => {
  runInit(directory, () => undefined);
  edit('address: 2', 'address: 1');
  edit('kind: medical', 'kind: medicl');
  edit('listen: 127.0.0.1:1883', 'listen: 0.0.0.0:1883');
  const { code, lines } = check();
  expect(code).toBe(1);
  const errors = lines.filter((line) => line.includes(': error: '));
  expect(errors).toHaveLength(3);
  for (const line of errors) expect(line).toMatch(/site\.yaml:\d+:\d+: error: .+; .+/);
  expect(lines.at(-1)).toBe(`${site}: 3 errors, 2 warnings; the gateway would not start`);
});

test('check --json is one object a program can read', () => {
  runInit(directory, () => undefined);
  edit('address: 2', 'address: 1');
  const { code, lines } = check(true);
  expect(code).toBe(1);
  expect(lines).toHaveLength(1);
  const result: unknown = JSON.parse(lines[0] ?? '');
  expect(result).toMatchObject({ ok: false, errors: 1, warnings: 2 });
  expect(result).toHaveProperty(
    'mistakes',
    expect.arrayContaining([
      expect.objectContaining({ severity: 'error', file: site, line: expect.any(Number), hint: expect.any(String) }),
    ]),
  );
});

test('check of a directory that is not there exits 1 and says which file', () => {
  const { code, lines } = check();
  expect(code).toBe(1);
  expect(lines[0]).toContain(`${site}:1:1: error: the site file does not exist`);
});
