import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadSettings, readSite } from '../../../gateway/config/load.ts';
import type { GatewaySettings } from '../../../gateway/config/settings.ts';
import { edited, KEYS, SECRETS, SITE, withSite } from './site-fixture.ts';

function load(site = SITE, keys = KEYS, more: Record<string, string> = {}): GatewaySettings {
  return withSite({ site, keys, more }, (file) => loadSettings(file, '/var/lib/callpoint'));
}

function dc09Paths({ paths }: GatewaySettings) {
  return paths.filter((path) => path.driver === 'dc09-tcp');
}

const LONG_FIRE = new Map(['long', 'longDouble', 'longTriple', 'hold'].map((pattern) => [pattern, 'fire']));
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');

test('the core gets the site with every default filled in', () => {
  const { site } = load();
  expect(site.deadlines).toEqual({
    nextPathMs: 3000,
    notConfirmedMs: 10_000,
    autoResolveMs: 86_400_000,
    unsynchronisedMs: 86_400_000,
  });
  expect(site.inputs).toEqual([{ id: 'bus-1' }, { id: 'bus-2' }]);
  expect([...site.devices.keys()]).toEqual(['wb-101', 'wb-102', 'wb-b101']);
  expect(site.devices.get('wb-101')).toEqual({
    id: 'wb-101',
    input: 'bus-1',
    location: {
      building: 'A',
      floor: '1',
      room: '101',
      text: 'Main building, First floor, Rm 101 Reception',
      names: { building: 'Main building', floor: 'First floor', room: 'Rm 101 Reception' },
    },
    zone: 117,
    area: 0,
    heartbeatMs: 30_000,
    missedHeartbeats: 3,
    counterOnly: false,
    keyFingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    watched: false,
    wiresSupervised: null,
    silent: false,
    buttons: new Map([
      [0, { id: 'panic', number: 0, kind: 'intruder', zone: 101, patternKinds: LONG_FIRE }],
      [1, { id: 'lock', number: 1, kind: 'lockdown', zone: 101 }],
    ]),
    points: new Map([
      [0, { id: 'door', number: 0, type: 'doorContact', zone: 301, debounceMs: 50 }],
      [1, { id: 'bolt', number: 1, type: 'bolt', zone: 302, debounceMs: 50 }],
    ]),
  });
  expect(site.paths[0]).toEqual({
    id: 'central',
    latinOnly: true,
    pollHint: 'if this receiver answers events but no polls (DC-09 NULL), set supervision: { mode: test }',
    parallel: 4,
    formats: 2,
    attemptTimeoutMs: 4000,
    attemptTimeoutMsMax: 20_000,
    retryMs: 500,
    retryMsMax: 30_000,
    supervision: { mode: 'auto', intervalMs: 20_000, testIntervalMs: 900_000, downAfter: 2, upAfter: 2 },
    liveOnly: false,
    takesUpdates: false,
    yields: true,
  });
});

test('places without a name are called by their id', () => {
  const { site } = load();
  expect(site.devices.get('wb-102')?.location.text).toBe('Main building, First floor, Rm 102');
  expect(site.devices.get('wb-b101')?.location.text).toBe('Building B, Floor G, Rm 101 Hall');
});

test('a button with no kind of its own is a silent hold-up', () => {
  const { site } = load();
  expect(site.devices.get('wb-102')?.buttons.get(0)?.kind).toBe('hold-up');
  expect(site.kinds.get('hold-up')).toMatchObject({ sia: 'HA', siaRestore: 'HR', contactId: '122', silent: true });
});

test('a wall with a silent kind shows nothing, unless the site says that it may', () => {
  const silent = (site: string) => load(site).site.devices.get('wb-101')?.silent;
  const holdUp = edited(SITE, ['kind: intruder, longPress: fire', 'kind: hold-up']);
  expect(silent(SITE)).toBe(false);
  expect(silent(holdUp)).toBe(true);
  expect(silent(edited(SITE, ['longPress: fire', 'longPress: hold-up']))).toBe(true);
  expect(silent(edited(holdUp, ['    address: 17\n', '    address: 17\n    silent: false\n']))).toBe(false);
});

test('a site may change a built-in kind in part and add its own', () => {
  const written =
    '{ name: Lockdown, sia: PA, contactId: "123", silent: false }\n  intruder: { silent: true }\n  fire: { contactId: 115 }';
  const { kinds } = load(edited(SITE, ['{ name: Lockdown, sia: PA, contactId: "123", silent: false }', written])).site;
  expect(kinds.get('intruder')).toEqual({
    id: 'intruder',
    name: 'Intruder',
    sia: 'PA',
    siaRestore: 'PR',
    contactId: '120',
    silent: true,
    category: 'Security',
    action: 'lockdown',
  });
  expect(kinds.get('fire')).toMatchObject({ sia: 'FA', siaRestore: 'FR', contactId: '115' });
  expect(kinds.get('lockdown')).toEqual({
    id: 'lockdown',
    name: 'Lockdown',
    sia: 'PA',
    siaRestore: 'PR',
    contactId: '123',
    silent: false,
    category: 'Security',
  });
});

