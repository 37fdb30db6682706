import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadSettings, readSite } from '../../../gateway/config/load.ts';
import type { GatewaySettings } from '../../../gateway/config/settings.ts';
import { EVERY_INPUT, EVERY_KEY, EVERY_SECRET } from './every-input-fixture.ts';
import { edited, withSite } from './site-fixture.ts';

type Edit = readonly [old: string, next: string];

function load(edits: readonly Edit[] = [], keys = EVERY_KEY, more: Record<string, string> = {}): GatewaySettings {
  return withSite({ site: edited(EVERY_INPUT, ...edits), keys, more }, (file) => loadSettings(file, '/d'));
}

const input = (id: string, settings = load()) => settings.inputs.find((each) => each.id === id);
const device = (id: string, settings = load()) => settings.site.devices.get(id);
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

test('a site with every input has no mistakes', () => {
  const { mistakes } = withSite({ site: EVERY_INPUT, keys: EVERY_KEY }, (file) => readSite(file, '/d'));
  expect(mistakes.filter(({ severity }) => severity === 'error')).toEqual([]);
});

test.each([
  ['', undefined],
  ['unauthenticatedMark: unproven\n', undefined],
  ['unauthenticatedMark: always\n', true],
  ['unauthenticatedMark: never\n', false],
])('the mark of unauthenticated alerts is as the site wants it: "%s"', (line, marks) => {
  for (const id of ['wb-101', 'pull-102']) {
    expect(device(id, load([['version: 1\n', `version: 1\n${line}`]]))?.marksUnauthenticated).toBe(marks);
  }
});

