import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { addDevice } from '../../gateway/cli/devices/add-device.ts';
import { replaceDevice } from '../../gateway/cli/devices/change-device.ts';
import { type Change, type EditOptions, runEdit } from '../../gateway/cli/devices/run-edit.ts';
import { program } from '../../gateway/cli/program.ts';
import type { Questions } from '../../gateway/cli/questions.ts';
import type { SiteEdit } from '../../gateway/config/edit/site-edit.ts';
import { checkSite } from '../../gateway/config/load.ts';
import { EVERY_INPUT, EVERY_KEY, EVERY_SECRET } from '../unit/config/every-input-fixture.ts';
import { edited, KEYS, SECRETS, SITE } from '../unit/config/site-fixture.ts';

let directory = '';
let siteFile = '';
let keysFile = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'callpoint-devices-'));
  siteFile = join(directory, 'site.yaml');
  keysFile = join(directory, 'keys.yaml');
  put(SITE, KEYS);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

function put(site: string, keys: string): void {
  writeFileSync(siteFile, site);
  writeFileSync(keysFile, keys);
  chmodSync(keysFile, 0o600);
}

const site = () => readFileSync(siteFile, 'utf8');
const keys = () => readFileSync(keysFile, 'utf8');
const errors = () => checkSite(siteFile, join(directory, 'data')).filter(({ severity }) => severity === 'error');
const unchanged = () => expect([site(), keys()]).toEqual([SITE, KEYS]);

/** What a command prints. */
async function run(...args: readonly string[]): Promise<string> {
  let printed = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  try {
    await program().parseAsync(['node', 'callpoint', ...args, '--config', siteFile]);
    return printed;
  } finally {
    write.mockRestore();
  }
}

async function json(...args: readonly string[]) {
  return JSON.parse(await run(...args, '--json'));
}

/** A person who gives these answers, in order of the questions. */
function person(answers: readonly (string | boolean)[]): Questions & { readonly asked: string[] } {
  const left = [...answers];
  const asked: string[] = [];
  const next = (question: string) => {
    asked.push(question);
    if (left.length === 0) throw new Error(`unexpected question: ${question}`);
    return left.shift();
  };
  return {
    asked,
    ask: async (question, suggested) => String(next(question) || (suggested ?? '')),
    askSecret: async (question) => String(next(question)),
    confirm: async (question) => next(question) === true,
  };
}

async function withPerson(
  questions: Questions,
  change: (edit: SiteEdit) => Promise<Change>,
  more: Partial<EditOptions> = {},
) {
  const lines: string[] = [];
  await runEdit({ config: siteFile, ...more }, { out: (line) => lines.push(line), questions }, change);
  return lines.join('\n');
}

