import { describe, test } from 'vitest';
import { EVERY_INPUT, EVERY_KEY } from './every-input-fixture.ts';
import { type Case, checkCase } from './mistake-case.ts';

const BASE = { site: EVERY_INPUT, keys: EVERY_KEY };

const SPOKEN: readonly Case[] = [
  {
    promise: 'a Bluetooth device without address and fob is told',
    edits: [['    address: "54:48:e6:8f:80:a5"\n', '']],
    at: 'tag-105',
    says: 'neither an address nor a fob',
    hint: 'address: "54:48:E6:8F:80:A5"',
  },
  {
    promise: 'a device with both is told',
    edits: [['    fob:', '    address: "00:11:22:33:44:55"\n    fob:']],
    at: 'address: "00:11',
    says: 'address means nothing beside fob',
    hint: 'remove one of the two',
  },
  {
    promise: 'two devices with one address are told, whatever its letters',
    edits: [
      [
        'fob: { type: iBeacon, uuid: F7826DA6-4FA2-4E98-8024-BC5B71E0893E, major: 1, minor: 7 }',
        'address: "54:48:E6:8F:80:A5"',
      ],
    ],
    at: '"54:48:E6:8F:80:A5"',
    says: 'address 54:48:E6:8F:80:A5 is used already at site.yaml:',
    hint: 'of its own',
  },
  {
    promise: 'a fob is not supervised',
    edits: [['heartbeatSeconds: 0', 'heartbeatSeconds: 30']],
    at: '30\n    buttons',
    says: 'fob-106 is heard only while it is pressed',
    hint: 'heartbeatSeconds: 0',
  },
  {
    promise: 'a fob has one button',
    edits: [['zone: 106 }]', 'zone: 106 }, { id: other, kind: fire, zone: 106 }]']],
    at: 'fob-106',
    says: 'one button and no points',
    hint: 'list one button',
  },
  {
    promise: 'two doors of one BTHome device are told: on the air they are the same',
    edits: [['zone: 205 }]', 'zone: 205 }, { id: other, type: doorContact }]']],
    at: 'doorContact }]\n  - id: fob',
    says: 'a doorContact of tag-105 is used already',
    hint: 'one of a kind',
  },
  {
    promise: 'a device without any topic is told',
    edits: [['    topic: zigbee2mqtt/room-107\n', '']],
    at: 'z-107',
    says: 'topic is missing: z-107 has none for its button panic',
    hint: 'write topic:',
  },
  {
    promise: 'a device that would hear the gateway itself is told',
    edits: [['topic: zigbee2mqtt/room-107\n', 'topic: callpoint/v1/gw-1/dev/wb-101/event\n']],
    at: 'callpoint/v1/gw-1',
    says: 'the gateway says what stands under callpoint/v1/# itself',
    hint: "the device's own topic",
  },
  {
    promise: 'a point that says the same for open and closed is told',
    edits: [['normal: [true, shut]', 'normal: [shut, false]']],
    at: '[shut, false]',
    says: 'active and normal are the same text',
    hint: 'when it is normal',
  },
  {
    promise: 'an unknown kind of a way of pressing is told',
    edits: [['patterns: { hold: fire }', 'patterns: { hold: fier }']],
    at: 'fier',
    says: 'there is no kind of alert fier',
    hint: 'did you mean "fire"?',
  },
  {
    promise: 'a user name without a broker of the devices’ own is told',
    edits: [['driver: mqtt }', 'driver: mqtt, username: me }']],
    at: 'username',
    says: "username belongs to a broker of the devices' own",
    hint: 'broker: mqtts://',
  },
  {
    promise: "the devices' broker in clear text beyond this machine is refused",
    edits: [['driver: mqtt }', 'driver: mqtt, broker: "mqtt://10.0.0.9" }']],
    at: '"mqtt://10.0.0.9"',
    says: 'read and forged',
    hint: 'mqtts://10.0.0.9:8883',
  },
  {
    promise: "an authority of the devices' broker that does not exist is told",
    edits: [['driver: mqtt }', 'driver: mqtt, broker: "mqtts://10.0.0.9", ca: no.pem }']],
    at: 'no.pem',
    says: 'does not exist',
    hint: 'PEM file',
  },
  {
    promise: 'devices can not find a broker at a port nobody knows',
    edits: [['127.0.0.1:1883', '127.0.0.1:0']],
    at: 'mqtt-1, driver',
    says: "mqtt-1 can't find a broker that listens at port 0",
    hint: '127.0.0.1:1883',
  },
  {
    promise: 'a client of devices without topics is refused',
    edits: [[', topics: ["zigbee2mqtt/#"]', '']],
    at: 'device }]',
    says: 'zigbee2mqtt is a device and has no topics',
    hint: 'topics: ["zigbee2mqtt/#"]',
  },
  {
    promise: 'topics of a client that is no device are refused',
    edits: [['role: device', 'role: operator']],
    at: 'topics: [',
    says: 'only a device has topics',
    hint: 'role: device',
  },
  {
    promise: "devices never reach into the gateway's topics, by a wildcard neither",
    edits: [['"zigbee2mqtt/#"', '+/v1/#']],
    at: '+/v1/#',
    says: '+/v1/# reaches into callpoint/v1/#, where no device may speak',
    hint: 'zigbee2mqtt/#',
  },
  {
    promise: "the broker's own topics are refused",
    edits: [['"zigbee2mqtt/#"', '$SYS/#']],
    at: '$SYS/#',
    says: 'entry 1 of topics is "$SYS/#"',
    hint: 'zigbee2mqtt/#',
  },
  {
    promise: "nobody takes the name of the gateway's own account",
    edits: [['name: zigbee2mqtt', 'name: callpoint-inputs']],
    at: 'callpoint-inputs',
    says: "the gateway's own account",
    hint: 'another name',
  },
];

describe('devices that speak for themselves', () => {
  for (const one of SPOKEN) test(one.promise, () => checkCase(one, BASE));
});
