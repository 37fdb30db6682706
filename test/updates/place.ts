import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../device-sim/demo/free-port.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const NODES = 6;
/** Short, so that a good release is soon known to be good. */
const HEARTBEAT_S = 3;
const SUPERVISION_S = 5;
export const PATHS = ['central', 'backup'] as const;
export const ACCOUNTS = { central: '1111', backup: '2222' } as const;

/** A machine with an installed Callpoint, in a directory of its own. */
export interface Place {
  readonly directory: string;
  readonly site: string;
  readonly data: string;
  readonly releases: string;
  readonly keys: string;
  readonly launch: string;
  readonly beforeStart: string;
  /** The serial port of the wall nodes. */
  readonly port: string;
  readonly nodes: readonly string[];
  readonly receiverPorts: { readonly [P in (typeof PATHS)[number]]: number };
  readonly environment: NodeJS.ProcessEnv;
  remove(): void;
}

/**
 * Lays the machine out as the package does: `launch` beside the packaged release, and a directory
 * for the releases of updates. Node's packages are found above all of them.
 */
export async function makePlace(): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-updates-'));
  const [central = 0, backup = 0, mqtt = 0] = await freePorts(3);
  const at = (name: string) => join(directory, name);
  for (const name of ['lib', 'releases', 'update-keys', 'data']) mkdirSync(at(name), { mode: 0o755 });
  chmodSync(at('data'), 0o700);
  symlinkSync(join(PROJECT, 'node_modules'), at('node_modules'));
  for (const script of ['launch', 'before-start']) {
    copyFileSync(join(PROJECT, 'hardware/package', script), join(at('lib'), script));
    chmodSync(join(at('lib'), script), 0o755);
  }
  const nodes = Array.from({ length: NODES }, (_, number) => `wb-${number + 1}`);
  writeFileSync(at('site.yaml'), siteText(at('bus-1'), nodes, { central, backup, mqtt }));
  writeFileSync(at('keys.yaml'), keysText(nodes), { mode: 0o600 });
  return {
    ...{ directory, nodes, site: at('site.yaml'), data: at('data'), releases: at('releases') },
    ...{ keys: at('update-keys'), port: at('bus-1'), receiverPorts: { central, backup } },
    ...{ launch: join(at('lib'), 'launch'), beforeStart: join(at('lib'), 'before-start') },
    environment: {
      // biome-ignore lint/complexity/useLiteralKeys: tsc asks for it
      PATH: process.env['PATH'],
      CALLPOINT_RELEASES: at('releases'),
      CALLPOINT_NODE: process.execPath,
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

interface Ports {
  readonly central: number;
  readonly backup: number;
  readonly mqtt: number;
}

function siteText(port: string, nodes: readonly string[], { central, backup, mqtt }: Ports): string {
  const rooms = nodes.map((_, number) => `{ number: "${number + 1}", name: Room }`);
  const device = (id: string, number: number) =>
    `  - { id: ${id}, input: bus-1, address: ${number}, location: A/1/${number}, heartbeatSeconds: ${HEARTBEAT_S}, buttons: [{ id: panic, number: 0, kind: intruder, zone: ${number} }] }`;
  const path = (id: keyof typeof ACCOUNTS, at: number) =>
    `  - { id: ${id}, driver: dc09-tcp, host: 127.0.0.1, port: ${at}, account: "${ACCOUNTS[id]}", encrypted: false, supervision: { intervalSeconds: ${SUPERVISION_S}, upAfter: 1 } }`;
  return `version: 1
gateway: updates
site: { name: Updates }
buildings:
  - { id: A, name: Building, area: 1, floors: [{ id: "1", name: Floor, rooms: [${rooms.join(', ')}] }] }
inputs:
  - { id: bus-1, driver: button-bus, port: ${port}, baudRate: 115200 }
devices:
${nodes.map((id, number) => device(id, number + 1)).join('\n')}
paths:
${path('central', central)}
${path('backup', backup)}
mqtt: { broker: embedded, listen: "127.0.0.1:${mqtt}" }
`;
}

function keysText(nodes: readonly string[]): string {
  const lines = nodes.map((id) => `  ${id}: ${randomBytes(16).toString('hex')}`);
  return `devices:\n${lines.join('\n')}\n`;
}