describe('devices add', () => {
  test('a wall node gets a fresh key, the next address, a name like its neighbours and the zone of its room', async () => {
    const answer = await json(
      'devices',
      'add',
      '--input',
      'bus-1',
      '--room',
      'A/2/201',
      '--kind',
      'intruder',
      '--kind',
      'medical',
    );
    expect(answer).toMatchObject({
      ok: true,
      written: true,
      device: { id: 'wb-201', input: 'bus-1', location: 'A/2/201', address: 19, zone: 201 },
      keys: [{ section: 'devices', name: 'wb-201', what: 'added' }],
    });
    expect(errors()).toEqual([]);
    const key = /wb-201: ([0-9a-f]{32})/.exec(keys())?.[1] ?? '';
    expect(Object.values(SECRETS)).not.toContain(key);
    expect(JSON.stringify(answer)).not.toContain(key);
    expect(site()).toContain('{ id: button-2, number: 1, kind: medical, zone: 201 }');
    expect(answer.next[0]).toContain('callpoint node setup PORT wb-201');
  });

  test('a room that is not there is refused, and added on request', async () => {
    await expect(run('devices', 'add', '--input', 'bus-1', '--room', 'A/1/103', '--kind', 'fire')).rejects.toThrow(
      'There is no room A/1/103: add it with --new-room [NAME].',
    );
    unchanged();
    await run('devices', 'add', '--input', 'bus-1', '--room', 'A/1/103', '--new-room', 'Art: "wet"', '--kind', 'fire');
    expect(site()).toContain('          - { number: 102 }\n          - { number: "103", name: "Art: \\"wet\\"" }\n');
    expect(errors()).toEqual([]);
  });

  test.each<readonly [string, readonly string[], RegExp]>([
    [
      'without a kind of alert',
      ['--input', 'bus-1', '--room', '201'],
      /Kinds of alert.* is missing: give it with --kind/,
    ],
    [
      'with a kind that does not exist',
      ['--input', 'bus-1', '--room', '201', '--kind', 'intrudr'],
      /no kind of alert intrudr/,
    ],
    [
      'with an address that is taken',
      ['--input', 'bus-1', '--room', '201', '--kind', 'fire', '--address', '17'],
      /address 17 on bus-1 is used/,
    ],
    [
      'with a name that is taken',
      ['--input', 'bus-1', '--room', '201', '--kind', 'fire', '--id', 'wb-101'],
      /device wb-101 is used already/,
    ],
    [
      'with the zone of another room',
      ['--input', 'bus-1', '--room', '201', '--kind', 'fire', '--zone', '101'],
      /zone 101 is used already/,
    ],
    [
      'in a room that two buildings have',
      ['--input', 'bus-1', '--room', '101', '--kind', 'fire'],
      /A\/1\/101, B\/G\/101/,
    ],
    ['in a building that is not there', ['--input', 'bus-1', '--room', 'C/1/1', '--kind', 'fire'], /no building C/],
    [
      'without the input, where there are two',
      ['--room', '201', '--kind', 'fire'],
      /Input \(bus-1, bus-2\) is missing/,
    ],
    [
      'on an input that is not there',
      ['--input', 'bus-9', '--room', '201'],
      /no input bus-9: the site has bus-1, bus-2/,
    ],
  ])('%s it is refused, and nothing changes', async (_, args, message) => {
    await expect(run('devices', 'add', ...args)).rejects.toThrow(message);
    unchanged();
  });

  test('every input has its devices', async () => {
    put(EVERY_INPUT, EVERY_KEY);
    const room = (number: number) => ['--room', `A/1/${number}`, '--new-room', '--kind', 'intruder'];
    const pins = ['--pin', 'GPIO16', '--cut-pin', 'GPIO17', '--contact', 'endOfLine'];
    expect((await json('devices', 'add', '--input', 'header', ...room(201), ...pins)).device.id).toBe('pull-201');
    const loop = ['--pin', 'A1', '--contact', 'doubleEndOfLine'];
    expect((await json('devices', 'add', '--input', 'board-1', ...room(202), ...loop)).device.id).toBe('loop-202');
    const module = await json(
      'devices',
      'add',
      '--input',
      'modules',
      ...room(203),
      '--pin',
      '0',
      '--contact',
      'normallyOpen',
    );
    expect(module.device).toMatchObject({ id: 'module-203', address: 4 });
    const topic = ['--topic', 'zigbee2mqtt/room-204', '--profile', 'zigbee2mqtt'];
    expect((await json('devices', 'add', '--input', 'mqtt-1', ...room(204), ...topic)).device.id).toBe('z-204');
    const open = ['--address', '54:48:E6:8F:80:A6', '--no-encrypted'];
    expect((await json('devices', 'add', '--input', 'radio-1', ...room(205), ...open)).keys).toEqual([]);
    expect(errors()).toEqual([]);
    expect(keys()).toBe(EVERY_KEY);
  });

  test('a Bluetooth tag needs the key that it has', async () => {
    put(EVERY_INPUT, EVERY_KEY);
    const tag = ['--input', 'radio-1', '--room', 'A/1/105', '--kind', 'medical', '--address', '54:48:E6:8F:80:A6'];
    await expect(run('devices', 'add', ...tag)).rejects.toThrow(/bind key of the tag is missing.*--key-stdin/);
    const asked = person(['', '', 'B93A7F20C4D86E15F07A3B92C8D4E610']);
    await withPerson(asked, (edit) =>
      addDevice(edit, { input: 'radio-1', room: '105', kind: ['medical'], address: '54:48:E6:8F:80:A6' }, asked),
    );
    expect(keys()).toContain('fob-105: b93a7f20c4d86e15f07a3b92c8d4e610');
    expect(errors()).toEqual([]);
  });

  test('at a terminal it asks for what is missing, and suggests what is free', async () => {
    const asked = person(['bus-1', 'A/1/103', true, 'Library', '', '', '', 'fire, medical']);
    const shown = await withPerson(asked, (edit) => addDevice(edit, {}, asked));
    expect(asked.asked.map((question) => question.split(/[ ,.:]/)[0])).toEqual([
      'Input',
      'Room',
      'There',
      'What',
      'Name',
      'Address',
      'Zone',
      'Kinds',
    ]);
    expect(site()).toContain('- { number: "103", name: Library }');
    expect(site()).toContain('- { id: button-2, number: 1, kind: medical, zone: 103 }');
    expect(shown).not.toMatch(/[0-9a-f]{24}/);
    expect(errors()).toEqual([]);
  });

  test('--like takes the buttons, the points and the heartbeat of another device', async () => {
    await run('devices', 'add', '--input', 'bus-1', '--room', '201', '--like', 'wb-101');
    const copy = site().slice(site().indexOf('- id: wb-201'), site().indexOf('paths:'));
    expect(copy).toContain('kind: intruder, longPress: fire, zone: 201');
    expect(copy).toContain('{ id: door, number: 0, type: doorContact, zone: 201 }');
    expect(errors()).toEqual([]);
  });

  test('the buttons come from the defaults of the input, if it has some', async () => {
    put(
      edited(SITE, [
        'port: /dev/null }',
        'port: /dev/null, defaults: { buttons: [{ id: panic, number: 0, kind: medical }] } }',
      ]),
      KEYS,
    );
    await run('devices', 'add', '--input', 'bus-1', '--room', '201');
    expect(site()).toContain(
      '  - id: wb-201\n    input: bus-1\n    address: 19\n    location: A/2/201\n    zone: 201\npaths:',
    );
    expect(errors()).toEqual([]);
  });

  test('--dry-run shows what would change, and writes nothing', async () => {
    const shown = await run('devices', 'add', '--input', 'bus-1', '--room', '201', '--kind', 'fire', '--dry-run');
    expect(shown).toContain('+   - id: wb-201');
    expect(shown).toContain('Dry run: nothing was written.');
    unchanged();
  });

  test('options may stand before the name of the command, too', async () => {
    const other = join(directory, 'other.yaml');
    writeFileSync(other, SITE);
    await program().parseAsync([
      'node',
      'callpoint',
      'devices',
      '--config',
      other,
      'rename',
      'wb-101',
      'wb-x',
      '--json',
    ]);
    expect(readFileSync(other, 'utf8')).toContain('- id: wb-x');
    expect(site()).toBe(SITE);
  });
});

