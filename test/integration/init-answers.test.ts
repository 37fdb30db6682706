import {
  chmodSync,
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
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runInitFrom } from '../../gateway/cli/init/init.ts';
import { checkSite, loadSettings } from '../../gateway/config/load.ts';
import { ANSWERS_EXAMPLE } from '../../gateway/config/setup/answers-example.ts';

let root = '';
let directory = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'callpoint-answers-'));
  directory = join(root, 'sites', 'oak');
});
afterEach(() => rmSync(root, { recursive: true }));

function answers(text: string, mode = 0o600): string {
  const file = join(root, 'answers.yaml');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

function init(text: string): string[] {
  const told: string[] = [];
  runInitFrom(answers(text), directory, (line) => told.push(line));
  return told;
}

function refusal(text: string): string {
  try {
    init(text);
  } catch (error) {
    expect(existsSync(join(root, 'sites'))).toBe(false);
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

const SMALL = `site: { name: Oak Hill }
paths:
  - { id: central, driver: dc09-tcp, host: 10.0.0.5, port: 7700, account: "1234" }
`;

describe('callpoint init --answers', () => {
  test('the example that it prints makes a site that the gateway would start with', () => {
    const told = init(ANSWERS_EXAMPLE);
    const site = join(directory, 'site.yaml');
    expect(checkSite(site, join(directory, 'data')).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(loadSettings(site, directory).site.devices.size).toBe(1);
    expect(statSync(join(directory, 'keys.yaml')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(directory, '.gitignore'), 'utf8')).toContain('keys.yaml');
    expect(told.join('\n')).toMatch(
      /Next:\n.*\n.* cd .*\n.*callpoint check\n.*doctor\n.*run\n.*devices.*\n.*reload\n.*walk-test/,
    );
  });

  test('JSON and the least there can be are enough; keys that exist are taken, all others are new', () => {
    const key = 'c0ffee00112233445566778899aabbcc';
    init(
      JSON.stringify({
        site: { name: 'Oak' },
        paths: [{ id: 'central', driver: 'dc09-udp', host: '10.0.0.5', port: 1, account: '1234' }],
        secrets: { paths: { central: key } },
      }),
    );
    const keys = readFileSync(join(directory, 'keys.yaml'), 'utf8');
    expect(keys).toContain(`central: ${key}`);
    expect(readFileSync(join(directory, 'site.yaml'), 'utf8')).not.toContain(key);
  });

  test('every mistake is told with its line in the answers and what to write, and nothing is written', () => {
    const told = refusal(`gatway: x
site: { name: A }
buildings: [{ id: A, floors: [{ id: 1, rooms: [{ number: 101 }, { number: 101 }] }] }]
paths:
  - { id: central, driver: dc09-tcp, host: 10.0.0.5, port: 77000, account: "12" }
  - { id: county, driver: cap, url: "https://x.example/a", sender: a@b.example, auth: basic, user: u }
secrets:
  paths: { central: 1234 }
`);
    const file = join(root, 'answers.yaml');
    for (const [line, words] of [
      [1, 'did you mean "gateway"?'],
      [3, 'room 101 is used already'],
      [5, 'port is 77000'],
      [5, 'account is "12"'],
      [8, 'there is no secret for path county'],
      [8, 'a path key must be 16, 24 or 32 bytes'],
    ])
      expect(told).toMatch(new RegExp(`^${file}:${line}:\\d+: error: .*${String(words).replace('?', '\\?')}`, 'm'));
    expect(told).toMatch(/Nothing was written\.$/);
  });

  test.each([
    ['a tab', 'site:\n\tname: A\n', 'indented with a tab'],
    ['no YAML at all', '{{{{', 'error'],
    ['a list', '- a\n', 'error'],
    ['nothing', '', 'site is missing'],
    ['secrets that are none', `${SMALL}secrets: 7\n`, 'secrets'],
    ['a user of secrets', `${SMALL}secrets: { devices: { wb-1: [1] } }\n`, 'device key'],
  ])('%s is refused with a place', (_name, text, words) => {
    expect(refusal(text)).toMatch(new RegExp(`answers\\.yaml:\\d+:\\d+: error: .*${words}|${words}`));
  });

  test('a file that is not there is named, with the command that prints one', () => {
    expect(() => runInitFrom(join(root, 'none'), directory, () => undefined)).toThrow(
      expect.objectContaining({ code: 'CONFIG_UNREADABLE', message: expect.stringContaining('--answers-example') }),
    );
  });

  test('secrets that others can read are warned of', () => {
    const text = `${SMALL}secrets: { paths: { central: c0ffee00112233445566778899aabbcc } }\n`;
    const told: string[] = [];
    runInitFrom(answers(text, 0o644), directory, (line) => told.push(line));
    expect(told.join('\n')).toMatch(/answers\.yaml:4:1: warning: other users of this machine can read the secrets/);
  });

  test('a directory with other files gets the site beside them, one with a site stays as it is', () => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'notes.txt'), 'mine');
    init(SMALL);
    const names = ['.gitignore', 'callpoint.schema.json', 'keys.yaml', 'notes.txt', 'site.yaml'];
    expect(readdirSync(directory).sort()).toEqual(names);
    const before = readFileSync(join(directory, 'keys.yaml'), 'utf8');
    expect(() => init(SMALL)).toThrow(expect.objectContaining({ code: 'DIRECTORY_NOT_EMPTY' }));
    expect(readFileSync(join(directory, 'keys.yaml'), 'utf8')).toBe(before);
    expect(readdirSync(directory).sort()).toEqual(names);
  });
});
