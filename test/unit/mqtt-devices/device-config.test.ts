import { describe, expect, test } from 'vitest';
import { mistakesOf } from '../config/site-fixture.ts';

const HEAD = `version: 1
gateway: gw-1
site: { name: Northfield School }
buildings: [{ id: A, name: Main building, floors: [{ id: "1", rooms: [{ number: "101" }, { number: "102" }] }] }]
inputs: [{ id: mqtt-1, driver: mqtt, broker: mqtts://broker.lan:8883 }]
paths: [{ id: central, driver: dc09-tcp, host: 10.0.0.5, port: 7700, account: "1234", encrypted: false }]
devices:
`;

function device(name: string, fields: string, ...buttons: readonly string[]): string {
  const listed = buttons.map((button, at) => `{ id: button-${at + 1}, zone: ${name}${at}, ${button} }`).join(', ');
  return `  - { id: d-${name}, input: mqtt-1, location: A/1/101, heartbeatSeconds: 0, ${fields}, buttons: [${listed}] }\n`;
}

function toldOf(...devices: readonly string[]): readonly string[] {
  const found = mistakesOf({ site: HEAD + devices.join(''), keys: 'devices: {}\n' });
  return found.map(({ severity, message, hint }) => `${severity}: ${message} -> ${hint}`);
}

const RPC = 'topic: shellyplus1-aabbcc000001/events/rpc';
const EVENT = 'each: params.events, path: event, press: { single_push: single }, counter: ts';
const TAG = 'each: params.events, path: data.button, press: { "1": single }, counter: data.pid';

describe('two buttons that one message would press', () => {
  test('of two devices on one topic are refused, and the first is named with its line', () => {
    expect(toldOf(device('1', RPC, TAG), device('2', RPC, TAG))).toEqual([
      'error: one message, "1", presses button-1 and button-1 of d-1 (site.yaml:8) -> tell them apart by when: with a member that differs, such as when: { component: "input:0" }, or by their words',
    ]);
  });

  test('of one device are refused', () => {
    expect(toldOf(device('1', RPC, EVENT, EVENT))).toEqual([
      expect.stringContaining('one message, "single_push", presses button-2 and button-1 of d-1'),
    ]);
  });

  test.each([
    ['conditions of which only one can hold', 'when: { component: "input:0" }', 'when: { component: "input:1" }'],
    ['names that differ in case', 'when: { name: aB }', 'when: { name: Ab }'],
    ['lists of conditions without a common text', 'when: { id: [0, 1] }', 'when: { id: [2, 3] }'],
    [
      'one member of several that differs',
      'when: { kind: shelly-blu, data.address: "b4:35:22:00:01:01" }',
      'when: { kind: shelly-blu, data.address: "b4:35:22:00:01:02" }',
    ],
  ])('are told apart by %s', (_how, one, other) => {
    expect(toldOf(device('1', RPC, `${EVENT}, ${one}`), device('2', RPC, `${EVENT}, ${other}`))).toEqual([]);
  });

  test.each([
    ['one condition that both share', 'when: { method: x }', 'when: { method: x }'],
    ['different members', 'when: { component: "input:0" }', 'when: { id: 0 }'],
    ['a list with a common text', 'when: { id: [0, 1] }', 'when: { id: [1, 2] }'],
    ['one condition and none', 'when: { id: 0 }', 'quietSeconds: 3'],
    [
      'one address in two spellings',
      'when: { data.address: "B4:35:22:00:01:02" }',
      'when: { data.address: "b4:35:22:00:01:02" }',
    ],
  ])('are not told apart by %s', (_how, one, other) => {
    expect(toldOf(device('1', RPC, `${EVENT}, ${one}`), device('2', RPC, `${EVENT}, ${other}`))).toHaveLength(1);
  });

  test('are told apart by words, members and topics', () => {
    const room = 'topic: room';
    const words = ['path: action, press: { single: single }', 'path: action, press: { double: double }'];
    expect(toldOf(device('1', room, ...words, 'path: other, press: { single: single }'))).toEqual([]);
    expect(toldOf(device('1', room, words[0] ?? ''), device('2', 'topic: hall', words[0] ?? ''))).toEqual([]);
  });

  test('of a profile are told to say which key each is', () => {
    const i4 = 'profile: shelly-gen2, topic: shellyplusi4-aabbcc000202';
    expect(toldOf(device('1', i4, 'kind: fire', 'kind: medical'))).toEqual([
      expect.stringContaining('give each its channel:'),
    ]);
    expect(toldOf(device('1', i4, 'channel: 0', 'channel: 1'))).toEqual([]);
  });

  test('among hundreds of tags on one topic are found', () => {
    const tags = Array.from({ length: 300 }, (_, at) => {
      const address = `b4:35:22:00:${(at >> 8).toString(16).padStart(2, '0')}:${(at & 255).toString(16).padStart(2, '0')}`;
      return `  - { id: t-${at}, input: mqtt-1, location: A/1/101, heartbeatSeconds: 0, profile: shelly-blu-gateway, topic: gw, address: "${address}", buttons: [{ id: b, zone: 101 }] }\n`;
    });
    const twin = tags[200]?.replace('t-200', 't-twin') ?? '';
    expect(toldOf(...tags, twin).filter((told) => told.includes('presses'))).toEqual([
      expect.stringContaining('presses b and b of t-200'),
    ]);
  });
});