describe('each driver gets its settings', () => {
  test('button-bus', () => {
    expect(input('bus-1')).toEqual({
      driver: 'button-bus',
      id: 'bus-1',
      port: '/dev/null',
      baudRate: 115_200,
      nodes: [{ device: 'wb-101', address: 17, key: bytes(EVERY_SECRET['wb-101']) }],
    });
  });

  test('gpio, with pins by the names the kernel gives lines', () => {
    expect(input('header')).toEqual({
      driver: 'gpio',
      id: 'header',
      chip: 'pinctrl-rp1',
      rereadMs: 10_000,
      contacts: [
        {
          device: 'pull-102',
          of: 'button',
          number: 0,
          pin: 'GPIO22',
          cutPin: 'GPIO23',
          contact: 'endOfLine',
          pull: 'up',
        },
        {
          device: 'pull-102',
          of: 'point',
          number: 0,
          pin: 'GPIO27',
          cutPin: 'GPIO26',
          contact: 'endOfLine',
          pull: 'down',
        },
      ],
      outputs: [
        { id: 'trouble-relay', pin: 'GPIO5', type: 'relay', activeLow: false },
        { id: 'strobe', pin: 'GPIO6', type: 'relay', activeLow: true },
      ],
    });
    expect(input('header', load([[', chip: pinctrl-rp1', '']]))).not.toHaveProperty('chip');
  });

  test('firmata', () => {
    expect(input('board-1')).toEqual({
      driver: 'firmata',
      id: 'board-1',
      port: '/dev/zero',
      baudRate: 57_600,
      pollMs: 1000,
      samplingMs: 20,
      contacts: [
        { device: 'loop-103', of: 'button', number: 0, pin: 'A0', contact: 'doubleEndOfLine', pull: 'none' },
        { device: 'loop-103', of: 'button', number: 1, pin: '2', contact: 'normallyOpen', pull: 'up' },
      ],
      outputs: [{ id: 'cabinet-led', pin: '7', type: 'led', activeLow: false }],
    });
  });

  test('modbus, a module a device', () => {
    expect(input('modules')).toEqual({
      driver: 'modbus',
      id: 'modules',
      port: '/dev/full',
      baudRate: 38_400,
      parity: 'none',
      stopBits: 1,
      answerMs: 30,
      modules: [
        {
          device: 'module-104',
          address: 3,
          table: 'discreteInputs',
          firstAddress: 0,
          inputsPerRegister: 16,
          contacts: [
            { device: 'module-104', of: 'button', number: 0, pin: '0', contact: 'normallyOpen', pull: 'none' },
            { device: 'module-104', of: 'point', number: 0, pin: '1', contact: 'normallyClosed', pull: 'none' },
          ],
        },
      ],
    });
  });

  test('ble, with addresses in capitals', () => {
    expect(input('radio-1')).toEqual({
      driver: 'ble',
      id: 'radio-1',
      adapters: [{ name: '/dev/random', baudRate: 1_000_000 }],
      devices: [
        {
          format: 'bthome',
          device: 'tag-105',
          address: '54:48:E6:8F:80:A5',
          key: bytes(EVERY_SECRET['tag-105']),
          lowBatteryPercent: 15,
          points: [{ number: 0, type: 'doorContact' }],
        },
        {
          format: 'fob',
          device: 'fob-106',
          match: { type: 'iBeacon', uuid: 'f7826da64fa24e988024bc5b71e0893e', major: 1, minor: 7 },
          quietMs: 5000,
        },
      ],
      beacons: ['C0:FF:EE:00:00:01'],
      silenceMs: 60_000,
    });
  });

  test('ble, an Eddystone fob of any instance', () => {
    const fob = 'type: iBeacon, uuid: F7826DA6-4FA2-4E98-8024-BC5B71E0893E, major: 1, minor: 7';
    const settings = load([[fob, 'type: eddystone, namespace: "00112233445566AABBCC", quietSeconds: 2']]);
    expect(input('radio-1', settings)).toMatchObject({
      devices: [{}, { match: { type: 'eddystone', namespace: '00112233445566aabbcc' }, quietMs: 2000 }],
    });
  });

  test('mqtt, with what messages say as texts', () => {
    const topic = 'zigbee2mqtt/room-107';
    expect(input('mqtt-1')).toEqual({
      driver: 'mqtt',
      id: 'mqtt-1',
      url: 'mqtt://127.0.0.1:1883',
      username: 'callpoint-inputs',
      password: expect.stringMatching(/^[\w-]{32}$/),
      devices: [
        {
          device: 'z-107',
          buttons: [
            {
              number: 0,
              topic,
              path: ['action'],
              when: [],
              press: { single: 'single', hold: 'long' },
              release: ['', 'null', 'release', 'OFF'],
              carries: 'events',
              repeatsWithinMs: 3000,
            },
          ],
          points: [
            {
              number: 0,
              topic,
              path: ['sensor', 'contact'],
              when: [],
              active: ['false'],
              normal: ['true', 'shut'],
            },
          ],
          availability: [
            { topic: `${topic}/availability`, path: ['state'], when: [], online: ['online'], offline: ['offline'] },
          ],
          bridge: {
            topic: 'zigbee2mqtt/bridge/state',
            path: ['state'],
            when: [],
            online: ['online'],
            offline: ['offline'],
          },
          battery: { topic, path: ['battery'], when: [], lowPercent: 15, low: ['true'], normal: ['false'] },
        },
      ],
      outputs: [],
    });
  });
});

