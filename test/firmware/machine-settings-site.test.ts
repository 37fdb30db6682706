import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { machineSettings } from '../../device-sim/firmware/machine-settings.ts';
import { NANO } from '../../device-sim/firmware/node-pins.ts';
import { readSite } from '../../device-sim/site/site-file.ts';
import { siteNode } from '../../gateway/cli/node/site-node.ts';

const directory = mkdtempSync(join(tmpdir(), 'callpoint-settings-'));
afterAll(() => rmSync(directory, { recursive: true }));
const config = join(directory, 'site.yaml');
const KEY = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';

interface Written {
  readonly kinds?: string;
  readonly bus?: string;
  readonly device?: string;
  readonly buttons: readonly string[];
}

function write({ kinds = '{}', bus = '', device = '', buttons }: Written): void {
  const site = `
version: 1
gateway: gw-1
site: { name: School }
buildings:
  - { id: a, name: A, floors: [{ id: "1", name: First, rooms: [{ number: "101", name: Room }] }] }
kinds: ${kinds}
inputs:
  - { id: bus-1, driver: button-bus, port: ${join(directory, 'bus-1')}${bus} }
devices:
  - id: wb-101
    input: bus-1
    address: 17
    location: a/1/101
${device}
    buttons:
${buttons.map((each, number) => `      - { id: button-${number + 1}, number: ${number}, zone: 101${each} }`).join('\n')}
    points:
      - { id: door, number: 0, type: doorContact, zone: 101 }
      - { id: lock, number: 2, type: bolt, zone: 101 }
paths:
  - { id: central, driver: dc09-tcp, host: 127.0.0.1, port: 5000, account: "4711", encrypted: false }
mqtt: { listen: 127.0.0.1:1883, clients: [] }
`;
  writeFileSync(config, site);
  writeFileSync(join(directory, 'keys.yaml'), `devices: { wb-101: ${KEY} }\n`, { mode: 0o600 });
}

const bits = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum | (1 << number), 0);

describe('a simulated node of a site', () => {
  test.each<[string, Written]>([
    ['the usual kind', { buttons: [''] }],
    ['a long press of another kind', { buttons: [', kind: medical, longPress: intruder', ', kind: fire'] }],
    ['a long press of the same kind', { buttons: [', kind: fire, longPress: fire'] }],
    ['a long press of a silent kind', { buttons: [', kind: fire, longPress: hold-up', ', kind: fire'] }],
    ['one silent button', { buttons: [', kind: hold-up', ', kind: fire'] }],
    [
      'one silent button, and a wall that is not',
      { device: '    silent: false', buttons: [', kind: hold-up', ', kind: fire'] },
    ],
    ['a silent wall', { device: '    silent: true', buttons: [', kind: fire', ', kind: medical'] }],
    [
      'a silent kind of its own',
      {
        kinds: '{ quiet: { name: Quiet, sia: PA, contactId: "120", silent: true } }',
        buttons: [', kind: fire', ', kind: quiet'],
      },
    ],
    ['a hold-up that is not silent', { kinds: '{ hold-up: { silent: false } }', buttons: ['', ', kind: fire'] }],
    ['another rate and heartbeat', { bus: ', baudRate: 38400', device: '    heartbeatSeconds: 45', buttons: [''] }],
    ['buttons of its input', { bus: ', defaults: { heartbeatSeconds: 20, silent: true }', buttons: [', kind: fire'] }],
  ])('has in its memory what callpoint node setup would write: %s', (_, written) => {
    write(written);
    const { settings } = siteNode({ config, data: directory }, 'wb-101', { battery: 2_400 });
    const [line] = readSite(config, 1).lines;
    const [node] = line?.nodes ?? [];
    if (line === undefined || node === undefined) throw new Error('the site has no node');
    const machine = machineSettings(node.settings, line.baudRate, NANO);
    expect({ heartbeatSeconds: 30, ...machine, serial: '', key: Buffer.from(machine.key).toString('hex') }).toEqual({
      key: Buffer.from(settings.key).toString('hex'),
      serial: '',
      address: settings.address,
      buttons: settings.buttons,
      points: settings.points,
      longPress: bits(settings.longPress),
      silent: bits(settings.silent),
      // A place without a wire is one more closed contact here.
      normallyClosed: bits(settings.normallyClosed) | 0b010,
      heartbeatSeconds: settings.heartbeatSeconds,
      baudRate: settings.baudRate,
      lowBatteryMv: settings.lowBatteryMillivolts,
      isSharedLine: settings.sharedLine,
      hasBuzzer: settings.buzzer,
    });
  });
});