test('what is added and removed again leaves both files as they were, byte for byte', async () => {
  await run('devices', 'add', '--input', 'bus-2', '--room', '201', '--kind', 'fire');
  await run('devices', 'remove', 'wb-201', '--yes');
  unchanged();
});

describe('devices replace', () => {
  test('a wall node gets a new key in its old place; nothing else changes', async () => {
    const shown = await run('devices', 'replace', 'wb-101', '--yes');
    expect(site()).toBe(SITE);
    expect(keys()).toMatch(/^devices:\n {2}wb-101: [0-9a-f]{32}\n/);
    expect(keys()).not.toContain(SECRETS['wb-101']);
    expect(keys().split('\n').slice(2)).toEqual(KEYS.split('\n').slice(2));
    expect(shown).not.toMatch(/[0-9a-f]{24}/);
    expect(shown).toMatch(/Have a person watch the room[\s\S]*node setup PORT wb-101[\s\S]*callpoint reload/);
  });

  test('the old key is lost only if a person says so', async () => {
    await expect(run('devices', 'replace', 'wb-101')).rejects.toThrow(/old key of wb-101 is lost.*--yes/);
    unchanged();
    const no = person(['', false]);
    await expect(withPerson(no, (edit) => replaceDevice(edit, 'wb-101', {}, no))).rejects.toThrow(
      'Nothing was changed.',
    );
    unchanged();
  });

  test('an answer that is no address on a bus is refused for what it is', async () => {
    const slip = person(['y']);
    await expect(withPerson(slip, (edit) => replaceDevice(edit, 'wb-101', {}, slip))).rejects.toThrow(
      'The address on a bus is a number, such as 17, and not "y".',
    );
    unchanged();
  });

  test('what remains at a new device ends with a walk test of it, outside which a press is an alarm', async () => {
    const { next } = await json('devices', 'add', '--input', 'bus-1', '--room', 'A/2/201', '--kind', 'fire');
    expect(next.at(-1)).toMatch(/^callpoint walk-test start --scope device:wb-201 .*: then press each button once/);
  });

  test('a module gets another address, and a wired contact nothing', async () => {
    put(EVERY_INPUT, EVERY_KEY);
    await run('devices', 'replace', 'module-104', '--address', '9');
    expect(site()).toBe(EVERY_INPUT.replace('address: 3\n', 'address: 9\n'));
    await expect(run('devices', 'replace', 'pull-102')).rejects.toThrow(/wired contact/);
    await expect(run('devices', 'replace', 'module-104', '--address', '9')).rejects.toThrow(
      /Nothing about module-104 is new/,
    );
  });
});

