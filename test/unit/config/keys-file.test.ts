import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkSite, loadSettings } from '../../../gateway/config/load.ts';
import type { Mistake } from '../../../gateway/config/read/mistake.ts';
import { readTextFile } from '../../../gateway/config/read/read-file.ts';
import { CallpointError } from '../../../protocol/errors.ts';
import { edited, KEYS, mistakesOf, SECRETS, SITE, withSite } from './site-fixture.ts';

function errorsOf(keys: string | undefined, keysMode = 0o600): readonly Mistake[] {
  return mistakesOf({ site: SITE, keys, keysMode }).filter(({ severity }) => severity === 'error');
}

function withKey(name: keyof typeof SECRETS, value: string): string {
  return edited(KEYS, [`${name}: ${SECRETS[name]}`, `${name}: ${value}`]);
}

describe('access to the keys file', () => {
  for (const mode of [0o644, 0o640, 0o604, 0o620, 0o602, 0o660]) {
    test(`mode 0${mode.toString(8)} is refused with the command that puts it right`, () => {
      const [mistake, ...more] = errorsOf(KEYS, mode);
      expect(more).toEqual([]);
      expect(mistake).toMatchObject({ file: 'keys.yaml', line: 1, code: 'KEYS_EXPOSED' });
      expect(mistake?.message).toContain(`mode 0${mode.toString(8)}`);
      expect(mistake?.hint).toMatch(/^run: chmod 600 \S+keys\.yaml/);
    });
  }

  for (const mode of [0o600, 0o400]) {
    test(`mode 0${mode.toString(8)} is accepted`, () => expect(errorsOf(KEYS, mode)).toEqual([]));
  }

  test('the gateway does not load keys others can read, and says so by its own code', () => {
    const load = () => withSite({ site: SITE, keys: KEYS, keysMode: 0o644 }, (file) => loadSettings(file, '/nowhere'));
    expect(load).toThrow(CallpointError);
    expect(load).toThrow(expect.objectContaining({ code: 'KEYS_EXPOSED' }));
  });

  test('a missing keys file is refused', () => {
    const [mistake, ...more] = errorsOf(undefined);
    expect(more).toEqual([]);
    expect(mistake).toMatchObject({
      file: 'keys.yaml',
      code: 'CONFIG_UNREADABLE',
      message: 'the keys file does not exist',
    });
  });

  test('what can be done about a file that cannot be read is said, and never to make new keys', () => {
    withSite({ site: SITE, keys: KEYS }, (file) => {
      const at = (name: string) => join(dirname(file), name);
      writeFileSync(at('keys.yaml'), Buffer.from([0xff, 0xfe]));
      expect(checkSite(file, '/nowhere')[0]?.hint).toBe('save it as UTF-8 (an editor names it among its encodings)');
      writeFileSync(file, Buffer.from([0xff, 0xfe]));
      expect(checkSite(file, '/nowhere')[0]).toMatchObject({
        message: 'the site file is not UTF-8 text',
        hint: 'save it as UTF-8 (an editor names it among its encodings)',
      });
    });
    expect(readTextFile('/nowhere/keys.yaml')).toEqual({ problem: 'does not exist' });
  });

  test.skipIf(process.getuid?.() !== 0)('a file of another user is to be given to the one who runs the gateway', () => {
    withSite({ site: SITE, keys: KEYS }, (file) => {
      chmodSync(dirname(file), 0o755);
      try {
        process.seteuid?.(65_534);
        expect(readTextFile(join(dirname(file), 'keys.yaml'))).toEqual({
          problem: 'may not be read by this user',
          hint: expect.stringMatching(/sudo -u USER.*chown/),
        });
      } finally {
        process.seteuid?.(0);
      }
    });
  });

  test('the site can name another keys file', () => {
    const site = edited(SITE, ['gateway: gw-1', 'gateway: gw-1\nkeys: other.yaml']);
    expect(mistakesOf({ site, more: { 'other.yaml': KEYS } })).toEqual([]);
  });
});