describe('a path', () => {
  test('to a fixed place of a list of events is refused, with what to write', () => {
    const written = 'path: params.events.0.event, press: { single_push: single }, counter: ts';
    expect(toldOf(device('1', RPC, written))).toEqual([
      'error: path: params.events.0.event reads one fixed place of a list, and what is meant may stand at another -> write each: params.events, path: event, and when: with what the element must be, such as { component: "input:0" }',
    ]);
  });

  test.each([
    ['in a list of names', 'path: [params, events, "0", event], press: { x: single }, counter: ts'],
    [
      'in a condition',
      'path: event, press: { x: single }, counter: ts, when: { params.events.0.component: "input:0" }',
    ],
    ['in a counter', 'path: event, press: { x: single }, counter: params.events.0.ts'],
  ])('to a fixed place is refused %s', (_where, written) => {
    expect(toldOf(device('1', RPC, written))).toEqual([expect.stringContaining('reads one fixed place of a list')]);
  });

  test('that ends in the place of a key is none: a tag with four keys sends a list of numbers', () => {
    const key = `${TAG.replace('data.button', 'data.button.1')}, when: { data.address: "b4:35:22:00:01:02" }`;
    expect(toldOf(device('1', RPC, key))).toEqual([]);
  });

  test.each([
    ['path', 'each: params.events, path: params.events.event, press: { x: single }, counter: ts'],
    ['when', 'each: params.events, path: event, press: { x: single }, counter: ts, when: { params.events.id: 1 }'],
    ['counter', 'each: params.events, path: event, press: { x: single }, counter: params.events.ts'],
  ])('of %s that names the list again is refused', (key, written) => {
    expect(toldOf(device('1', RPC, written))).toEqual([
      expect.stringMatching(new RegExp(`error: ${key}: params.events.\\w+ names the list again`)),
    ]);
  });

  test('that a condition keeps from every press is refused', () => {
    expect(toldOf(device('1', 'topic: x', 'path: event, press: { a: single }, when: { event: b }'))).toEqual([
      expect.stringContaining('nothing can press button-1'),
    ]);
  });
});

