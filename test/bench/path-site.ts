import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../device-sim/demo/free-port.ts';

/** A path of the bench: its fields in `site.yaml`, and how it is measured. */
export interface BenchPath {
  readonly id: string;
  readonly driver: string;
  /** Name in the table. */
  readonly name: string;
  /**
   * Its own fields in YAML flow style. `at` is a path for a serial port; `ca` is the authority of
   * all far ends on TLS.
   */
  readonly fields: (means: PathMeans) => string;
  readonly secret?: 'key' | 'text';
  /** True if handing over is its best outcome: no receiver confirms. */
  readonly handsOver?: true;
  /** Ms between two presses, if a shared channel limits them. Default 250. */
  readonly everyMs?: number;
}

interface PathMeans {
  readonly port: number;
  readonly at: string;
  readonly ca: string;
}

export interface PathSite {
  readonly file: string;
  readonly serialLink: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
  /** Device ids `d1`…; the device with address n is `dn`. */
  readonly devices: readonly string[];
  readonly data: string;
  readonly mqttPort: number;
  readonly mqttPassword: string;
  /** Certificate and key of far ends on TLS. */
  readonly tls: { readonly certificate: string; readonly key: string };
}

export const GATEWAY = 'bench';
export const MQTT_USER = 'bench';
const DEVICES = 20;

const fixture = (name: string) => fileURLToPath(new URL(`../integration/fixtures/${name}`, import.meta.url));

/**
 * A site with twenty wall buttons on one line, these paths in this order, and the embedded broker.
 */
export async function writePathSite(directory: string, paths: readonly BenchPath[]): Promise<PathSite> {
  const devices = Array.from({ length: DEVICES }, (_, index) => `d${index + 1}`);
  const keys = new Map(devices.map((id) => [id, new Uint8Array(randomBytes(16))]));
  const serialLink = join(directory, 'bus-1');
  const file = join(directory, 'site.yaml');
  const mqttPort = await freePort();
  const mqttPassword = randomBytes(12).toString('hex');
  const written: string[] = [];
  for (const { id, driver, fields } of paths) {
    const means = { port: await freePort(), at: join(directory, `port-${id}`), ca: fixture('https-ca.pem') };
    written.push(`  - { id: ${id}, driver: ${driver}, ${fields(means)} }`);
  }
  const rooms = devices.map((_, index) => `{ number: "${index + 1}", name: Room }`);
  writeFileSync(
    file,
    `version: 1
gateway: ${GATEWAY}
site: { name: Bench }
buildings: [{ id: A, name: Building, floors: [{ id: "1", name: Floor, rooms: [${rooms.join(', ')}] }] }]
inputs: [{ id: bus-1, driver: button-bus, port: ${serialLink}, baudRate: 115200 }]
devices:
${devices.map(deviceLine).join('\n')}
paths:
${written.join('\n')}
${planLines(paths)}mqtt: { broker: embedded, listen: "127.0.0.1:${mqttPort}", clients: [{ name: ${MQTT_USER}, role: viewer }] }
`,
  );
  writeFileSync(join(directory, 'keys.yaml'), keyLines(keys, paths, mqttPassword), { mode: 0o600 });
  const tls = {
    certificate: readFileSync(fixture('https-server.cert.pem'), 'utf8'),
    key: readFileSync(fixture('https-server.key.pem'), 'utf8'),
  };
  return { file, serialLink, keys, devices, data: join(directory, 'data'), mqttPort, mqttPassword, tls };
}

/** Returns the number of the room that a device is in. */
export function roomOf(device: string): string {
  return device.slice(1);
}

/** The rig's devices are silent between presses: an hour is longer than any run. */
function deviceLine(id: string): string {
  const room = roomOf(id);
  const button = `{ id: button-1, number: 0, kind: intruder, zone: ${room} }`;
  return `  - { id: ${id}, input: bus-1, address: ${room}, location: A/1/${room}, heartbeatSeconds: 3600, buttons: [${button}] }`;
}

/** Without a plan, an alert goes over every path in order. */
function planLines(paths: readonly BenchPath[]): string {
  if (!paths.every(({ handsOver }) => handsOver)) return '';
  return `plan: [{ kinds: [all], start: [${paths.map(({ id }) => id).join(', ')}], done: handedOver }]\n`;
}

function keyLines(devices: ReadonlyMap<string, Uint8Array>, paths: readonly BenchPath[], password: string): string {
  const ofDevices = [...devices].map(([id, key]) => `  ${id}: ${Buffer.from(key).toString('hex')}`);
  const ofPaths = paths.flatMap(({ id, secret }) => {
    return secret === undefined ? [] : [`${id}: ${randomBytes(secret === 'key' ? 16 : 24).toString('hex')}`];
  });
  return `devices:\n${ofDevices.join('\n')}\npaths: { ${ofPaths.join(', ')} }\nmqtt: { ${MQTT_USER}: "${password}" }\n`;
}