const WITH_DOOR = edited(SITE, [
  'paths:\n',
  'doors:\n  # in front\n  - { id: main, contact: wb-101/door, bolt: wb-101/bolt, heldOpenSeconds: 60 }\ncanary: { device: wb-102, button: panic }\npaths:\n',
]);

describe('devices remove and rename', () => {
  test('a device that a door needs is removed only with the door', async () => {
    put(WITH_DOOR, KEYS);
    await expect(run('devices', 'remove', 'wb-101', '--yes')).rejects.toThrow(
      /door main, contact: wb-101\/door\n {2}door main, bolt: wb-101\/bolt\n.*--with-references/,
    );
    await run('devices', 'remove', 'wb-101', '--yes', '--with-references');
    expect(site()).toContain('doors:\n  # in front\ncanary:');
    expect(site()).not.toContain('wb-101');
    expect(keys()).toBe(KEYS.replace(/ {2}wb-101.*\n/, ''));
    expect(errors()).toEqual([]);
  });

  test('a device of the canary is removed with the canary', async () => {
    put(WITH_DOOR, KEYS);
    await run('devices', 'remove', 'wb-102', '--yes', '--with-references');
    expect(site()).not.toContain('canary');
    expect(errors()).toEqual([]);
  });

  test('nothing is removed without a question or --yes', async () => {
    await expect(run('devices', 'remove', 'wb-102')).rejects.toThrow(
      /raises no alert any more, and its key is lost.*--yes/,
    );
    unchanged();
  });

  test('a name is changed wherever it stands, and back again', async () => {
    put(WITH_DOOR, KEYS);
    await run('devices', 'rename', 'wb-101', 'wb-front');
    expect(site()).toBe(WITH_DOOR.replaceAll('wb-101', 'wb-front'));
    expect(keys()).toBe(KEYS.replace('wb-101', 'wb-front'));
    expect(errors()).toEqual([]);
    await run('devices', 'rename', 'wb-front', 'wb-101');
    await run('devices', 'rename', 'wb-102', 'wb-back');
    expect(site()).toBe(WITH_DOOR.replaceAll('wb-102', 'wb-back'));
    await expect(run('devices', 'rename', 'wb-101', 'wb-back')).rejects.toThrow('There is a device wb-back already.');
    await expect(run('devices', 'rename', 'wb-10', 'wb-x')).rejects.toThrow(/There is no device wb-10: did you mean/);
  });
});

