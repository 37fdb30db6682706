import { describe, expect, test } from 'vitest';
import { loadSettings } from '../../../gateway/config/load.ts';
import { type Case, checkCase } from '../config/mistake-case.ts';
import { edited, KEYS, mistakesOf, SITE, withSite } from '../config/site-fixture.ts';

const SIREN = `  - { id: siren-1, input: mqtt-1, topic: zigbee2mqtt/siren/set, on: '{"state":"ON"}', off: '{"state":"OFF"}', type: relay, shows: alarm }
`;
const CANARY = `  - { id: canary-1, input: mqtt-1, topic: canary/press, on: press, off: release, type: relay, shows: canary }
`;
const DEVICE = `  - id: canary-button
    input: mqtt-1
    location: A/1/102
    heartbeatSeconds: 0
    buttons: [{ id: button-1, zone: 199, topic: canary/press, press: { press: single } }]
`;
const WITH_OUTPUTS = edited(
  SITE,
  ['devices:\n', `  - { id: mqtt-1, driver: mqtt }\ndevices:\n${DEVICE}`],
  ['paths:\n', `outputs:\n${SIREN}${CANARY}paths:\n`],
  ['listen: 127.0.0.1:0', 'listen: 127.0.0.1:1883'],
  ['    - { name: desk,', '    - { name: zigbee, role: device, topics: ["zigbee2mqtt/#"] }\n    - { name: desk,'],
);
const WITH_KEY = edited(KEYS, ['  console:', '  zigbee: battery-horse-91\n  console:']);

const CASES: readonly Case[] = [
  {
    promise: 'a payload that YAML takes for a mapping is told to be quoted',
    edits: [[`'{"state":"ON"}'`, '{"state":"ON"}']],
    at: '{"state":"ON"}',
    says: 'on',
    hint: 'in quotes',
  },
  {
    promise: 'an output without a topic is refused',
    edits: [['topic: zigbee2mqtt/siren/set, ', '']],
    at: '{ id: siren-1',
    says: 'topic is missing',
    hint: 'a whole topic',
  },
  {
    promise: 'a pin belongs to boards',
    edits: [['topic: zigbee2mqtt/siren/set, ', 'topic: zigbee2mqtt/siren/set, pin: GPIO5, ']],
    at: 'pin: GPIO5',
    says: 'pin',
    hint: '',
  },
  {
    promise: "a canary's end that its button does not know is told",
    edits: [['on: press, off: release', 'on: press, off: idle']],
    at: 'idle, type',
    says: 'each canary ends with "idle"',
    hint: 'write release: "idle"',
    severity: 'warning',
  },
  {
    promise: 'on and off that say the same are told',
    edits: [[`'{"state":"OFF"}'`, `'{"state":"ON"}'`]],
    at: `'{"state":"ON"}', type`,
    says: 'the same text',
    hint: 'switches it off',
  },
  {
    promise: 'an output on the topic of a button would press it',
    edits: [['shows: canary', 'shows: alarm']],
    at: 'canary/press, on',
    says: 'would press it',
    hint: 'shows: canary',
  },
  {
    promise: 'two outputs on one topic would switch each other',
    edits: [['canary/press, on', 'zigbee2mqtt/siren/set, on']],
    at: 'zigbee2mqtt/siren/set, on: press',
    says: 'used already',
    hint: 'each its own',
  },
  {
    promise: 'where the gateway speaks no output is switched',
    edits: [['zigbee2mqtt/siren/set', 'callpoint/v1/gw-1/siren']],
    at: 'callpoint/v1/gw-1/siren',
    says: 'the gateway says',
    hint: "the device's own topic",
  },
  {
    promise: 'a topic that nobody may read is warned of',
    edits: [['zigbee2mqtt/siren/set', 'shellies/one/relay/0/command']],
    at: 'shellies/one/relay/0/command',
    says: 'no client of the broker may read',
    hint: '{ name: one, role: device, topics: ["shellies/one/#"] }',
    severity: 'warning',
  },
];

describe('outputs switched over MQTT', () => {
  for (const one of CASES) test(one.promise, () => checkCase(one, { site: WITH_OUTPUTS, keys: WITH_KEY }));

  test('are read, and the gateway may speak to their topics and to no other', () => {
    expect(mistakesOf({ site: WITH_OUTPUTS, keys: WITH_KEY })).toEqual([]);
    const { inputs, mqtt, site } = withSite({ site: WITH_OUTPUTS, keys: WITH_KEY }, (file, directory) =>
      loadSettings(file, `${directory}/data`),
    );
    expect(inputs.at(-1)).toMatchObject({
      outputs: [
        { id: 'siren-1', topic: 'zigbee2mqtt/siren/set', on: '{"state":"ON"}', off: '{"state":"OFF"}' },
        { id: 'canary-1', topic: 'canary/press', on: 'press', off: 'release' },
      ],
    });
    expect(site.outputs.map(({ id, shows }) => [id, shows])).toEqual([
      ['siren-1', 'alarm'],
      ['canary-1', 'canary'],
    ]);
    const own = mqtt.broker.type === 'embedded' ? mqtt.broker.clients.at(-1) : undefined;
    expect(own).toMatchObject({
      role: 'reader',
      topics: ['canary/press'],
      publishes: ['zigbee2mqtt/siren/set', 'canary/press'],
    });
  });

  test('numbers and flags are taken as they are written', () => {
    const site = edited(WITH_OUTPUTS, ['on: press, off: release', 'on: true, off: 0']);
    const { inputs } = withSite({ site, keys: WITH_KEY }, (file, directory) => loadSettings(file, `${directory}/data`));
    expect(inputs.at(-1)).toMatchObject({ outputs: [{}, { on: 'true', off: '0' }] });
  });
});
