import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PressBook } from './press-book.ts';

export const FLOODER = 'flooder';

interface PressSiteOptions {
  /** Terminals of the lines. */
  readonly lines: readonly string[];
  readonly receiverPort: number;
  readonly mqttPort: number;
  /** Parallel connections to the receiver. */
  readonly connections: number;
}

/**
 * Writes a site with the devices of the book, one receiver without encryption, as the other
 * contestants have it, and the embedded broker. Returns its file; the keys are beside it.
 */
export function writePressSite(directory: string, book: PressBook, options: PressSiteOptions): string {
  const { lines, receiverPort, mqttPort, connections } = options;
  const file = join(directory, 'site.yaml');
  const mqttPassword = randomBytes(12).toString('hex');
  const rooms = book.devices.map((_, index) => `          - { number: "${index + 1}", name: Room }`);
  const inputs = lines.map(
    (path, line) => `  - { id: bus-${line}, driver: button-bus, port: ${path}, baudRate: 115200 }`,
  );
  const devices = book.devices.map(
    ({ id, line, address }, index) => `  - id: ${id}
    input: bus-${line}
    address: ${address}
    location: A/1/${index + 1}
    heartbeatSeconds: 3600
    buttons: [{ id: button-1, number: 0, kind: intruder, zone: ${address} }]`,
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
${rooms.join('\n')}
inputs:
${inputs.join('\n')}
devices:
${devices.join('\n')}
paths:
  - { id: central, driver: dc09-tcp, host: 127.0.0.1, port: ${receiverPort}, account: "1234", encrypted: false, connections: ${connections} }
mqtt:
  broker: embedded
  listen: "127.0.0.1:${mqttPort}"
  clients: [{ name: ${FLOODER}, role: device, topics: ["flood/#"] }]
`,
  );
  const keys = book.devices.map(({ id, key }) => `  ${id}: ${Buffer.from(key).toString('hex')}`);
  const secrets = `devices:\n${keys.join('\n')}\nmqtt: { ${FLOODER}: "${mqttPassword}" }\n`;
  writeFileSync(join(directory, 'keys.yaml'), secrets, { mode: 0o600 });
  return file;
}