describe('the core gets devices that look alike', () => {
  test('outputs, of which only a relay for troubles is energised when all is well', () => {
    expect(load().site.outputs).toEqual([
      {
        id: 'trouble-relay',
        input: 'header',
        shows: 'trouble',
        normallyEnergised: true,
        silentKinds: false,
        drills: true,
      },
      { id: 'strobe', input: 'header', shows: 'alarm', normallyEnergised: false, silentKinds: false, drills: true },
      {
        id: 'cabinet-led',
        input: 'board-1',
        shows: 'notConfirmed',
        normallyEnergised: false,
        silentKinds: true,
        drills: true,
      },
    ]);
    const [relay] = load([['shows: trouble', 'shows: trouble, normallyEnergised: false']]).site.outputs;
    expect(relay?.normallyEnergised).toBe(false);
  });

  test.each([
    ['wb-101', { heartbeatMs: 30_000, counterOnly: false, watched: false, wiresSupervised: null }],
    ['pull-102', { heartbeatMs: 10_000, counterOnly: false, watched: false, wiresSupervised: true }],
    ['loop-103', { heartbeatMs: 10_000, counterOnly: false, watched: false, wiresSupervised: false }],
    ['module-104', { heartbeatMs: 2000, counterOnly: false, watched: false, wiresSupervised: false }],
    ['tag-105', { heartbeatMs: 60_000, counterOnly: true, watched: false, wiresSupervised: null }],
    ['fob-106', { heartbeatMs: 0, counterOnly: false, watched: false, wiresSupervised: null }],
    ['z-107', { heartbeatMs: 0, counterOnly: false, watched: true, wiresSupervised: null }],
  ])('how %s is supervised', (id, facts) => {
    expect(device(id)).toMatchObject(facts);
  });

  test.each([
    ['pull-102', 0, { minimumMs: 2, rearmMs: 50, stuckMs: 60_000 }],
    ['loop-103', 0, { minimumMs: 20, rearmMs: 50, stuckMs: 60_000 }],
    ['loop-103', 1, { minimumMs: 0, rearmMs: 30, stuckMs: 5000 }],
    ['module-104', 0, { minimumMs: 10, rearmMs: 50, stuckMs: 60_000 }],
    ['wb-101', 0, undefined],
    ['tag-105', 0, undefined],
    ['z-107', 0, undefined],
  ])('how edges of %s, button %i, become presses', (id, number, contact) => {
    expect(device(id)?.buttons.get(number)?.contact).toEqual(contact);
  });

  test('lines of a header read more rarely are proven more rarely', () => {
    const slow = load([['chip: pinctrl-rp1', 'rereadSeconds: 45']]);
    expect(device('pull-102', slow)?.heartbeatMs).toBe(45_000);
    expect(input('header', slow)).toMatchObject({ rereadMs: 45_000 });
  });

  test('a way of pressing of its own outranks the long press', () => {
    const kinds = device('tag-105')?.buttons.get(0)?.patternKinds;
    expect(kinds).toEqual(
      new Map([
        ['long', 'intruder'],
        ['longDouble', 'intruder'],
        ['longTriple', 'intruder'],
        ['hold', 'fire'],
      ]),
    );
  });

  test.each([
    ['tag-105', true],
    ['wb-101', undefined],
    ['z-107', undefined],
  ])('whether %s sends hold first and what it was afterwards: %s', (id, says) => {
    expect(device(id)?.saysHowHoldEnds).toBe(says);
  });

  test('a button that can raise a silent kind keeps the wall dark', () => {
    expect(device('tag-105', load([['patterns: { hold: fire }', 'patterns: { hold: hold-up }']]))?.silent).toBe(true);
  });
});

describe('Bluetooth', () => {
  test('each of two radios has health of its own', () => {
    const settings = load([['adapters: [/dev/random]', 'adapters: [hci0, /dev/random]']]);
    expect(settings.site.inputs.map(({ id }) => id)).toEqual([
      'bus-1',
      'header',
      'board-1',
      'modules',
      'radio-1',
      'radio-1.hci0',
      'radio-1.random',
      'mqtt-1',
    ]);
    expect(input('radio-1', settings)).toMatchObject({
      adapters: [
        { name: 'hci0', input: 'radio-1.hci0' },
        { name: '/dev/random', input: 'radio-1.random' },
      ],
    });
  });

  test('a radio named by its address has health whose name an MQTT topic can hold', () => {
    const { site } = load([['adapters: [/dev/random]', 'adapters: [address:B8:27:EB:12:34:56, /dev/random]']]);
    expect(site.inputs.map(({ id }) => id)).toContain('radio-1.address-B8-27-EB-12-34-56');
  });

  test('a device without encryption has no key, and no counter to trust', () => {
    const plain: Edit = ['heartbeatSeconds: 60', 'encrypted: false\n    heartbeatSeconds: 60'];
    const settings = load([plain], EVERY_KEY.replace(/ {2}tag-105.*\n/, ''));
    expect(input('radio-1', settings)).not.toHaveProperty('devices.0.key');
    expect(device('tag-105', settings)?.counterOnly).toBe(false);
  });
});

