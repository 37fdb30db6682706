import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EVERY_INPUT, EVERY_KEY, EVERY_SECRET } from './every-input-fixture.ts';
import { type Case, checkCase } from './mistake-case.ts';
import { edited, mistakesOf } from './site-fixture.ts';

const BASE = { site: EVERY_INPUT, keys: EVERY_KEY };

const DOUBTFUL: readonly Case[] = [
  {
    promise: 'bare contacts are warned of once for an input',
    edits: [],
    at: 'modules, driver',
    says: "a cut cable to module-104 can't be told from a contact at rest or pressed: not supervised",
    hint: 'endOfLine',
    severity: 'warning',
  },
  {
    promise: 'a line with another job is warned of',
    edits: [['pin: GPIO5', 'pin: GPIO3']],
    at: 'GPIO3',
    says: 'GPIO3 has a fixed 1.8 kΩ pull-up',
    hint: 'GPIO17',
    severity: 'warning',
  },
  {
    promise: "a line that SPI holds is warned of, with SPI's line of config.txt",
    edits: [['pin: GPIO5', 'pin: GPIO8']],
    at: 'GPIO8',
    says: 'GPIO8 is a chip select of SPI',
    hint: 'remove dtparam=spi=on from /boot/firmware/config.txt',
    severity: 'warning',
  },
  {
    promise: "a line by the kernel's name is warned of as the line it is",
    edits: [['pin: GPIO5', 'pin: SPI_MISO']],
    at: 'SPI_MISO',
    says: 'SPI_MISO (GPIO9) is a line of the SPI bus',
    hint: 'choose another line, such as GPIO17',
    severity: 'warning',
  },
  {
    promise: 'on an unknown chip a mistyped line is warned of, with the line that is meant',
    edits: [
      [', chip: pinctrl-rp1', ''],
      ['pin: GPIO5', 'pin: GPI05'],
    ],
    at: 'GPI05',
    says: 'no Pi\'s header has a line "GPI05"',
    hint: 'did you mean GPIO5?',
    severity: 'warning',
  },
  {
    promise: 'a line the header does not have is warned of',
    edits: [['pin: GPIO5', 'pin: GPIO44']],
    at: 'GPIO44',
    says: "a Pi's header has no GPIO44",
    hint: 'GPIO0 to GPIO27',
    severity: 'warning',
  },
  {
    promise: "the board's own serial pins are warned of",
    edits: [['pin: 7', 'pin: 1']],
    at: '1, type: led',
    says: 'pin 1 carries the serial line',
    hint: 'such as 2',
    severity: 'warning',
  },
  {
    promise: 'Bluetooth devices nobody supervises are warned of',
    edits: [['    heartbeatSeconds: 60\n', '']],
    at: 'radio-1, driver',
    says: 'without a beacon, an empty battery is not noticed: tag-105',
    hint: 'heartbeatSeconds: 0 to accept it',
    severity: 'warning',
  },
  {
    promise: 'a radio that nothing proves in an empty building is warned of',
    edits: [
      [', beacons: ["c0:ff:ee:00:00:01"]', ''],
      ['heartbeatSeconds: 60', 'heartbeatSeconds: 0'],
    ],
    at: 'radio-1, driver',
    says: 'an empty building, as at night, looks like a deaf radio, and a deaf radio like an empty building',
    hint: 'put a beacon near each radio and list them under beacons:',
    severity: 'warning',
  },
  {
    promise: 'a tag’s hold of another kind than its long press is warned of',
    edits: [['longPress: intruder, patterns: { hold: fire }', 'patterns: { hold: fire }']],
    at: 'fire',
    says: 'held for more than 3 s it raises fire, and then medical too',
    hint: 'write longPress: fire',
    severity: 'warning',
  },
  {
    promise: 'a silence that one lost advertisement makes is warned of',
    edits: [['beacons: ["c0:ff:ee:00:00:01"]', 'silenceSeconds: 119']],
    at: '119',
    says: 'its devices speak every 60 s at most: in an empty building one lost advertisement makes 119 s of silence',
    hint: 'write silenceSeconds: 180',
    severity: 'warning',
  },
  {
    promise: 'MQTT devices nobody supervises are warned of',
    edits: [['    availability: { topic: zigbee2mqtt/room-107/availability, path: state }\n', '']],
    at: 'mqtt-1, driver',
    says: "nobody notices when z-107 can't be reached",
    hint: 'heartbeatSeconds: 0 to accept it',
    severity: 'warning',
  },
  {
    promise: 'an MQTT device that may not log in is warned of, with the client to add',
    edits: [['topics: ["zigbee2mqtt/#"]', 'topics: [shellies/#]']],
    at: 'zigbee2mqtt/room-107\n',
    says: 'no client of the broker may publish to zigbee2mqtt/room-107',
    hint: '- { name: zigbee2mqtt, role: device, topics: ["zigbee2mqtt/#"] }',
    severity: 'warning',
  },
  {
    promise: 'a radio that is not there is warned of',
    edits: [['[/dev/random]', '[hci97]']],
    at: 'hci97',
    says: 'this machine has no radio hci97',
    hint: 'plug it in',
    severity: 'warning',
  },
];

