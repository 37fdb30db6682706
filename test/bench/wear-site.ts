import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../device-sim/demo/free-port.ts';

const LINE_DEVICES_MAX = 120;

/**
 * Writes a site of wall nodes with a button and a door contact each, one receiver and the embedded
 * broker. Everything else is as it is when nothing is set. Returns its file; the keys are beside
 * it.
 */
export async function writeWearSite(directory: string, devices: number): Promise<string> {
  const lines = Array.from({ length: Math.ceil(devices / LINE_DEVICES_MAX) }, (_, line) => `bus-${line + 1}`);
  const zones = Array.from({ length: devices }, (_, at) => at + 1);
  const address = (zone: number) => ((zone - 1) % LINE_DEVICES_MAX) + 1;
  const line = (zone: number) => lines[Math.floor((zone - 1) / LINE_DEVICES_MAX)];
  const file = join(directory, 'site.yaml');
  writeFileSync(
    file,
    `version: 1
gateway: wear
site: { name: Wear }
buildings:
  - { id: A, name: Building, floors: [{ id: "1", name: Floor, rooms: [${zones.map((zone) => `{ number: "${zone}", name: Room }`).join(', ')}] }] }
inputs:
${lines.map((id) => `  - { id: ${id}, driver: button-bus, port: ${join(directory, id)}, baudRate: 115200 }`).join('\n')}
devices:
${zones.map((zone) => `  - { id: wb-${zone}, input: ${line(zone)}, address: ${address(zone)}, location: A/1/${zone}, buttons: [{ id: button-1, number: 0, kind: medical, zone: ${zone} }], points: [{ id: door, number: 0, type: doorContact }] }`).join('\n')}
paths:
  - { id: central, driver: dc09-tcp, host: 127.0.0.1, port: ${await freePort()}, account: "1234", encrypted: true }
mqtt:
  broker: embedded
  listen: 127.0.0.1:${await freePort()}
  clients: [{ name: console, role: operator }]
`,
  );
  const keys = zones.map((zone) => `  wb-${zone}: "${randomBytes(16).toString('hex')}"`);
  const own = `paths: { central: "${randomBytes(16).toString('hex')}" }\nmqtt: { console: "${randomBytes(12).toString('hex')}" }\n`;
  writeFileSync(join(directory, 'keys.yaml'), `devices:\n${keys.join('\n')}\n${own}`, { mode: 0o600 });
  return file;
}