describe('who repeats', () => {
  test.each([
    ['shellies/shellyix3-1/input_event/0', 'path: event, press: { S: single }', 'counter: event_cnt'],
    ['shellyplusi4-1/events/rpc', 'each: params.events, path: event, press: { a: single }', 'counter: ts'],
    ['desk/binary_sensor/panic/state', 'press: { "ON": single }', 'carries: state'],
  ])('%s is warned of, with the member and the profile', (topic, button, remedy) => {
    expect(toldOf(device('1', `topic: ${topic}`, button))).toEqual([
      expect.stringMatching(new RegExp(`^warning: .* -> write ${remedy}.* profile: `)),
    ]);
    expect(toldOf(device('1', `topic: ${topic}`, `${button}, ${remedy}`))).toEqual([]);
  });

  test('a button that nothing tells repeats of is warned of', () => {
    const plain = 'press: { press: single }';
    expect(toldOf(device('1', 'topic: x', plain))).toEqual([]);
    expect(toldOf(device('1', 'topic: x', `${plain}, quietSeconds: 0`))).toEqual([
      expect.stringContaining('nothing tells a repeated message from a second press of button-1'),
    ]);
  });

  test.each([
    ['topic: a', 'press: { ON: single }, carries: state, counter: n'],
    ['profile: esphome, topic: a', 'channel: panic, counter: n'],
  ])('a counter of what is a state is refused: %s', (fields, button) => {
    expect(toldOf(device('1', fields, button))).toEqual([
      expect.stringMatching(/^error: counter means nothing with carries: state/),
    ]);
  });

  test.each(['TOGGLE', 'single'])('an event that is read as a state, %s, is warned of', (word) => {
    const told = toldOf(device('1', 'topic: a', `press: { ${word}: single }, carries: state`));
    expect(told).toEqual([
      expect.stringMatching(/^warning: .* is no state but an event: .* -> write carries: events, or/),
    ]);
  });

  test('a Zigbee device whose bridge nobody watches is warned of', () => {
    const zigbee = device('1', 'topic: zigbee2mqtt/room', 'path: action, press: { single: single }');
    expect(toldOf(zigbee)).toEqual([expect.stringContaining('nobody notices when the bridge of d-1 is down')]);
  });
});

describe('a word of a button', () => {
  test.each([
    ['release: off', '"off"'],
    ['release: ["", "off"]', '"off"'],
  ])('that is a press and none is refused: %s', (release, word) => {
    expect(toldOf(device('1', 'topic: a', `press: { on: single, off: double }, ${release}`))).toEqual([
      `error: ${word} stands under press: as well -> remove it from one: it is a press, or it is none`,
    ]);
  });

  test.each([
    ['zigbee2mqtt/room, bridge: { topic: z/bridge/state }', 'path: action, or use profile: zigbee2mqtt'],
    ['shellies/i3/input_event/0', 'path: event, or use profile: shelly-gen1'],
    ['stat/tasmota/RESULT', 'path: Button1.Action, or use profile: tasmota'],
  ])('that would be the whole JSON message of %s is warned of', (topic, remedy) => {
    const told = toldOf(device('1', `topic: ${topic}`, 'press: { single: single }, counter: n'));
    expect(told).toEqual([expect.stringMatching(/^warning: button-1 reads the whole message as its word/)]);
    expect(told[0]).toContain(`-> write ${remedy}`);
  });

  test.each([
    ['written under press: alone', 'topic: a', 'press: { OFF: single }'],
    ['that the profile calls a press, written under release:', 'profile: zigbee2mqtt, topic: z/a', 'release: "off"'],
    ['that differs in case', 'topic: a', 'press: { ON: single, on: double }, release: [On]'],
    ['that YAML reads as a number or a flag', 'topic: a', 'press: { 1: single, true: double }, release: [0, false]'],
  ])('%s is one thing', (_how, fields, button) => {
    expect(toldOf(device('1', fields, button))).toEqual([]);
  });
});

describe('availability', () => {
  const button = 'path: action, press: { single: single }';
  const bridge = 'availability: { topic: zigbee2mqtt/bridge/state, path: state }';

  test('that several devices share is the bridge', () => {
    const devices = [device('1', `topic: a, ${bridge}`, button), device('2', `topic: b, ${bridge}`, button)];
    expect(toldOf(...devices)).toEqual([
      expect.stringMatching(/^warning: .*bridge\/state says the same of d-1 and d-2 -> .*write bridge: instead/),
    ]);
  });

  test('that the inputs of one device share is its own', () => {
    const own = 'availability: { topic: i4/online, online: "true", offline: "false" }';
    const input = (at: number) =>
      device(`${at}`, `topic: i4/events/rpc, ${own}`, `${EVENT}, when: { component: "input:${at}" }`);
    expect(toldOf(input(1), input(2))).toEqual([]);
  });

  test('that calls present and absent the same is refused, in a list as well', () => {
    const both = 'topic: a, availability: [{ topic: a/1 }, { topic: a/2, online: x, offline: [y, x] }]';
    expect(toldOf(device('1', both, button))).toEqual([
      expect.stringContaining('online and offline are the same text'),
    ]);
  });
});

