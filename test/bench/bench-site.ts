import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface BenchSite {
  readonly file: string;
  readonly serialLink: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
  /** Device ids `d1`…; the device with address n is `dn`. */
  readonly devices: readonly string[];
}

/** A site with 200 wall buttons on one line, one encrypted receiver, and the embedded broker. */
export function writeBenchSite(
  directory: string,
  receiverPort: number,
  mqttPort: number,
  connections: number,
): BenchSite {
  const devices = Array.from({ length: 200 }, (_, index) => `d${index + 1}`);
  const keys = new Map(devices.map((id) => [id, new Uint8Array(randomBytes(16))]));
  const serialLink = join(directory, 'bus-1');
  const file = join(directory, 'site.yaml');
  const rooms = devices.map((_, index) => `          - { number: "${index + 1}", name: Room }`).join('\n');
  const listed = devices.map(
    (id, index) => `  - id: ${id}
    input: bus-1
    address: ${index + 1}
    location: A/1/${index + 1}
    buttons: [{ id: button-1, number: 0, kind: intruder, zone: ${index + 1} }]`,
  );
  writeFileSync(
    file,
    `version: 1
gateway: bench
site: { name: Bench }
buildings:
  - id: A
    name: Building
    floors:
      - id: "1"
        name: Floor
        rooms:
${rooms}
inputs: [{ id: bus-1, driver: button-bus, port: ${serialLink}, baudRate: 115200 }]
devices:
${listed.join('\n')}
paths:
  - { id: central, driver: dc09-tcp, host: 127.0.0.1, port: ${receiverPort}, account: "1234", encrypted: true, connections: ${connections} }
mqtt: { broker: embedded, listen: "127.0.0.1:${mqttPort}", clients: [{ name: bench, role: viewer }] }
`,
  );
  const deviceKeys = [...keys].map(([id, key]) => `  ${id}: ${Buffer.from(key).toString('hex')}`).join('\n');
  const secrets = `devices:\n${deviceKeys}\npaths: { central: ${randomBytes(16).toString('hex')} }\nmqtt: { bench: "${randomBytes(12).toString('hex')}" }\n`;
  writeFileSync(join(directory, 'keys.yaml'), secrets, { mode: 0o600 });
  return { file, serialLink, keys, devices };
}
