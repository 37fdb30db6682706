import { expect, test } from 'vitest';
import { edited, KEYS, mistakesOf, SECRETS, SITE } from './site-fixture.ts';

test('a sound site has no mistakes and no warnings', () => {
  expect(mistakesOf({ site: SITE, keys: KEYS })).toEqual([]);
});

test('ten mistakes in one file are told in one go, in the order of the file', () => {
  const site = edited(
    SITE,
    ['gateway: gw-1', 'gateway: GW 1'],
    ['number: "201"', 'number: "101"'],
    ['port: /dev/zero', 'port: /dev/ttyUSB0'],
    ['longPress: fire', 'longPress: blaze'],
    ['type: bolt', 'type: blot'],
    ['address: 18', 'address: 17'],
    ['location: B/G/101', 'location: B/G/999'],
    ['account: "1234"', 'account: "xyz"'],
    ['nextPathSeconds: 3', 'nextPathSeconds: 30'],
    ['listen: 127.0.0.1:0', 'listen: 0.0.0.0:1883'],
  );
  const lines = mistakesOf({ site, keys: KEYS }).map(({ line, severity }) => `${severity} ${line}`);
  expect(lines).toEqual([2, 15, 22, 30, 34, 37, 43, 51, 60, 63].map((line) => `error ${line}`));
});

test('a site with a mistake does not hide the mistakes of the keys file', () => {
  const site = edited(SITE, ['port: 7700', 'port: 77000']);
  const found = mistakesOf({
    site,
    keys: edited(KEYS, [`wb-101: ${SECRETS['wb-101']}`, 'wb-101: 00']),
    keysMode: 0o644,
  });
  expect(found.map(({ file, line }) => `${file}:${line}`)).toEqual(['site.yaml:50', 'keys.yaml:1', 'keys.yaml:2']);
});

test('an empty file is told, with the way to begin', () => {
  const found = mistakesOf({ site: '', keys: KEYS });
  expect(found).toContainEqual(
    expect.objectContaining({
      file: 'site.yaml',
      line: 1,
      message: 'the file is empty',
      hint: expect.stringContaining('callpoint init'),
    }),
  );
});
