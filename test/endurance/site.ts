import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../device-sim/demo/free-port.ts';

export const GATEWAY = 'endurance';
/** User that resolves, cancels and starts drills, and hears everything. */
export const OPERATOR = 'office';
/** User of the staff display that sometimes freezes. */
export const DISPLAY = 'hall';
export const LINES = ['bus-1', 'bus-2'] as const;
export const RADIO = 'radio-1';
/** Receivers that acknowledge each report by its id. */
export const RECEIVERS = ['centre', 'hook', 'backup'] as const;
export const PAGER = 'pager';
/**
 * Smallest limit that a site may set (MiB). The journal reaches it within the hour and has to stay
 * below it.
 */
export const RETAIN_MB = 16;
/** Default interval of the wall nodes. */
const NODE_HEARTBEAT_SECONDS = 30;
const TAG_HEARTBEAT_SECONDS = 10;

const NODES_A_LINE = 125;
const MQTT_DEVICES = 50;
const TAGS = 6;

export interface EnduranceSite {
  readonly file: string;
  readonly data: string;
  readonly mqttPort: number;
  /** Passwords by user. */
  readonly passwords: ReadonlyMap<string, string>;
  readonly nodes: readonly string[];
  /** Each has an account of its own name and publishes under `home/<id>`. */
  readonly mqttDevices: readonly string[];
  readonly tags: readonly string[];
  /** Certificate and key of far ends on TLS. */
  readonly tls: { readonly certificate: string; readonly key: string };
}

interface Device {
  readonly id: string;
  readonly building: string;
  readonly zone: number;
  /** Fields after id and location, in YAML flow style. */
  readonly fields: string;
  readonly button: string;
}

type Ports = Readonly<Record<'mqtt' | 'centre' | 'backup' | 'hook' | 'pager', number>>;

const fixture = (name: string) => fileURLToPath(new URL(`../integration/fixtures/${name}`, import.meta.url));

/**
 * 250 wall nodes on two lines, 50 MQTT devices with accounts of their own, six Bluetooth tags; four
 * paths.
 */
export async function writeEnduranceSite(directory: string): Promise<EnduranceSite> {
  const nodes = LINES.flatMap((line, index) => nodesOf(line, index));
  const mqttDevices = Array.from({ length: MQTT_DEVICES }, (_, index) => mqttDevice(index));
  const tags = Array.from({ length: TAGS }, (_, index) => tag(index));
  const devices = [...nodes, ...mqttDevices, ...tags];
  const users = [OPERATOR, DISPLAY, ...mqttDevices.map(({ id }) => id)];
  const passwords = new Map(users.map((user) => [user, randomBytes(12).toString('hex')]));
  const ports = { mqtt: await freePort(), centre: await freePort(), backup: await freePort() };
  const more = { hook: await freePort(), pager: await freePort() };
  const file = join(directory, 'site.yaml');
  writeFileSync(file, siteText(directory, devices, { ...ports, ...more }));
  const keyed = [...nodes, ...tags].map(({ id }) => id);
  writeFileSync(join(directory, 'keys.yaml'), keysText(keyed, passwords), { mode: 0o600 });
  const ids = (some: readonly Device[]) => some.map(({ id }) => id);
  return {
    ...{ file, data: join(directory, 'data'), mqttPort: ports.mqtt, passwords },
    ...{ nodes: ids(nodes), mqttDevices: ids(mqttDevices), tags: ids(tags) },
    tls: {
      certificate: readFileSync(fixture('https-server.cert.pem'), 'utf8'),
      key: readFileSync(fixture('https-server.key.pem'), 'utf8'),
    },
  };
}

function nodesOf(line: string, index: number): Device[] {
  return Array.from({ length: NODES_A_LINE }, (_, place) => {
    const zone = index * NODES_A_LINE + place + 1;
    const fields = `input: ${line}, address: ${place + 1}, heartbeatSeconds: ${NODE_HEARTBEAT_SECONDS}, points: [{ id: door, number: 0, type: doorContact }]`;
    return { id: `wb-${zone}`, building: 'AB'[index] ?? 'A', zone, fields, button: 'number: 0' };
  });
}