test('each line gets its own nodes with their keys', () => {
  const inputs = load().inputs.filter((input) => input.driver === 'button-bus');
  expect(inputs.map(({ id, port, baudRate }) => [id, port, baudRate])).toEqual([
    ['bus-1', '/dev/null', 115_200],
    ['bus-2', '/dev/zero', 9600],
  ]);
  expect(inputs.map(({ nodes }) => nodes.map(({ device, address, key }) => [device, address, hex(key)]))).toEqual([
    [
      ['wb-101', 17, SECRETS['wb-101']],
      ['wb-102', 18, SECRETS['wb-102']],
    ],
    [['wb-b101', 17, SECRETS['wb-b101']]],
  ]);
});

test('a path has a key exactly if it is encrypted, and an account keeps the digits it was written with', () => {
  const paths = dc09Paths(load());
  expect(paths.map(({ id, account, key }) => [id, account, hex(key)])).toEqual([
    ['central', '1234', SECRETS.central],
    ['backup', '12E4', ''],
  ]);
  expect(paths[0]).toMatchObject({
    prefix: '0',
    receiver: '0',
    formats: ['SIA-DCS', 'ADM-CID'],
    timestamp: true,
    connectTimeoutMs: 3000,
  });
  expect(paths[1]).not.toHaveProperty('key');
  expect(dc09Paths(load(edited(SITE, ['account: "1234"', 'account: 0012'])))[0]?.account).toBe('0012');
});

test('a path is encrypted unless the site says otherwise', () => {
  expect(hex(dc09Paths(load(edited(SITE, ['    encrypted: true\n', ''])))[0]?.key)).toBe(SECRETS.central);
});

test('the embedded broker gets its clients with their passwords', () => {
  expect(load().mqtt).toEqual({
    gateway: 'gw-1',
    broker: {
      type: 'embedded',
      host: '127.0.0.1',
      port: 0,
      clients: [
        { name: 'console', role: 'viewer', password: SECRETS.console },
        { name: 'desk', role: 'operator', password: SECRETS.desk },
      ],
    },
  });
});

test('an external broker is one line', () => {
  const { settings, mistakes } = withSite(
    { site: edited(SITE, ['broker: embedded', 'broker: mqtts://broker.lan:8883']), keys: KEYS },
    (file) => readSite(file, '/d'),
  );
  expect(settings?.mqtt).toEqual({ gateway: 'gw-1', broker: { type: 'external', url: 'mqtts://broker.lan:8883' } });
  expect(mistakes.every(({ severity }) => severity === 'warning')).toBe(true);
});

test('an external broker may want a user name, with its password in keys.yaml, and its own authority', () => {
  const site = edited(SITE, [
    'broker: embedded',
    'broker: mqtts://broker.lan\n  username: desk\n  ca: ca.pem\n  homeAssistant: true',
  ]);
  const ca = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
  const { mqtt } = load(site, KEYS, { 'ca.pem': ca });
  expect(mqtt).toEqual({
    gateway: 'gw-1',
    broker: { type: 'external', url: 'mqtts://broker.lan', username: 'desk', password: SECRETS.desk, ca },
    homeAssistantPrefix: 'homeassistant',
  });
  expect(() => load(site.replace('username: desk', 'username: nobody'))).toThrow(/no password for MQTT user nobody/);
});

test('an external broker on this very machine needs no TLS', () => {
  const { mqtt } = load(edited(SITE, ['broker: embedded', 'broker: mqtt://localhost:1884']));
  expect(mqtt.broker).toEqual({ type: 'external', url: 'mqtt://localhost:1884' });
});

test('journal directories are relative to the data directory', () => {
  const { journal } = load(
    edited(SITE, ['retainDays: 400', 'secondDirectory: /mnt/usb/journal, retainDays: 30, retainMegabytes: 64']),
  );
  expect(journal).toEqual({
    directories: [join('/var/lib/callpoint', 'journal'), '/mnt/usb/journal'],
    segmentBytes: 8 * 1024 * 1024,
    retainMs: 30 * 86_400_000,
    retainBytes: 64 * 1024 * 1024,
  });
});

test('a refused site throws one error with every mistake, one a line, and no warnings among them', () => {
  const site = edited(
    SITE,
    ['address: 18', 'address: 300'],
    ['longPress: fire', 'longPress: blaze'],
    ['host: 10.0.1.5', 'host: 192.0.2.10'],
  );
  const lines = withSite({ site, keys: KEYS }, (file) => {
    try {
      loadSettings(file, '/d');
      return [];
    } catch (error) {
      expect(error).toMatchObject({ name: 'CallpointError', code: 'CONFIG_INVALID' });
      return error instanceof Error ? error.message.split('\n').map((line) => line.slice(file.length)) : [];
    }
  });
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^:30:\d+: error: there is no kind of alert blaze; write one of: /);
  expect(lines[1]).toMatch(/^:37:14: error: address is 300; write a whole number from 1 to 254/);
});

test('a site file that does not exist is told as unreadable', () => {
  expect(() => loadSettings('/nowhere/site.yaml', '/d')).toThrow(
    expect.objectContaining({
      code: 'CONFIG_UNREADABLE',
      message: expect.stringContaining('the site file does not exist'),
    }),
  );
});
