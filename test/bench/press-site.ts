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

/** A building for each line, because zones end at 999. */
function building(book: PressBook, line: number): string {
  const rooms = book.devices.filter((device) => device.line === line).map(({ address }) => address);
  const numbers = rooms.map((room) => `{ number: "${room}", name: Room }`);
  return `  - { id: B${line}, name: Building, area: ${line + 1}, floors: [{ id: "1", name: Floor, rooms: [${numbers.join(', ')}] }] }`;
}

function deviceLine({ id, line, address }: PressBook['devices'][number]): string {
  return `  - id: ${id}
    input: bus-${line}
    address: ${address}
    location: B${line}/1/${address}
    heartbeatSeconds: 3600
    buttons: [{ id: button-1, number: 0, kind: intruder, zone: ${address} }]`;
}

/**
 * Writes a site with the devices of the book, one receiver without encryption, as the other
 * contestants have it, and the embedded broker. Returns its file; the keys are beside it.
 */
export function writePressSite(directory: string, book: PressBook, options: PressSiteOptions): string {
  const { lines, receiverPort, mqttPort, connections } = options;
  const file = join(directory, 'site.yaml');
  const mqttPassword = randomBytes(12).toString('hex');
  const inputs = lines.map(
    (path, line) => `  - { id: bus-${line}, driver: button-bus, port: ${path}, baudRate: 115200 }`,
  );
  writeFileSync(
    file,
    `version: 1
gateway: bench
site: { name: Bench }
buildings:
${lines.map((_, line) => building(book, line)).join('\n')}
inputs:
${inputs.join('\n')}
devices:
${book.devices.map(deviceLine).join('\n')}
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