describe('what stands in the keys file', () => {
  const cases: readonly (readonly [promise: string, keys: string, place: number, says: string])[] = [
    [
      'a device without a key is refused',
      edited(KEYS, [`  wb-102: ${SECRETS['wb-102']}\n`, '']),
      2,
      'no key for device wb-102',
    ],
    [
      'an encrypted path without a key is refused',
      edited(KEYS, [`  central: ${SECRETS.central}\n`, '']),
      5,
      'no key for path central',
    ],
    [
      'a client without a password is refused',
      edited(KEYS, [`  desk: ${SECRETS.desk}\n`, '']),
      8,
      'no password for MQTT user desk',
    ],
    ['a device key one digit short is refused', withKey('wb-102', SECRETS['wb-102'].slice(1)), 3, 'must be 16 bytes'],
    ['a device key of 32 bytes is refused', withKey('wb-102', SECRETS.central), 3, 'must be 16 bytes'],
    [
      'a device key that is not hex is refused',
      withKey('wb-102', `z${SECRETS['wb-102'].slice(1)}`),
      3,
      'must be 16 bytes',
    ],
    ['a device key of zeros is refused', withKey('wb-102', '0'.repeat(32)), 3, 'is all zeros'],
    ['a device key of one byte repeated is refused', withKey('wb-102', 'a7'.repeat(16)), 3, 'repeats one byte'],
    ['a device key of four bytes repeated is refused', withKey('wb-102', 'a7b3c1d9'.repeat(4)), 3, 'repeats itself'],
    ['a counted-up device key is refused', withKey('wb-102', '000102030405060708090a0b0c0d0e0f'), 3, 'plain sequence'],
    [
      '00112233… is refused as a device key',
      withKey('wb-102', '00112233445566778899aabbccddeeff'),
      3,
      'plain sequence',
    ],
    [
      "the AES standard's own key is refused",
      withKey('wb-102', '2b7e151628aed2a6abf7158809cf4f3c'),
      3,
      'public documents',
    ],
    [
      'two devices with one key are told with both places',
      withKey('wb-102', SECRETS['wb-101']),
      3,
      'the same as the one of wb-101 at keys.yaml:2',
    ],
    [
      'a path with the key of a device is refused',
      withKey('central', SECRETS['wb-101']),
      6,
      'the same as the one of wb-101 at keys.yaml:2',
    ],
    ['a path key of 20 bytes is refused', withKey('central', SECRETS.central.slice(0, 40)), 6, '16, 24 or 32 bytes'],
    [
      'a typed path key of 15 characters is refused',
      withKey('central', '{ text: "fifteen-letters" }'),
      6,
      '16, 24 or 32 bytes',
    ],
    [
      'a typed path key of one character repeated is refused',
      withKey('central', '{ text: AAAAAAAAAAAAAAAA }'),
      6,
      'repeats one byte',
    ],
    [
      'the typed key of the manuals is refused',
      withKey('central', '{ text: ABCDEFGH12345678ABCDEFGH }'),
      6,
      'repeats itself',
    ],
    [
      'the digits as a typed key are refused',
      withKey('central', '{ text: "0123456789ABCDEF" }'),
      6,
      'public documents',
    ],
    [
      'a typed path key with an umlaut is refused',
      withKey('central', '{ text: "sechzehn-zeichän" }'),
      6,
      'printable ASCII',
    ],
    ['a password of 11 characters is refused', withKey('desk', 'elevenchars'), 9, 'shorter than 12'],
    ['a password of one character repeated is refused', withKey('desk', 'aaaaaaaaaaaaaaaa'), 9, 'repeats a few'],
    [
      'a section that is a list is refused',
      edited(KEYS, ['mqtt:\n', 'mqtt: []\nother:\n']),
      7,
      'mqtt is not a mapping',
    ],
    ['a misspelt section is told', edited(KEYS, ['devices:', 'device:']), 1, 'a name is not known here'],
    ['a device twice is refused', edited(KEYS, ['  wb-102:', '  wb-101:']), 3, 'not well formed'],
  ];
  for (const [promise, keys, line, says] of cases) {
    test(promise, () => {
      expect(errorsOf(keys)).toContainEqual(
        expect.objectContaining({ file: 'keys.yaml', line, message: expect.stringContaining(says) }),
      );
    });
  }

  test('a key of digits only is a key, not a number', () => {
    const digits = '91827364554637281928374650918273';
    const settings = withSite({ site: SITE, keys: withKey('wb-102', digits) }, (file) =>
      loadSettings(file, '/nowhere'),
    );
    const [input] = settings.inputs;
    const node = input?.driver === 'button-bus' && input.nodes.find(({ device }) => device === 'wb-102');
    expect(Buffer.from((node || undefined)?.key ?? []).toString('hex')).toBe(digits);
  });

  test('a typed path key is taken byte for byte', () => {
    const keys = withKey('central', '{ text: "sixteen-letters!" }');
    const settings = withSite({ site: SITE, keys }, (file) => loadSettings(file, '/nowhere'));
    const [central] = settings.paths.filter((path) => path.driver === 'dc09-tcp');
    expect(Buffer.from(central?.key ?? []).toString()).toBe('sixteen-letters!');
  });

  test('a key left over is only warned of, with the name it may have meant', () => {
    const keys = edited(KEYS, ['  wb-102:', '  wb-103: 00ff\n  wb-102:']);
    const found = mistakesOf({ site: SITE, keys });
    expect(found).toContainEqual(
      expect.objectContaining({ severity: 'warning', line: 3, hint: 'did you mean wb-101?' }),
    );
  });
});