describe('keys', () => {
  test('show prints one key, and nothing else does', async () => {
    expect(await run('keys', 'show', 'wb-101')).toBe(`${SECRETS['wb-101']}\n`);
    expect(await run('keys', 'show', 'path:central')).toBe(`${SECRETS.central}\n`);
    expect(await json('keys', 'show', 'wb-101')).toMatchObject({
      key: SECRETS['wb-101'],
      address: 17,
      location: 'A/1/101',
    });
    await expect(run('keys', 'show', 'backup')).rejects.toThrow(/Nothing named backup has a key/);
  });

  test.each([
    ['wb-102', /^ {2}wb-102: [0-9a-f]{32}$/m, SECRETS['wb-102'], /watch the room/],
    ['central', /^ {2}central: [0-9a-f]{64}$/m, SECRETS.central, /agree with the receiver/],
    ['desk', /^ {2}desk: ("?)[\w-]{24}\1$/m, SECRETS.desk, /Write it in desk/],
  ])('rotate %s: a secret of the same form, and the order in which to change it', async (name, form, old, step) => {
    await expect(run('keys', 'rotate', name)).rejects.toThrow(/is lost\..*--yes/);
    unchanged();
    const shown = await run('keys', 'rotate', name, '--yes');
    expect(keys()).toMatch(form);
    expect(keys()).not.toContain(old);
    expect(shown).toMatch(step);
    const fresh = await run('keys', 'show', name);
    expect(shown).not.toContain(fresh.trim());
    expect(errors()).toEqual([]);
  });

  test('a typed key keeps its form and its length', async () => {
    put(SITE, KEYS.replace(SECRETS.central, '{ text: "pRn4-kd92+xq71Zb" }'));
    await run('keys', 'rotate', 'central', '--yes');
    expect(keys()).toMatch(/central: \{ text: "[\w-]{16}" \}/);
    expect((await run('keys', 'show', 'central')).trim()).toHaveLength(16);
  });

  test('a tag has the key that it made', async () => {
    put(EVERY_INPUT, EVERY_KEY);
    await expect(run('keys', 'rotate', 'tag-105', '--yes')).rejects.toThrow(/gives the key of tag-105.*--key-stdin/);
    expect(keys()).toContain(EVERY_SECRET['tag-105']);
  });
});

describe('import, export and labels', () => {
  const TABLE =
    'floor;room;room name;kind;building\r\n1;101;Reception;;A\r\n3;301;"Art; wet";fire;A\r\n3;302;;medical;A\r\n';

  function table(text: string): string {
    const file = join(directory, 'rooms.csv');
    writeFileSync(file, text);
    return file;
  }

  test('what the site has not is added; a second import changes nothing', async () => {
    const file = table(`\uFEFF${TABLE}`);
    const answer = await json('devices', 'import', file, '--input', 'bus-1');
    expect(answer).toMatchObject({
      rooms: ['A/3/301', 'A/3/302'],
      devices: [
        { device: 'wb-301', address: 19 },
        { device: 'wb-302', address: 20 },
      ],
      known: 1,
    });
    expect(errors()).toEqual([]);
    const [before, secrets] = [site(), keys()];
    expect(await json('devices', 'import', file, '--input', 'bus-1')).toMatchObject({
      written: false,
      rooms: [],
      devices: [],
      known: 3,
    });
    expect([site(), keys()]).toEqual([before, secrets]);
  });

  test('every mistake is told with line and column, and nothing is changed', async () => {
    const file = table('floor,room,kind,building,zone\n1,101,fir,A,\n9/9,1,fire,Q,1000\n');
    await expect(run('devices', 'import', file, '--input', 'bus-1')).rejects.toThrow(
      /rooms\.csv:2: column "kind": .*did you mean fire\?[\s\S]*:3: column "building":[\s\S]*:3: column "floor":[\s\S]*:3: column "zone":/,
    );
    unchanged();
    await expect(run('devices', 'import', join(directory, 'none.csv'))).rejects.toThrow(/none\.csv does not exist/);
  });

  test('an export is imported without a change, and holds no key', async () => {
    const file = join(directory, 'export.csv');
    await run('devices', 'export', '--output', file);
    expect(readFileSync(file, 'utf8')).not.toMatch(/[0-9a-f]{24}/);
    expect(await json('devices', 'import', file)).toMatchObject({ written: false, known: 5 });
    await expect(run('devices', 'export', '--output', file)).rejects.toThrow(/it exists.*--yes/);
  });

  test('an export names what its columns can not hold', async () => {
    const error = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    await run('devices', 'export');
    const [[told]] = error.mock.calls as [[string]];
    expect(told).toBe(
      'Not in the table: wb-101 (points, longPress), wb-b101 (heartbeatSeconds, points). A new site from this table would lack it; callpoint backup keeps everything.\n',
    );
    expect((await json('devices', 'export')).not_in_table).toEqual([
      { device: 'wb-101', settings: ['points', 'longPress'] },
      { device: 'wb-b101', settings: ['heartbeatSeconds', 'points'] },
    ]);
    expect(error).toHaveBeenCalledOnce();
  });

  test('the label of a wall node says what its light means, but not beside a silent button', async () => {
    const { labels } = await json('devices', 'labels');
    const light = Object.fromEntries(
      labels.map((each: { device: string; light: string }) => [each.device, each.light]),
    );
    expect(light['wb-101']).toBe('amber: heard, amber fast: sent, green: accepted, red: not confirmed');
    // Its only button raises hold-up, which is silent.
    expect(light['wb-102']).toBe('');
    expect(await run('devices', 'labels', '--scope', 'room:A/1/101')).toContain('green: accepted');
  });

  test('labels show markup as text, and keys only on request, in a file for its owner alone', async () => {
    put(edited(SITE, ['name: Reception', 'name: "<script>alert(1)</script> & \'x\'"']), KEYS);
    const page = await run('devices', 'labels', '--scope', 'room:A/1/101');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#39;x&#39;');
    expect(page).not.toContain('<script');
    expect(page.match(/class="label"/g)).toHaveLength(1);
    expect(page).not.toContain(SECRETS['wb-101'].slice(0, 4));
    const file = join(directory, 'labels.html');
    await run('devices', 'labels', '--show-keys', '--output', file);
    expect(readFileSync(file, 'utf8')).toContain(SECRETS['wb-101'].replaceAll(/(.{4})(?=.)/g, '$1 '));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const pdf = join(directory, 'labels.pdf');
    await run('devices', 'labels', '--show-keys', '--output', pdf);
    expect(readFileSync(pdf, 'latin1')).toMatch(/^%PDF-1\.\d[\s\S]*%%EOF\s*$/);
    expect(statSync(pdf).mode & 0o777).toBe(0o600);
    await expect(run('devices', 'labels', '--output', pdf)).rejects.toThrow(/labels\.pdf can't be written: it exists/);
    await expect(run('devices', 'labels', '--scope', 'room:A/9/9')).rejects.toThrow(/has no devices/);
  });
});

test('keys that others can read are not edited', async () => {
  chmodSync(keysFile, 0o644);
  await expect(run('devices', 'rename', 'wb-101', 'wb-x')).rejects.toThrow(
    /other users of this machine have access[\s\S]*chmod 600/,
  );
  expect(existsSync(`${siteFile}.callpoint-edit`)).toBe(false);
  unchanged();
});