describe('the broker MQTT devices are read from', () => {
  const own: Edit = ['driver: mqtt }', 'driver: mqtt, broker: "mqtts://hub.lan", username: gate, ca: hub.pem }'];
  const external: Edit = [
    'listen: 127.0.0.1:1883\n  clients: [{ name: zigbee2mqtt, role: device, topics: ["zigbee2mqtt/#"] }]',
    'broker: mqtts://broker.lan:8884\n  username: zigbee2mqtt\n  ca: hub.pem',
  ];
  const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';

  test("the gateway's own knows the input as a reader of its devices' topics, by a password made for this start", () => {
    const settings = load();
    const { password } = { password: undefined, ...input('mqtt-1', settings) };
    expect(settings.mqtt.broker).toEqual({
      type: 'embedded',
      host: '127.0.0.1',
      port: 1883,
      clients: [
        { name: 'zigbee2mqtt', role: 'device', topics: ['zigbee2mqtt/#'], password: EVERY_SECRET.zigbee2mqtt },
        {
          name: 'callpoint-inputs',
          role: 'reader',
          topics: ['zigbee2mqtt/room-107', 'zigbee2mqtt/room-107/availability', 'zigbee2mqtt/bridge/state'],
          publishes: [],
          password,
        },
      ],
    });
    expect(input('mqtt-1')).not.toMatchObject({ password });
  });

  test.each([
    ['0.0.0.0:8883', 'mqtts://127.0.0.1:8883'],
    ['"[::]:8883"', 'mqtts://[::1]:8883'],
  ])('the own broker that listens at %s with TLS is reached at %s, by its certificate', (listen, url) => {
    const fixture = (name: string) =>
      readFileSync(new URL(`../../integration/fixtures/mqtt-tls.${name}.pem`, import.meta.url), 'utf8');
    const files = { 'cert.pem': fixture('cert'), 'key.pem': fixture('key') };
    const tls: Edit = ['127.0.0.1:1883', `${listen}\n  tls: { certificate: cert.pem, key: key.pem }`];
    expect(input('mqtt-1', load([tls], EVERY_KEY, files))).toMatchObject({ url, ca: files['cert.pem'] });
  });

  test('an external broker of the gateway is that of the devices too', () => {
    const settings = load([external], EVERY_KEY, { 'hub.pem': pem });
    expect(input('mqtt-1', settings)).toMatchObject({
      url: 'mqtts://broker.lan:8884',
      username: 'zigbee2mqtt',
      password: EVERY_SECRET.zigbee2mqtt,
      ca: pem,
    });
    expect(settings.mqtt.broker).not.toHaveProperty('clients');
  });

  test("the devices' own broker, which the embedded one knows nothing of", () => {
    const settings = load([own], `${EVERY_KEY}  gate: staple-violet-nineteen\n`, { 'hub.pem': pem });
    expect(input('mqtt-1', settings)).toMatchObject({
      url: 'mqtts://hub.lan',
      username: 'gate',
      password: 'staple-violet-nineteen',
      ca: pem,
    });
    expect(settings.mqtt.broker).toMatchObject({ clients: [{ name: 'zigbee2mqtt' }] });
    expect(settings.mqtt.broker).toHaveProperty('clients.length', 1);
  });

  test('a device may name topics for each button, point and battery alone', () => {
    const settings = load([
      ['    topic: zigbee2mqtt/room-107\n', ''],
      ['battery: { path', 'battery: { topic: zigbee2mqtt/b, path'],
      ['zone: 107, path', 'zone: 107, topic: zigbee2mqtt/p, path'],
      ['zone: 207, path: sensor.contact', 'zone: 207, topic: zigbee2mqtt/d, path: ["sensor.contact"]'],
    ]);
    expect(input('mqtt-1', settings)).toMatchObject({
      devices: [
        {
          buttons: [{ topic: 'zigbee2mqtt/p' }],
          points: [{ topic: 'zigbee2mqtt/d', path: ['sensor.contact'] }],
          battery: { topic: 'zigbee2mqtt/b' },
        },
      ],
    });
  });
});