describe('secrets stay secret', () => {
  const secrets = Object.values(SECRETS);
  const told = (found: readonly Mistake[]) => found.map(({ message, hint }) => `${message} ${hint}`).join('\n');

  test('no mistake in the keys file quotes what stands there, however it is broken', () => {
    const broken = [
      KEYS.replaceAll(': ', ':'),
      KEYS.replaceAll('  ', '\t'),
      KEYS.replaceAll(': ', ': "'),
      KEYS.replaceAll(': ', ': @'),
      KEYS.replaceAll(': ', ': *'),
      KEYS.replaceAll(': ', ': !'),
      KEYS.replaceAll(': ', ': ['),
      KEYS.replaceAll('\n', '\n---\n'),
      KEYS.replaceAll('  ', '- '),
      KEYS.replace(/^ {2}(\S+): (\S+)$/gm, '  $2: $1'),
      KEYS.replace(/^ {2}(\S+): (\S+)$/gm, '$2'),
      KEYS.replaceAll(/(\S+)\n/g, '$1x\n'),
    ];
    for (const keys of broken) {
      const found = mistakesOf({ site: SITE, keys });
      expect(found.length).toBeGreaterThan(0);
      for (const secret of secrets) expect(told(found)).not.toContain(secret);
    }
  });

  test('a key or password written into site.yaml is not quoted either', () => {
    for (const secret of secrets) {
      const misplaced = [
        edited(SITE, ['encrypted: true', `encrypted: ${secret}`]),
        edited(SITE, ['encrypted: true', `encrypted: { text: ${secret} }`]),
        edited(SITE, ['encrypted: true', `key: ${secret}`]),
        edited(SITE, ['role: operator', `password: ${secret}`]),
        edited(SITE, ['broker: embedded', `broker: mqtts://desk:${secret}@broker.lan:8883`]),
        edited(SITE, ['encrypted: true', `encrypted: "${secret}`]),
      ];
      for (const site of misplaced) {
        const found = mistakesOf({ site, keys: KEYS });
        expect(found.length).toBeGreaterThan(0);
        expect(told(found)).not.toContain(secret);
      }
    }
  });
});

test('a key that stands under a left-over name too is not shared: the name is no device', () => {
  const found = mistakesOf({
    site: SITE,
    keys: edited(KEYS, ['devices:\n', `devices:\n  wb-1: ${SECRETS['wb-101']}\n`]),
  });
  expect(found.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    'warning: the site has nothing by this name that needs a key',
  ]);
});

test('while the site has a fault of YAML, nothing is said of its keys: nobody knows which it needs', () => {
  const secret = 'a-secret-of-any-length-that-is-no-key';
  const found = mistakesOf({
    site: `${SITE}\n\tbroken: {`,
    keys: edited(KEYS, ['devices:\n', `paths:\n  desk: ${secret}\ndevices:\n`]),
  });
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter(({ file }) => file.endsWith('keys.yaml'))).toEqual([]);
});
