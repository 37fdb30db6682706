import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { explainedText } from '../../../gateway/config/explain.ts';
import { loadSettings, readExplainedDevices } from '../../../gateway/config/load.ts';
import { withInputDefaults } from '../../../protocol/input-defaults.ts';
import { edited, KEYS, mistakesOf, placeOf, SECRETS, SITE, withSite } from './site-fixture.ts';

const DEFAULTS = `inputs:
  - id: bus-1
    driver: button-bus
    port: /dev/null
    defaults:
      heartbeatSeconds: 45
      buttons: [{ id: panic, number: 0, kind: medical, longPress: fire }]
`;

/** Node wb-102 says nothing but who and where it is. */
const SHORT = edited(
  SITE,
  ['inputs:\n  - { id: bus-1, driver: button-bus, port: /dev/null }\n', DEFAULTS],
  ['    buttons: [{ id: panic, number: 0, zone: 102 }]\n', '    zone: 102\n'],
);

test('a device has what the defaults of its input say, and its own entry outranks them', () => {
  expect(mistakesOf({ site: SHORT, keys: KEYS })).toEqual([]);
  const { site } = withSite({ site: SHORT, keys: KEYS }, (file) => loadSettings(file, '/var/lib/callpoint'));
  const short = site.devices.get('wb-102');
  expect(short).toMatchObject({ heartbeatMs: 45_000, zone: 102 });
  expect(short?.buttons.get(0)).toMatchObject({ id: 'panic', kind: 'medical', zone: 102 });
  expect(short?.buttons.get(0)?.patternKinds?.get('long')).toBe('fire');
  // Its own buttons, and its input's heartbeat.
  expect(site.devices.get('wb-101')).toMatchObject({ heartbeatMs: 45_000 });
  expect(site.devices.get('wb-101')?.buttons.get(0)).toMatchObject({ kind: 'intruder', zone: 101 });
  // Another input.
  expect(site.devices.get('wb-b101')).toMatchObject({ heartbeatMs: 60_000 });
});

test('thirty nodes are thirty lines', () => {
  const nodes = Array.from({ length: 30 }, (_, at) => at + 1);
  const lines = nodes.map((n) => `  - { id: n-${n}, input: bus-1, address: ${n}, location: A/1/${n}, zone: ${n} }\n`);
  const rooms = nodes.map((n) => `{ number: ${n} }`).join(', ');
  const site = `version: 1
gateway: gw-1
site: { name: School }
buildings: [{ id: A, floors: [{ id: 1, rooms: [${rooms}] }] }]
${DEFAULTS}devices:\n${lines.join('')}paths: [{ id: central, driver: dc09-tcp, host: 10.0.0.5, port: 7700, account: "1234" }]
`;
  const hex = (n: number) => `5b0d7f3c91e24a68bf13c0d75e9a${(0x1000 + n).toString(16)}`;
  const keys = `devices:\n${nodes.map((n) => `  n-${n}: ${hex(n)}\n`).join('')}paths: { central: ${SECRETS.central} }\n`;
  expect(mistakesOf({ site, keys })).toEqual([]);
});

describe('a mistake in the defaults is told once, where it is written', () => {
  test.each([
    ['kind: medical', 'kind: medicine', 'medicine', 'there is no kind of alert medicine'],
    ['heartbeatSeconds: 45', 'heartbeatSeconds: 0', '0\n      buttons', 'heartbeatSeconds is 0'],
    ['heartbeatSeconds: 45', 'heartbeat: 45', 'heartbeat: 45', '"heartbeat" is not known here'],
    ['heartbeatSeconds: 45', 'pin: 3', 'pin: 3', '"pin" is not known here'],
    ['heartbeatSeconds: 45', 'location: A/1/101', 'location: A/1/101\n      buttons', '"location" is not known here'],
  ])('%s', (old, fresh, at, message) => {
    const site = edited(SHORT, [old, fresh]);
    const found = mistakesOf({ site, keys: KEYS });
    expect(found.map((each) => `${each.line}:${each.column}`)).toEqual([placeOf(site, at)]);
    expect(found[0]?.message).toContain(message);
  });

  test('defaults that are no mapping are refused, and mean nothing', () => {
    const site = edited(SITE, ['port: /dev/null }', 'port: /dev/null, defaults: 3 }']);
    expect(mistakesOf({ site, keys: KEYS }).map(({ message }) => message)).toEqual([
      expect.stringContaining('defaults is 3'),
    ]);
  });
});

test('a device that inherits buttons and has no zone is told so at its own place', () => {
  const site = edited(SHORT, ['    zone: 102\n', '']);
  const [mistake] = mistakesOf({ site, keys: KEYS });
  expect(mistake).toMatchObject({ message: expect.stringContaining('zone is missing') });
  expect(`${mistake?.line}:${mistake?.column}`).toBe(placeOf(site, 'id: wb-102'));
});

test('two rooms with one zone are found among inherited buttons too', () => {
  const site = edited(SHORT, ['zone: 102\n', 'zone: 101\n']);
  expect(mistakesOf({ site, keys: KEYS }).map(({ message }) => message)).toEqual([
    expect.stringMatching(/^zone 101 is used already at site\.yaml:\d+, for another room/),
  ]);
});

test('check --explain shows what a device inherits, and from where', () => {
  const devices = withSite({ site: SHORT, keys: KEYS }, readExplainedDevices) ?? [];
  const text = explainedText(devices).join('\n');
  expect(text).toContain('# from the defaults of its input: heartbeatSeconds, buttons\n  - id: wb-102');
  expect(text).not.toContain('wb-b101');
  expect(parse(text).devices[1]).toMatchObject({
    id: 'wb-102',
    heartbeatSeconds: 45,
    buttons: [{ kind: 'medical', zone: 102 }],
  });
});

test.each<readonly [string, unknown]>([
  ['no site', null],
  ['no lists', { inputs: 3, devices: 'x' }],
  ['defaults that are a list', { inputs: [{ id: 'a', defaults: [1] }], devices: [{ input: 'a' }] }],
  ['entries that are no mappings', { inputs: [null, 4], devices: [null, 4, []] }],
  ['a device without an input', { inputs: [{ id: 'undefined', defaults: { a: 1 } }], devices: [3] }],
])('%s is left as it is', (_, site) => {
  expect(withInputDefaults(site)).toEqual(site);
});
