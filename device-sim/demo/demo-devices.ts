import { randomBytes } from 'node:crypto';

/**
 * One device of the demonstration site: its room, its input, and its lines of `site.yaml` after id,
 * input and location.
 */
export interface DemoDevice {
  readonly id: string;
  readonly input: string;
  readonly room: { readonly number: string; readonly name: string };
  readonly lines: readonly string[];
  /** True if the device has its own key in `keys.yaml`. */
  readonly hasKey?: true;
}

/** Rooms with wall nodes on the button bus. */
const WALL_NODES = [
  '101 Reception',
  '102 Office',
  '103 Library',
  '104 Classroom',
  '105 Classroom',
  '106 Cafeteria',
  '203 Chemistry',
] as const;

const TAG_ADDRESS = '54:48:E6:8F:80:A5';
/** A beacon whose only purpose is to be heard: it proves reception. */
export const BEACON_ADDRESS = 'C0:FF:EE:00:00:01';
const FOB_UUID = 'f7826da64fa24e988024bc5b71e0893e';
const BRIDGE_TOPIC = 'zigbee2mqtt/room-207';

/** Seven wall nodes on a serial line, and one device on each of the other wires. */
export function demoDevices(): readonly DemoDevice[] {
  return [...WALL_NODES.map(wallNode), ...others()].sort((a, b) => Number(a.room.number) - Number(b.room.number));
}

export function freshKey(): string {
  return randomBytes(16).toString('hex');
}

function wallNode(text: string, index: number): DemoDevice {
  const room = roomOf(text);
  const zone = Number(room.number);
  const lines = [
    `address: ${index + 1}`,
    'heartbeatSeconds: 30',
    'buttons:',
    `  - { id: button-1, number: 0, kind: intruder, zone: ${zone} }`,
    `  - { id: button-2, number: 1, kind: medical, zone: ${zone + 300} }`,
    'points:',
    `  - { id: door, number: 0, type: doorContact, zone: ${zone + 500} }`,
    `  - { id: bolt, number: 1, type: bolt, zone: ${zone + 600} }`,
  ];
  return { id: `wb-${room.number}`, input: 'bus-1', room, lines, hasKey: true };
}

function others(): readonly DemoDevice[] {
  const button = (zone: number, rest: string) => [
    'buttons:',
    `  - { id: button-1, kind: intruder, zone: ${zone}${rest} }`,
  ];
  const door = (zone: number, rest: string) => ['points:', `  - { id: door, type: doorContact, zone: ${zone}${rest} }`];
  return [
    {
      id: 'pull-201',
      input: 'header',
      room: roomOf('201 Classroom'),
      lines: [
        ...button(201, ', pin: GPIO17, contact: normallyOpen, pull: up'),
        ...door(701, ', pin: GPIO27, contact: normallyClosed, pull: up'),
      ],
    },
    {
      id: 'pull-202',
      input: 'header',
      room: roomOf('202 Classroom'),
      lines: button(202, ', pin: GPIO22, cutPin: GPIO23, contact: endOfLine'),
    },
    {
      id: 'loop-204',
      input: 'board-1',
      room: roomOf('204 Computer room'),
      lines: [...button(204, ', pin: A0, contact: doubleEndOfLine'), ...door(704, ', pin: 2, contact: normallyClosed')],
    },
    {
      id: 'module-205',
      input: 'modules',
      room: roomOf('205 Music'),
      lines: [
        'address: 1',
        ...button(205, ', pin: 0, contact: normallyOpen'),
        ...door(705, ', pin: 1, contact: normallyClosed'),
      ],
    },
    {
      id: 'tag-206',
      input: 'radio-1',
      room: roomOf('206 Staff room'),
      lines: [`address: "${TAG_ADDRESS}"`, 'heartbeatSeconds: 2', ...button(206, ', patterns: { long: medical }')],
      hasKey: true,
    },
    {
      id: 'zigbee-207',
      input: 'mqtt-1',
      room: roomOf('207 Art'),
      lines: [
        `topic: ${BRIDGE_TOPIC}`,
        `availability: { topic: ${BRIDGE_TOPIC}/availability, path: state, online: online, offline: offline }`,
        ...button(207, ', path: action, press: { single: single, double: double, long: long }'),
        ...door(707, ', path: contact, active: "false", normal: "true"'),
      ],
    },
    {
      id: 'fob-208',
      input: 'radio-1',
      room: roomOf('208 Caretaker'),
      lines: [
        `fob: { type: iBeacon, uuid: ${FOB_UUID}, major: 1, minor: 7 }`,
        'heartbeatSeconds: 0',
        ...button(208, ''),
      ],
    },
  ];
}

function roomOf(text: string): DemoDevice['room'] {
  return { number: text.slice(0, 3), name: text.slice(4) };
}
