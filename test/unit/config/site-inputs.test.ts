import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EVERY_INPUT, EVERY_KEY, EVERY_SECRET } from './every-input-fixture.ts';
import { type Case, checkCase } from './mistake-case.ts';
import { edited, mistakesOf } from './site-fixture.ts';

const BASE = { site: EVERY_INPUT, keys: EVERY_KEY };

const FIELDS: readonly Case[] = [
  {
    promise: 'a wired button without a pin is told with its input',
    edits: [['pin: 22, ', '']],
    at: '{ id: panic, kind: intruder, zone: 102',
    says: 'pin is missing: pull-102 is on gpio input header',
    hint: 'such as GPIO17',
  },
  {
    promise: 'a wired button must say how it is wired',
    edits: [[', contact: doubleEndOfLine', '']],
    at: '{ id: panic, kind: hold-up',
    says: 'contact is missing: loop-103 is on firmata input board-1',
    hint: 'normallyOpen, normallyClosed, endOfLine, doubleEndOfLine',
  },
  {
    promise: 'a module without an address is told with its input',
    edits: [['    address: 3\n', '']],
    at: 'id: module-104',
    says: 'address is missing: module-104 is on modbus input modules',
    hint: 'from 1 to 247',
  },
  {
    promise: "a node's button must say its number",
    edits: [['number: 0, ', '']],
    at: '{ id: panic, kind: intruder, zone: 101',
    says: 'number is missing: wb-101 is on button-bus input bus-1',
    hint: 'from 0 to 15',
  },
  {
    promise: 'a button that speaks MQTT must say what a press is',
    edits: [[', press: { single: single, hold: long }', '']],
    at: '{ id: panic, kind: intruder, zone: 107',
    says: 'press is missing: z-107 is on mqtt input mqtt-1',
    hint: '{ single: single, hold: long }',
  },
  {
    promise: 'a pin of a device that has none is told with its input',
    edits: [['zone: 101 }', 'zone: 101, pin: GPIO4 }']],
    at: 'pin: GPIO4',
    says: '"pin" means nothing here: wb-101 is on button-bus input bus-1',
    hint: 'remove it',
  },
  {
    promise: 'an address of a device that has none is told with its input',
    edits: [['input: header\n    location', 'input: header\n    address: 9\n    location']],
    at: 'address: 9',
    says: '"address" means nothing here: pull-102 is on gpio input header',
    hint: 'remove it',
  },
  {
    promise: 'a way of pressing is refused where the wire tells none',
    edits: [['zone: 104, ', 'zone: 104, longPress: fire, ']],
    at: 'longPress: fire',
    says: '"longPress" means nothing here: module-104 is on modbus input modules',
    hint: 'remove it',
  },
  {
    promise: 'a misspelt field of one driver is told with the right one',
    edits: [['address: 3', 'adress: 3']],
    at: 'adress',
    says: '"adress" is not known here',
    hint: 'did you mean "address"?',
  },
  {
    promise: "another driver's field of an input is refused with what there is",
    edits: [['chip: pinctrl-rp1', 'baudRate: 9600']],
    at: 'baudRate: 9600',
    says: '"baudRate" is not known here',
    hint: 'id, driver, chip, rereadSeconds',
  },
  {
    promise: 'an unknown input driver is told with the right one',
    edits: [['driver: firmata', 'driver: firmatta']],
    at: 'firmatta',
    says: 'driver is "firmatta"',
    hint: 'did you mean firmata?',
  },
  {
    promise: 'an input without a driver is told',
    edits: [['driver: firmata, ', '']],
    at: '{ id: board-1, port',
    says: 'driver is missing',
    hint: 'button-bus, gpio, firmata, modbus, ble, mqtt',
  },
  {
    promise: 'a module address beyond 247 is refused',
    edits: [['address: 3', 'address: 248']],
    at: '248',
    says: 'address is 248',
    hint: 'from 1 to 247',
  },
  {
    promise: 'a Bluetooth address with dashes is refused',
    edits: [['"54:48:e6:8f:80:a5"', '"54-48-e6-8f-80-a5"']],
    at: '"54-48-e6-8f-80-a5"',
    says: 'address is "54-48-e6-8f-80-a5"',
    hint: '"54:48:E6:8F:80:A5"',
  },
  {
    promise: 'a line that is no line of a header is refused',
    edits: [['pin: 22', 'pin: D22']],
    at: 'D22',
    says: 'pin is "D22"',
    hint: 'such as GPIO22',
  },
  {
    promise: 'a pin no board has is refused',
    edits: [['pin: a0', 'pin: B0']],
    at: 'B0',
    says: 'pin is "B0"',
    hint: 'digital 2, analogue A0',
  },
  {
    promise: 'an input beyond 1999 of a module is refused',
    edits: [['pin: 0, contact', 'pin: 2000, contact']],
    at: '2000',
    says: 'pin is 2000',
    hint: 'from 0',
  },
  {
    promise: 'a device with wires is never unsupervised',
    edits: [['address: 3\n', 'address: 3\n    heartbeatSeconds: 0\n']],
    at: '0\n    location: A/1/104',
    says: 'heartbeatSeconds is 0',
    hint: 'from 1 to 3600',
  },
  {
    promise: 'a sparse heartbeat is 0 or at least a second',
    edits: [['heartbeatSeconds: 60', 'heartbeatSeconds: 0.5']],
    at: '0.5\n',
    says: 'heartbeatSeconds is 0.5',
    hint: '0, or a number from 1 to 86400',
  },
  {
    promise: 'three stop bits are refused',
    edits: [['port: /dev/full', 'port: /dev/full, stopBits: 3']],
    at: '3 }\n  - { id: radio-1',
    says: 'stopBits is 3',
    hint: '1 or 2',
  },
  {
    promise: 'a radio that is neither the kernel’s nor a port is refused',
    edits: [['[/dev/random]', '[ttyUSB0]']],
    at: 'ttyUSB0',
    says: 'entry 1 of adapters is "ttyUSB0"',
    hint: 'hci0',
  },
  {
    promise: 'a fob of an unknown type is told with the two there are',
    edits: [['type: iBeacon', 'type: beacon']],
    at: 'beacon, uuid',
    says: 'type is "beacon"',
    hint: '{ type: eddystone',
  },
  {
    promise: 'a UUID that is too short is refused',
    edits: [['-BC5B71E0893E', '-BC5B']],
    at: 'F7826DA6',
    says: 'uuid is',
    hint: '32 hex digits',
  },
  {
    promise: 'an unknown way of pressing is told with the right one',
    edits: [['patterns: { hold: fire }', 'patterns: { hodl: fire }']],
    at: 'hodl',
    says: '"hodl" is not known here',
    hint: 'did you mean "hold"?',
  },
  {
    promise: 'an unknown way of pressing in what a device says is told with the right one',
    edits: [['hold: long }', 'hold: lnog }']],
    at: 'lnog',
    says: 'hold is "lnog"',
    hint: 'did you mean long?',
  },
  {
    promise: 'a button that nothing presses is refused',
    edits: [['press: { single: single, hold: long }', 'press: {}']],
    at: '{} }]',
    says: 'press is a mapping',
    hint: 'what the device says',
  },
  {
    promise: 'a topic with a wildcard is refused',
    edits: [['topic: zigbee2mqtt/room-107\n', 'topic: zigbee2mqtt/+\n']],
    at: 'zigbee2mqtt/+',
    says: 'topic is "zigbee2mqtt/+"',
    hint: 'without + and #',
  },
  {
    promise: 'an unknown thing to show is told with the right one',
    edits: [['shows: trouble', 'shows: truble']],
    at: 'truble',
    says: 'shows is "truble"',
    hint: 'did you mean trouble?',
  },
];

