import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { BEACON_ADDRESS, type DemoDevice, demoDevices, freshKey } from './demo-devices.ts';
import { type DemoPath, type DemoPaths, receiverOnly } from './demo-paths.ts';

interface DemoSite {
  readonly site: string;
  readonly keys: string;
  readonly mqttPassword: string;
}

interface DemoPorts {
  /** Directory of the serial ports, the GPIO chip and the radio. */
  readonly directory: string;
  readonly mqttPort: number;
  readonly receiverPort: number;
  /** How many times as long as usual the gateway waits for acknowledgements. Default: 1. */
  readonly patience?: number;
}

export const MQTT_USER = 'console';
const BRIDGE_USER = 'bridge';

/** The gateway's own, where a site says nothing. */
const NEXT_PATH_SECONDS = 3;
const NOT_CONFIRMED_SECONDS = 10;

const FLOORS = [
  { id: '1', name: 'First floor' },
  { id: '2', name: 'Second floor' },
] as const;

/**
 * One building with two floors and fifteen rooms, a device in each room, and every kind of input.
 * @param ways default: the receiver alone
 */
export function demoSite(ports: DemoPorts, ways: DemoPaths = receiverOnly(ports.receiverPort)): DemoSite {
  const devices = demoDevices();
  const mqttPassword = randomBytes(12).toString('base64url');
  const site = `version: 1
gateway: demo
site: { name: Northfield School }
buildings:
  - id: A
    name: Main building
    floors:
${FLOORS.map((floor) => floorLines(floor, devices)).join('\n')}
inputs:
${inputLines(ports.directory)}
outputs:
  - { id: trouble-relay, input: header, pin: GPIO5, type: relay, shows: trouble }
  - { id: strobe, input: header, pin: GPIO6, type: relay, shows: alarm }
  - { id: office-led, input: board-1, pin: 13, type: led, shows: notConfirmed, silentKinds: true }
devices:
${devices.map(deviceLines).join('\n')}
paths:
${ways.paths.map(pathLines).join('\n')}
${planLines(ways)}${deadlineLines(ports.patience)}mqtt:
  broker: embedded
  listen: 127.0.0.1:${ports.mqttPort}
  clients:
    - { name: ${MQTT_USER}, role: operator }
    - { name: ${BRIDGE_USER}, role: device, topics: ["zigbee2mqtt/#"] }
`;
  const keys = `devices:
${devices.flatMap(({ id, hasKey }) => (hasKey ? [`  ${id}: "${freshKey()}"`] : [])).join('\n')}
paths:
${ways.paths.flatMap(({ id, secret }) => (secret === undefined ? [] : [`  ${id}: "${secret}"`])).join('\n')}
mqtt:
  ${MQTT_USER}: "${mqttPassword}"
  ${BRIDGE_USER}: "${randomBytes(18).toString('base64url')}"
`;
  return { site, keys, mqttPassword };
}

function inputLines(directory: string): string {
  const at = (name: string) => join(directory, name);
  return [
    `{ id: bus-1, driver: button-bus, port: ${at('bus-1')}, baudRate: 115200 }`,
    `{ id: header, driver: gpio, chip: ${at('gpiochip0')} }`,
    `{ id: board-1, driver: firmata, port: ${at('board-1')} }`,
    `{ id: modules, driver: modbus, port: ${at('modules')}, baudRate: 38400, answerMilliseconds: 200 }`,
    `{ id: radio-1, driver: ble, adapters: [${at('radio-1')}], beacons: ["${BEACON_ADDRESS}"] }`,
    '{ id: mqtt-1, driver: mqtt }',
  ]
    .map((input) => `  - ${input}`)
    .join('\n');
}

function floorLines({ id, name }: (typeof FLOORS)[number], devices: readonly DemoDevice[]): string {
  const rooms = devices.map(({ room }) => room).filter(({ number }) => number.startsWith(id));
  return `      - id: "${id}"
        name: ${name}
        rooms:
${rooms.map((room) => `          - { number: "${room.number}", name: ${room.name} }`).join('\n')}`;
}

function deviceLines({ id, input, room, lines }: DemoDevice): string {
  const [floor] = room.number;
  return [`  - id: ${id}`, `input: ${input}`, `location: A/${floor}/${room.number}`, ...lines].join('\n    ');
}

function pathLines({ id, driver, lines }: DemoPath): string {
  return [`  - id: ${id}`, `driver: ${driver}`, ...lines].join('\n    ');
}

function deadlineLines(patience = 1): string {
  if (patience === 1) return '';
  return `deadlines: { nextPathSeconds: ${NEXT_PATH_SECONDS * patience}, notConfirmedSeconds: ${NOT_CONFIRMED_SECONDS * patience} }\n`;
}

function planLines({ plan }: DemoPaths): string {
  return plan.length === 0 ? '' : ['plan:', ...plan.map((line) => `  ${line}`), ''].join('\n');
}
