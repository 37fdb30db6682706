import { describe, test } from 'vitest';
import { EVERY_INPUT, EVERY_KEY } from './every-input-fixture.ts';
import { type Case, checkCase } from './mistake-case.ts';

const BASE = { site: EVERY_INPUT, keys: EVERY_KEY };

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

describe('pins, loops, ports and outputs', () => {
  for (const one of WIRING) test(one.promise, () => checkCase(one, BASE));
});