describe('what is doubtful about inputs', () => {
  for (const one of DOUBTFUL) test(one.promise, () => checkCase(one, BASE));

  test('lines of an expander have whatever names they have', () => {
    const site = edited(EVERY_INPUT, ['chip: pinctrl-rp1', 'chip: pca9555'], ['pin: GPIO5', 'pin: IN 8']);
    const told = mistakesOf({ ...BASE, site }).filter(({ message }) => /IN 8|GPIO/.test(message));
    expect(told.filter(({ message }) => !message.includes('no gpiochip'))).toEqual([]);
  });

  test('a machine without a GPIO chip is told so, and only that', () => {
    const has = existsSync('/dev') && readdirSync('/dev').some((name) => /^gpiochip\d+$/.test(name));
    const told = mistakesOf(BASE).filter(({ message }) => message.includes('has no gpiochip'));
    expect(told.map(({ severity, line }) => [severity, line])).toEqual(has ? [] : [['warning', 11]]);
  });

  test('a chip by its file is looked for', () => {
    const site = edited(EVERY_INPUT, ['chip: pinctrl-rp1', 'chip: /dev/gpiochip97']);
    expect(mistakesOf({ ...BASE, site })).toContainEqual(
      expect.objectContaining({
        severity: 'warning',
        message: expect.stringMatching(/^\/dev\/gpiochip97 is not there: this machine has /),
      }),
    );
  });

  test.each([
    ['a beacon', 'beacons: ["c0:ff:ee:00:00:01"]'],
    ['a silence of two heartbeats', 'silenceSeconds: 120'],
  ])('a radio with %s is not warned of', (_, proof) => {
    const site = edited(EVERY_INPUT, ['beacons: ["c0:ff:ee:00:00:01"]', proof]);
    const told = mistakesOf({ ...BASE, site }).map(({ message }) => message);
    expect(told.filter((message) => /deaf/.test(message))).toEqual([]);
  });

  test('who says that nothing is heard between presses is not warned', () => {
    const site = edited(
      EVERY_INPUT,
      ['heartbeatSeconds: 60', 'heartbeatSeconds: 0'],
      ['availability: { topic: zigbee2mqtt/room-107/availability, path: state }', 'heartbeatSeconds: 0'],
    );
    const told = mistakesOf({ ...BASE, site }).map(({ message }) => message);
    expect(told.filter((message) => /notice/.test(message))).toEqual([]);
  });
});

describe('who needs a key', () => {
  test('wall nodes and encrypted Bluetooth devices', () => {
    const told = mistakesOf({ ...BASE, keys: 'devices: {}\nmqtt: {}\n' }).filter(({ file }) => file === 'keys.yaml');
    expect(told.map(({ message }) => message)).toEqual([
      'there is no key for device wb-101',
      'there is no key for device tag-105',
      'there is no password for MQTT user zigbee2mqtt',
    ]);
  });

  test('a key of a device that needs none is only warned of', () => {
    const keys = edited(EVERY_KEY, ['devices:\n', 'devices:\n  module-104: 93af50d1c7682e4b1fd90a6e35bc4872\n']);
    const told = mistakesOf({ ...BASE, keys }).filter(({ file }) => file === 'keys.yaml');
    expect(told.map(({ severity, line }) => `${severity} ${line}`)).toEqual(['warning 2']);
  });

  test('a key is not called left over because the name of an input is misspelt', () => {
    const site = edited(EVERY_INPUT, ['input: bus-1', 'input: bus-2']);
    expect(mistakesOf({ ...BASE, site }).filter(({ file }) => file === 'keys.yaml')).toEqual([]);
  });

  test('a key in the place of a name or address is not quoted', () => {
    const key = EVERY_SECRET['tag-105'];
    for (const edit of [
      ['address: "54:48:e6:8f:80:a5"', `address: ${key}`],
      ['id: tag-105', `id: ${key}x${key}\n    bindKey: ${key.slice(0, 8)}`],
      ['uuid: F7826DA6-4FA2-4E98-8024-BC5B71E0893E', `uuid: ${key}0`],
      ['"zigbee2mqtt/#"', `${key}#`],
      ['path: action', `path: "${key}."`],
    ] as const) {
      const told = mistakesOf({ ...BASE, site: edited(EVERY_INPUT, edit) });
      expect(told.some(({ severity }) => severity === 'error')).toBe(true);
      for (const { message, hint } of told) expect(`${message} ${hint}`).not.toContain(key);
    }
  });
});
