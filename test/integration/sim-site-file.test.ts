import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { startFarEnds } from '../../device-sim/site/far-ends.ts';
import { readSite, type SimulatedSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { loadSettings } from '../../gateway/config/load.ts';
import { makeStarter } from '../../gateway/config/starter.ts';
import { CallpointError } from '../../protocol/errors.ts';
import { EVERY_INPUT, EVERY_KEY } from '../unit/config/every-input-fixture.ts';
import { edited, KEYS, mistakesOf, SITE, withSite } from '../unit/config/site-fixture.ts';

const HARDWARE = fileURLToPath(new URL('../../hardware/', import.meta.url));
const hardware = readdirSync(HARDWARE, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('site.yaml'),
);
const starter = makeStarter((length) => randomBytes(length)).site;

/** With all lines under each `# example`, as a person would uncomment them. */
function withExamples(text: string): string {
  let isExample = false;
  const lines = text.split('\n').map((line) => {
    const isTitle = /^ *# example \w+:/.test(line);
    isExample = isTitle || (isExample && /^ +# /.test(line));
    return isExample && !isTitle ? line.replace('# ', '') : line;
  });
  return lines.join('\n');
}

const EXAMPLES: readonly (readonly [name: string, site: string])[] = [
  ...hardware.map((name) => [name, readFileSync(HARDWARE + name, 'utf8')] as const),
  ['the starter', starter],
  ['the starter with its examples', withExamples(starter)],
  ['the fixture of the configuration', SITE],
  ['the fixture with every input', EVERY_INPUT],
];

/**
 * A key and a password for whatever there is. Addresses of this machine become another's: nothing
 * is to listen.
 */
function readBySim(site: string): SimulatedSite {
  const { devices, paths, mqtt } = parse(site) as Record<'devices' | 'paths', { id: string }[]> & {
    mqtt?: { clients?: { name: string }[] };
  };
  const keys = {
    devices: Object.fromEntries((devices ?? []).map(({ id }) => [id, randomBytes(16).toString('hex')])),
    paths: Object.fromEntries((paths ?? []).map(({ id }) => [id, randomBytes(16).toString('hex')])),
    mqtt: Object.fromEntries((mqtt?.clients ?? []).map(({ name }) => [name, randomBytes(9).toString('hex')])),
  };
  const elsewhere = site.replaceAll('host: 127.0.0.1', 'host: 192.0.2.1');
  return withSite({ site: elsewhere, keys: JSON.stringify(keys) }, (file) => readSite(file, 1));
}

test('there are examples', () => expect(EXAMPLES.length).toBeGreaterThan(14));

describe.each(EXAMPLES)('%s', (_, site) => {
  test('has paths whose far ends are simulated, or are not for a reason that is no mistake', async () => {
    const ends = await startFarEnds(readBySim(site));
    await ends.close();
    expect(ends.unplayed.filter(({ why }) => /missing or wrong|nothing simulates/.test(why))).toEqual([]);
  });

  test('has devices that are simulated, or not for a reason that is told', () => {
    const serve = () => new SiteSimulator(readBySim(site), 1).stop();
    try {
      serve();
    } catch (error) {
      if (!(error instanceof RangeError) && !(error instanceof CallpointError)) throw error;
    }
  });
});

describe('what callpoint check accepts, the simulator reads as the gateway does', () => {
  test('what devices inherit from their input', () => {
    const defaults = 'defaults: { heartbeatSeconds: 45, buttons: [{ id: panic, number: 3 }] }';
    const site = edited(
      SITE,
      ['port: /dev/null }', `port: /dev/null, ${defaults} }`],
      ['    buttons: [{ id: panic, number: 0, zone: 102 }]\n', '    zone: 102\n'],
    );
    expect(mistakesOf({ site, keys: KEYS })).toEqual([]);
    const node = readBySim(site).lines[0]?.nodes[1];
    expect(node?.buttons.get('panic')).toBe(3);
    expect(node?.settings).toMatchObject({ heartbeatMs: 45_000 });
  });

  test.each([['4711'], ['"4711"'], ['0012'], ['12E4'], ['1E3']])('account: %s', (written) => {
    const site = edited(SITE, ['account: 12E4', `account: ${written}`]);
    const account = withSite({ site, keys: KEYS }, (file, at) => {
      const [, backup] = loadSettings(file, `${at}/data`).paths;
      expect(readSite(file, 1).accounts[1]?.account).toBe((backup as unknown as { account: string }).account);
      return readSite(file, 1).accounts[1]?.account;
    });
    expect(account).toBe(written.replaceAll('"', ''));
  });

  test.each([
    ['an id that is a number', ['id: wb-101', 'id: 101']],
    ['lists without entries', ['deadlines:', 'outputs:\ndoors:\ndeadlines:']],
    [
      'a field without a value',
      ['    address: 17\n    location: A/1/101', '    silent:\n    address: 17\n    location: A/1/101'],
    ],
  ] as const)('%s', (_, edit) => {
    const site = edited(SITE, edit);
    const keys = site.includes('id: 101') ? KEYS.replace('wb-101:', '"101":') : KEYS;
    const files = { site, keys };
    expect(mistakesOf(files).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(withSite(files, (file) => readSite(file, 1)).lines).toHaveLength(2);
  });

  test.each([
    ['127.0.0.1:1884', 'mqtt://127.0.0.1:1884'],
    ['0.0.0.0:8883, tls: { certificate: c.pem, key: k.pem }', 'mqtts://127.0.0.1:8883'],
    ['"[::]:8883", tls: { certificate: c.pem, key: k.pem }', 'mqtts://[::1]:8883'],
  ])('a broker with listen: %s', (listen, url) => {
    const clients = '[{ name: bridge, role: device, topics: ["z/#"] }, { name: desk, role: operator }]';
    const { broker } = readBySim(`version: 1\npaths: []\nmqtt: { listen: ${listen}, clients: ${clients} }\n`);
    expect(broker).toMatchObject({ url, clients: [{ username: 'bridge', topics: ['z/#'] }] });
    expect(broker.clients).toHaveLength(1);
  });

  test.each([
    ['no words at all', '{ topic: zigbee2mqtt/room-107/availability, path: state }'],
    [
      'a list of topics',
      '[{ topic: zigbee2mqtt/room-107/availability, path: state }, { topic: zigbee2mqtt/bridge/state }]',
    ],
    ['words that are flags', '{ topic: zigbee2mqtt/room-107/availability, online: [true, 1], offline: false }'],
  ])('availability: %s', (_, availability) => {
    const site = edited(EVERY_INPUT, ['{ topic: zigbee2mqtt/room-107/availability, path: state }', availability]);
    const read = withSite({ site, keys: EVERY_KEY }, (file, at) => {
      loadSettings(file, `${at}/data`);
      return readSite(file, 1);
    });
    expect(read.inputs.at(-1)?.devices).toMatchObject([{ id: 'z-107' }]);
  });

  test.each([
    ['path: action, each: events, when: { component: "input:0", id: [0, 1] }, counter: ts'],
    ['path: action, release: [OFF, 0, false], carries: state'],
    ['path: [a, "b.c"], quietSeconds: 5'],
  ])('a button with %s', (fields) => {
    const site = edited(
      EVERY_INPUT,
      ['zone: 107, path: action,', `zone: 107, ${fields},`],
      ['battery: { path: battery }', 'battery: { path: battery_low, low: [true, low], normal: false }'],
      ['    location: A/1/107', '    lastSeen: { path: last_seen }\n    location: A/1/107'],
    );
    const read = withSite({ site, keys: EVERY_KEY }, (file, at) => {
      loadSettings(file, `${at}/data`);
      return readSite(file, 1);
    });
    expect(read.inputs.at(-1)?.devices[0]?.buttons).toMatchObject([{ id: 'panic' }]);
  });

  test.each(['account: [1]', 'account: { a: 1 }', 'encrypted: perhaps', 'port: [1]', 'port: { a: 1 }', 'host: [1]'])(
    'of a path with %s it plays no far end, and says so',
    async (field) => {
      const [name = ''] = field.split(':');
      const path = ['account: "1"', 'host: 192.0.2.1', 'port: 7700'].filter((each) => !each.startsWith(name));
      const site = `paths:\n  - { id: one, driver: dc09-tcp, ${[...path, field].join(', ')} }\n`;
      const ends = await startFarEnds(withSite({ site, keys: '' }, (file) => readSite(file, 1)));
      expect(ends.unplayed).toMatchObject([{ path: 'one' }]);
    },
  );

  test('availability has the words online and offline unless it names others', () => {
    const read = withSite({ site: EVERY_INPUT, keys: EVERY_KEY }, (file) => readSite(file, 1));
    const [device] = read.inputs.find(({ driver }) => driver === 'mqtt')?.devices ?? [];
    expect(device?.availability).toMatchObject([{ online: ['online'], offline: ['offline'] }]);
  });
});