const WIRING: readonly Case[] = [
  {
    promise: 'two contacts on one line are told with both places, however it is written',
    edits: [['pin: GPIO27', 'pin: 22']],
    at: '22, cutPin: GPIO26',
    says: 'pin GPIO22 is used already at site.yaml:30',
    hint: 'give each its own',
  },
  {
    promise: "an output on a contact's line is told",
    edits: [['pin: GPIO5', 'pin: GPIO23']],
    at: 'GPIO23',
    says: 'pin GPIO23 is used already at site.yaml:',
    hint: 'give each its own',
  },
  {
    promise: 'two names of one line are one line',
    edits: [
      ['pin: GPIO5', 'pin: SDA1'],
      ['pin: 6, type', 'pin: 2, type'],
    ],
    at: '2, type: relay',
    says: 'pin GPIO2 is used already at site.yaml:',
    hint: 'give each its own',
  },
  {
    promise: 'two contacts on one pin of a board are told',
    edits: [['pin: 2,', 'pin: A00,']],
    at: 'A00',
    says: 'pin A0 is used already at site.yaml:',
    hint: 'give each its own',
  },
  {
    promise: 'two contacts on one input of a module are told',
    edits: [['pin: 1,', 'pin: 0,']],
    at: '0, contact: normallyClosed',
    says: 'pin 0 is used already at site.yaml:',
    hint: 'give each its own',
  },
  {
    promise: 'two modules with one address are told',
    edits: [
      ['input: header\n    location: A/1/102', 'input: modules\n    address: 3\n    location: A/1/102'],
      ['pin: 22, cutPin: gpio23, contact: endOfLine', 'pin: 0, contact: normallyOpen'],
      ['pin: GPIO27, cutPin: GPIO26, contact: endOfLine, pull: down', 'pin: 1, contact: normallyOpen'],
    ],
    at: '3\n    location: A/1/104',
    says: 'address 3 on modules is used already at site.yaml:',
    hint: 'a module is one device',
  },
  {
    promise: 'an end-of-line contact on the header needs a second line',
    edits: [[', cutPin: gpio23', '']],
    at: 'endOfLine }\n    points',
    says: 'button panic of pull-102: endOfLine needs a second line',
    hint: 'cutPin: GPIO23',
  },
  {
    promise: 'a second line without an end of line is told',
    edits: [['cutPin: gpio23, contact: endOfLine', 'cutPin: gpio23, contact: normallyOpen']],
    at: 'gpio23',
    says: 'only endOfLine has a cutPin',
    hint: 'contact: endOfLine',
  },
  {
    promise: 'the header measures nothing',
    edits: [['contact: endOfLine, pull: down', 'contact: doubleEndOfLine, pull: down']],
    at: 'doubleEndOfLine, pull',
    says: 'point door of pull-102: the header has no analogue inputs',
    hint: 'firmata',
  },
  {
    promise: 'a loop on a digital pin of a board is told',
    edits: [['pin: a0', 'pin: 3']],
    at: '3, contact: doubleEndOfLine',
    says: 'doubleEndOfLine is measured, and pin 3 is digital',
    hint: 'A0',
  },
  {
    promise: 'a loop has its resistor outside',
    edits: [['contact: doubleEndOfLine', 'contact: doubleEndOfLine, pull: up']],
    at: 'up }',
    says: 'has its resistor outside',
    hint: 'remove pull',
  },
  {
    promise: 'a module reads one bit',
    edits: [['pin: 0, contact: normallyOpen', 'pin: 0, contact: endOfLine']],
    at: 'endOfLine, minimum',
    says: "one bit, which can't tell the states of endOfLine",
    hint: 'normallyOpen or normallyClosed',
  },
  {
    promise: 'a heartbeat faster than the lines are read is refused',
    edits: [['location: A/1/102', 'location: A/1/102\n    heartbeatSeconds: 5']],
    at: '5\n    buttons',
    says: 'header reads its lines anew every 10 s only',
    hint: 'write 10 or more',
  },
  {
    promise: 'one port for two inputs of different drivers is told',
    edits: [['[/dev/random]', '[/dev/full]']],
    at: '/dev/full], beacons',
    says: 'this port is used already at site.yaml:13',
    hint: 'steal bytes',
  },
  {
    promise: 'a controller on a USB port by its number is refused',
    edits: [['[/dev/random]', '[/dev/ttyACM0]']],
    at: '/dev/ttyACM0',
    says: 'may be another port after a restart',
    hint: '/dev/serial/by-id/',
  },
  {
    promise: 'a radio twice is told',
    edits: [['[/dev/random]', '[hci3, "hci3"]']],
    at: '"hci3"',
    says: 'this radio is used already at site.yaml:14',
    hint: 'once',
  },
  {
    promise: 'two controllers whose names end alike are told',
    edits: [['[/dev/random]', '[/dev/random, /proc/self/root/dev/random]']],
    at: '/proc/self',
    says: '/dev/random and /proc/self/root/dev/random end in the same name',
    hint: 'health',
  },
  {
    promise: 'an output on an input without outputs is told',
    edits: [['input: header, pin: GPIO5', 'input: modules, pin: GPIO5']],
    at: 'modules, pin: GPIO5',
    says: 'modules is a modbus input, which has no outputs',
    hint: 'write one of: header, board-1',
  },
  {
    promise: 'an output on an input there is not is told with the nearest',
    edits: [['input: header, pin: GPIO5', 'input: heeder, pin: GPIO5']],
    at: 'heeder',
    says: 'there is no input heeder',
    hint: 'did you mean "header"?',
  },
  {
    promise: 'two outputs with one name are told',
    edits: [['id: strobe', 'id: trouble-relay']],
    at: 'trouble-relay, input: header, pin: 6',
    says: 'output trouble-relay is used already at site.yaml:17',
    hint: 'a name of its own',
  },
];

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
    says: 'tag-105 say nothing between presses: an empty battery is not noticed',
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

describe('the fields each driver has', () => {
  for (const one of FIELDS) test(one.promise, () => checkCase(one, BASE));
});

describe('pins, loops, ports and outputs', () => {
  for (const one of WIRING) test(one.promise, () => checkCase(one, BASE));
});

describe('devices that speak for themselves', () => {
  for (const one of SPOKEN) test(one.promise, () => checkCase(one, BASE));
});

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