describe('a profile that cannot be filled in', () => {
  test.each([
    ['without a topic', 'profile: shelly-gen1', 'kind: fire', 'topic is missing: profile shelly-gen1'],
    ['with a whole topic', 'profile: shelly-gen2, topic: a/events/rpc', 'kind: fire', 'completes the topic itself'],
    ['with a level too many', 'profile: shelly-gen2, topic: a/', 'kind: fire', 'completes the topic itself'],
    ['with a wildcard', 'profile: zigbee2mqtt, topic: zigbee2mqtt/+', 'kind: fire', 'topic is "zigbee2mqtt/+"'],
    ['with an endless topic', `profile: tasmota, topic: ${'t'.repeat(200)}`, 'kind: fire', 'topic is too long'],
    ['of a tag that is not named', 'profile: shelly-blu-gateway, topic: gw', 'kind: fire', 'nothing says which tag'],
    [
      'of a tag that is named twice',
      'profile: shelly-blu-gateway, topic: gw, component: "bthomedevice:200", address: b43522000102',
      'kind: fire',
      'the tag is named twice',
    ],
    [
      'of a tag with a wrong address',
      'profile: shelly-blu-gateway, topic: gw, address: b4',
      'kind: fire',
      'address is "b4"',
    ],
    ['without its key', 'profile: esphome, topic: desk', 'kind: fire', 'channel is missing: profile esphome'],
    ['with a key it does not have', 'profile: tasmota, topic: t', 'channel: 0', `channel can't be "0"`],
    ['with a key that is no name', 'profile: zigbee2mqtt, topic: z/t', 'channel: "a+b"', 'channel is "a+b"'],
    ['with an address it does not know', 'profile: tasmota, topic: t, address: b43522000102', 'kind: fire', 'address'],
  ])('%s is one mistake', (_how, fields, button, says) => {
    const told = toldOf(device('1', fields, button));
    expect(told).toEqual([expect.stringMatching(/^error: /)]);
    expect(told[0]).toContain(says);
  });

  test.each([
    ['tasmotta', 'did you mean tasmota?'],
    // A Shelly of the third generation speaks as one of the second.
    ['shelly-gen3', 'write one of: shelly-gen1, shelly-gen2, '],
  ])('that does not exist, %s, is told, and another only if it is the only one near', (profile, remedy) => {
    expect(toldOf(device('1', `profile: ${profile}, topic: t`, 'kind: fire')).join('\n')).toContain(
      `profile is "${profile}" -> ${remedy}`,
    );
  });

  test.each([
    ['a list', '[zigbee2mqtt/a]'],
    ['a flag', 'true'],
    ['a mapping', '{ name: zigbee2mqtt/a }'],
  ])('from a topic that is %s is refused: it would hear the device of the example', (_what, topic) => {
    expect(toldOf(device('1', `profile: zigbee2mqtt, topic: ${topic}`, 'kind: fire'))).toEqual([
      expect.stringMatching(/^error: topic is .* -> write a whole topic/),
    ]);
  });

  test.each([
    ['the name of a Zigbee device without the base topic', 'zigbee2mqtt', 'room-201'],
    ['the base topic alone', 'zigbee2mqtt', 'zigbee2mqtt'],
    ['the name of a Shelly without shellies/', 'shelly-gen1', 'shellyix3-AABBCC000201'],
    ['a Shelly of a later generation', 'shelly-gen1', 'shellyplusi4-aabbcc000202'],
  ])('because nothing begins with %s is one mistake', (_what, profile, topic) => {
    expect(toldOf(device('1', `profile: ${profile}, topic: ${topic}`, 'kind: fire'))).toEqual([
      expect.stringMatching(/^error: a topic of profile .* never begins with .* -> write where its topics begin/),
    ]);
  });

  test.each([
    ['zigbee2mqtt', 'zigbee2mqtt/room-201/action'],
    ['zigbee2mqtt', 'zigbee2mqtt/room-201/set'],
    ['esphome', 'desk-205/status'],
    ['esphome', 'desk-205/binary_sensor/panic/state'],
    ['shelly-gen2', 'shellyplusi4-aabbcc000202/events'],
  ])('of %s with the whole topic %s is one mistake', (profile, topic) => {
    expect(toldOf(device('1', `profile: ${profile}, topic: ${topic}`, 'channel: 1'))).toEqual([
      expect.stringContaining('completes the topic itself'),
    ]);
  });

  test.each([
    ['zigbee2mqtt', 'z/d', 'bolt', 'path: lock'],
    ['shelly-gen1', 'shellies/d', 'tamper', 'topic: shellies/d/x'],
    ['shelly-blu-gateway', 'gw, heartbeatSeconds: 0, component: "bthomedevice:200"', 'doorContact', 'channel: 1'],
  ])('of %s (%s) that knows no %s is one mistake, until the point has all it needs', (profile, topic, type, more) => {
    const point = (fields: string) =>
      `  - { id: d, input: mqtt-1, location: A/1/101, profile: ${profile}, topic: ${topic}, points: [{ id: p, type: ${type}, ${fields} }] }\n`;
    expect(toldOf(point(more))).toEqual([
      `error: profile ${profile} knows no ${type} -> write its topic:, path:, active: and normal:`,
    ]);
    expect(toldOf(point('topic: own, path: p, active: "1", normal: "0"'))).toEqual([]);
  });

  test('has names with spaces, levels and any letters', () => {
    expect(toldOf(device('1', 'profile: zigbee2mqtt, topic: "haus/Büro 3/Knopf rot"', 'kind: fire'))).toEqual([]);
  });

  test('a channel without a profile is refused', () => {
    expect(toldOf(device('1', 'topic: x', 'press: { a: single }, channel: 1'))).toEqual([
      'error: channel means nothing without profile: -> write profile:, or remove it',
    ]);
  });
});

