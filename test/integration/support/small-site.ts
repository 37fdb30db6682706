import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DemoPath } from '../../../device-sim/demo/demo-paths.ts';
import { freePort } from '../../../device-sim/demo/free-port.ts';

export interface SmallSite {
  readonly directory: string;
  readonly file: string;
  readonly data: string;
  readonly serialLink: string;
  readonly mqttPort: number;
  readonly mqttPassword: string;
  /** The path's key, in hex. */
  readonly pathKey: string;
  /** All keys and passwords. */
  readonly secrets: readonly string[];
  remove(): void;
}

export interface SmallSiteOptions {
  readonly receiverPort: number;
  /** Number of rooms 101, 102, …. Default two. */
  readonly rooms?: number;
  readonly encrypted?: boolean;
  /** Address of the receiver. Default 127.0.0.1. */
  readonly host?: string;
  /** Indented lines after the path, e.g. `    formats: [ADM-CID]`. */
  readonly path?: string;
  readonly mqttPort?: number;
  /** Default 5. */
  readonly heartbeatSeconds?: number;
  /** Indented lines after each device, e.g. `    missedHeartbeats: 2`. */
  readonly device?: string;
  /**
   * Further paths. Each has a kind of alert of its own name, which goes to that path alone unless
   * `plan` says otherwise, and in turn with the others a room with a button of that name.
   */
  readonly paths?: readonly DemoPath[];
  /** Entries of the plan in place of those: `- { kinds: [sip], start: [sip, cap] }`. */
  readonly plan?: readonly string[];
  /** Whole top-level blocks. */
  readonly more?: string;
}

/**
 * Rooms with a wall button each, wb-101… (0 hold-up, 1 medical), a door and a bolt; one receiver.
 */
export async function smallSite(options: SmallSiteOptions): Promise<SmallSite> {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-site-'));
  const serialLink = join(directory, 'bus-1');
  const mqttPort = options.mqttPort ?? (await freePort());
  const mqttPassword = randomBytes(12).toString('hex');
  const { paths = [], plan } = options;
  const rooms = Array.from({ length: options.rooms ?? 2 }, (_, index) => 101 + index);
  const device = (room: number) => `  - id: wb-${room}
    input: bus-1
    address: ${room - 100}
    location: A/1/${room}
    silent: false
    heartbeatSeconds: ${options.heartbeatSeconds ?? 5}
${options.device ?? ''}
    buttons:
      - { id: button-1, number: 0, kind: hold-up, zone: ${room} }
      - { id: button-2, number: 1, kind: medical, zone: ${room + 100} }
${ownButton(paths, room)}    points:
      - { id: door, number: 0, type: doorContact, zone: ${room + 200} }
      - { id: bolt, number: 1, type: bolt, zone: ${room + 300} }`;
  const site = `version: 1
gateway: gw-test
site: { name: Test school }
buildings:
  - id: A
    name: Main building
    floors:
      - id: "1"
        name: First floor
        rooms: [${rooms.map((room) => `{ number: "${room}", name: Office }`).join(', ')}]
inputs:
  - { id: bus-1, driver: button-bus, port: ${serialLink}, baudRate: 115200 }
devices:
${rooms.map(device).join('\n')}
paths:
  - id: central
    driver: dc09-tcp
    host: ${options.host ?? '127.0.0.1'}
    port: ${options.receiverPort}
    account: "1234"
    encrypted: ${options.encrypted ?? true}
${options.path ?? ''}
${paths.map(({ id, driver, lines }) => [`  - id: ${id}`, `driver: ${driver}`, ...lines].join('\n    ')).join('\n')}
${paths.length === 0 ? '' : ownKinds(paths, plan)}
mqtt:
  broker: embedded
  listen: 127.0.0.1:${mqttPort}
  clients: [{ name: console, role: operator }]
${options.more ?? ''}
`;
  const pathKey = randomBytes(16).toString('hex');
  const keys = `devices: { ${rooms.map((room) => `wb-${room}: ${randomBytes(16).toString('hex')}`).join(', ')} }
paths: { central: ${pathKey}${paths.map(({ id, secret }) => (secret === undefined ? '' : `, ${id}: "${secret}"`)).join('')} }
mqtt: { console: "${mqttPassword}" }
`;
  const file = join(directory, 'site.yaml');
  writeFileSync(file, site);
  writeFileSync(join(directory, 'keys.yaml'), keys, { mode: 0o600 });
  const remove = () => rmSync(directory, { recursive: true, force: true });
  const secrets = keys.match(/[0-9a-f]{24,}/g) ?? [];
  return {
    directory,
    file,
    data: join(directory, 'data'),
    serialLink,
    mqttPort,
    mqttPassword,
    pathKey,
    secrets,
    remove,
  };
}

function ownButton(paths: readonly DemoPath[], room: number): string {
  const path = paths[(room - 101) % paths.length];
  return path === undefined ? '' : `      - { id: ${path.id}, number: 2, kind: ${path.id}, zone: ${room + 400} }\n`;
}

function ownKinds(paths: readonly DemoPath[], plan?: readonly string[]): string {
  const kinds = paths.map(({ id }) => `  ${id}: { name: Alarm over ${id}, sia: PA, contactId: "120" }`);
  const entries = plan ?? [...paths.map(({ id }) => `- { kinds: [${id}], start: [${id}] }`), REST];
  return ['kinds:', ...kinds, 'plan:', ...entries.map((entry) => `  ${entry}`)].join('\n');
}

const REST = '- { kinds: [all], start: [central] }';