function mqttDevice(index: number): Device {
  const id = `z-${index + 1}`;
  const topic = `home/${id}`;
  const fields = `input: mqtt-1, topic: ${topic}, availability: { topic: ${topic}/availability, path: state, online: online, offline: offline }, battery: { path: battery }`;
  return { id, building: 'C', zone: 401 + index, fields, button: 'path: action, press: { single: single }' };
}

function tag(index: number): Device {
  const fields = `input: ${RADIO}, address: "54:48:E6:00:00:0${index}", heartbeatSeconds: ${TAG_HEARTBEAT_SECONDS}`;
  return { id: `tag-${index + 1}`, building: 'C', zone: 501 + index, fields, button: 'number: 0' };
}

/** Half of them raise a kind of alert that lists doors, half one that does not. */
function deviceLine({ id, building, zone, fields, button }: Device): string {
  const kind = zone % 2 === 0 ? 'intruder' : 'medical';
  return `  - { id: ${id}, location: ${building}/1/${zone}, ${fields}, buttons: [{ id: button-1, kind: ${kind}, zone: ${zone}, ${button} }] }`;
}

function buildingLine(id: string, devices: readonly Device[]): string {
  const rooms = devices
    .filter(({ building }) => building === id)
    .map(({ zone }) => `{ number: "${zone}", name: Room }`);
  return `  - { id: ${id}, name: Building ${id}, floors: [{ id: "1", name: Floor, rooms: [${rooms.join(', ')}] }] }`;
}

function siteText(directory: string, devices: readonly Device[], ports: Ports): string {
  const mqttUsers = devices.filter(({ id }) => id.startsWith('z-'));
  const accounts = mqttUsers.map(({ id }) => `    - { name: ${id}, role: device, topics: ["home/${id}/#"] }`);
  const lines = LINES.map(
    (id) => `  - { id: ${id}, driver: button-bus, port: ${join(directory, id)}, baudRate: 115200 }`,
  );
  const supervision = 'supervision: { intervalSeconds: 10 }';
  return `version: 1
gateway: ${GATEWAY}
site: { name: Endurance }
buildings:
${['A', 'B', 'C'].map((id) => buildingLine(id, devices)).join('\n')}
inputs:
${lines.join('\n')}
  - { id: ${RADIO}, driver: ble, adapters: [${join(directory, RADIO)}], silenceSeconds: 30 }
  - { id: mqtt-1, driver: mqtt }
devices:
${devices.map(deviceLine).join('\n')}
paths:
  - { id: centre, driver: dc09-tcp, host: 127.0.0.1, port: ${ports.centre}, account: "1111", encrypted: true, connections: 4, ${supervision} }
  - { id: hook, driver: webhook, url: "https://127.0.0.1:${ports.hook}/alerts", tls: { ca: ${fixture('https-ca.pem')} } }
  - { id: backup, driver: dc09-udp, host: 127.0.0.1, port: ${ports.backup}, account: "2222", encrypted: true, ${supervision} }
  - { id: ${PAGER}, driver: snpp, host: 127.0.0.1, port: ${ports.pager}, pagers: [5551212] }
plan:
  - { kinds: [all], start: [centre, hook], join: [{ path: backup, afterSeconds: 3 }, { path: ${PAGER}, afterSeconds: 3 }] }
mqtt:
  broker: embedded
  listen: 127.0.0.1:${ports.mqtt}
  clients:
    - { name: ${OPERATOR}, role: operator }
    - { name: ${DISPLAY}, role: viewer }
${accounts.join('\n')}
journal: { retainMegabytes: ${RETAIN_MB} }
`;
}

function keysText(devices: readonly string[], passwords: ReadonlyMap<string, string>): string {
  const hex = (bytes: number) => randomBytes(bytes).toString('hex');
  return `devices:
${devices.map((id) => `  ${id}: "${hex(16)}"`).join('\n')}
paths: { centre: "${hex(32)}", backup: "${hex(16)}", hook: "${hex(24)}" }
mqtt:
${[...passwords].map(([user, password]) => `  ${user}: "${password}"`).join('\n')}
`;
}