describe('a device whose messages the embedded broker would refuse', () => {
  const told = (clients: string, ...devices: readonly string[]) => {
    const head = HEAD.replace('driver: mqtt, broker: mqtts://broker.lan:8883', 'driver: mqtt').replace(
      'inputs:',
      `mqtt: { broker: embedded, listen: 127.0.0.1:1883${clients} }\ninputs:`,
    );
    const keys = `devices: {}\n${clients === '' ? '' : 'mqtt: { tas: "Pa55word-tas-1" }\n'}`;
    const found = mistakesOf({ site: head + devices.join(''), keys });
    return found.filter(({ message }) => message.startsWith('no client')).map(({ hint }) => hint);
  };
  const tasmota = device('1', 'profile: tasmota, topic: tas', 'kind: fire');

  test('gets one client for all its topics, and none of other devices', () => {
    expect(told('', tasmota)).toEqual([
      'add under mqtt: clients: - { name: tas, role: device, topics: ["stat/tas/#", "tele/tas/#"] }',
    ]);
  });

  test('that has a client gets the other topics there', () => {
    expect(told(', clients: [{ name: tas, role: device, topics: ["stat/#"] }]', tasmota)).toEqual([
      'add "tele/tas/#" to the topics: of its client',
    ]);
    expect(told(', clients: [{ name: tas, role: device, topics: ["stat/#", "tele/#"] }]', tasmota)).toEqual([]);
  });
});

describe('a device on the network, by its profile', () => {
  const warned = (mqtt: string, ...devices: readonly string[]) => {
    const head = HEAD.replace('driver: mqtt, broker: mqtts://broker.lan:8883', 'driver: mqtt');
    const found = mistakesOf({ site: `mqtt: { ${mqtt} }\n${head}${devices.join('')}`, keys: 'devices: {}\n' });
    return found.map(({ message }) => message).filter((message) => message.includes("can't reach the broker"));
  };
  const shelly = device('1', 'profile: shelly-gen2, topic: i4', 'kind: fire');
  const zigbee = device('2', 'profile: zigbee2mqtt, topic: zigbee2mqtt/z', 'kind: fire');

  test.each(['', 'listen: 127.0.0.1:1884', 'broker: embedded, listen: "[::1]:1883"'])(
    "can't reach a broker with %s",
    (mqtt) => {
      expect(warned(mqtt, shelly, zigbee)).toEqual([expect.stringMatching(/^d-1 can't reach the broker, which/)]);
      expect(warned(mqtt, zigbee)).toEqual([]);
    },
  );

  test('reaches a broker that listens beyond this machine, or another one', () => {
    expect(warned('listen: 0.0.0.0:8883, tls: { certificate: c.pem, key: k.pem }', shelly)).toEqual([]);
    expect(warned('broker: mqtts://broker.lan:8883', shelly)).toEqual([]);
    expect(toldOf(shelly).join('')).not.toContain("can't reach the broker");
  });
});
