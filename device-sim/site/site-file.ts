import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CallpointError } from '../../protocol/errors.ts';
import type { WallNodeSettings } from '../nodes/wall-node.ts';
import type { ReceiverAccount } from '../receiver/judge.ts';

/** What the simulator needs of a site: the far ends of its wires. */
export interface SimulatedSite {
  readonly lines: readonly SimulatedLine[];
  readonly accounts: readonly ReceiverAccount[];
}

export interface SimulatedLine {
  readonly input: string;
  /** Where the gateway will look for the port. */
  readonly port: string;
  readonly nodes: readonly SimulatedNode[];
}

export interface SimulatedNode {
  readonly settings: WallNodeSettings;
  readonly location: string;
  /** Button number of each button id. */
  readonly buttons: ReadonlyMap<string, number>;
  /** Point number of each point type the node has. */
  readonly points: ReadonlyMap<string, number>;
}

const numbered = z.object({ id: z.string(), number: z.number() });

// Only what is needed and all else let through: whether the file is right is for `callpoint check` to say.
const siteShape = z.object({
  keys: z.string().default('keys.yaml'),
  inputs: z.array(z.object({ id: z.string(), driver: z.string(), port: z.string().optional() })).default([]),
  devices: z
    .array(
      z.object({
        id: z.string(),
        input: z.string(),
        address: z.number().optional(),
        location: z.string().default(''),
        heartbeatSeconds: z.number().optional(),
        buttons: z.array(numbered).default([]),
        points: z.array(numbered.extend({ type: z.string() })).default([]),
      }),
    )
    .default([]),
  paths: z
    .array(z.object({ id: z.string(), account: z.string().optional(), encrypted: z.boolean().optional() }))
    .default([]),
});

const pathKey = z.union([z.string(), z.object({ text: z.string() })]);
const keysShape = z.object({
  devices: z.record(z.string(), z.string()).default({}),
  paths: z.record(z.string(), pathKey).default({}),
});

type Device = z.infer<typeof siteShape>['devices'][number];
type Keys = z.infer<typeof keysShape>;

/** Each run of the simulator is a new start of every node, and must not reuse an earlier one's epoch: seconds since 1970 rise. */
export function epochNow(): number {
  return Math.floor(Date.now() / 1000);
}

/** @throws CallpointError CONFIG_UNREADABLE or CONFIG_INVALID, naming the file. */
export function readSite(file: string, epoch: number): SimulatedSite {
  const site = readYaml(file, siteShape);
  const keys = readYaml(resolve(dirname(file), site.keys), keysShape);
  const lines = site.inputs
    .filter((input) => input.driver === 'button-bus')
    .map((input) => ({
      input: input.id,
      port: input.port ?? '',
      nodes: site.devices
        .filter((device) => device.input === input.id)
        .map((device) => simulatedNode(device, keys, epoch)),
    }));
  const accounts = site.paths.flatMap(({ id, account, encrypted = false }): ReceiverAccount[] => {
    if (account === undefined) return [];
    const key = keys.paths[id];
    return [{ account, ...(encrypted && key !== undefined ? { key: keyBytes(key) } : {}) }];
  });
  return { lines, accounts };
}

/** Where `sim serve` listens for commands about this site. @throws CallpointError CONFIG_UNREADABLE if there is no such file. */
export function controlSocket(file: string): string {
  const name = createHash('sha256').update(reading(file, realpathSync)).digest('hex').slice(0, 16);
  return join(tmpdir(), `callpoint-sim-${name}.sock`);
}

function simulatedNode(device: Device, keys: Keys, epoch: number): SimulatedNode {
  const { id, address, buttons, points, location, heartbeatSeconds } = device;
  const key = keys.devices[id];
  if (address === undefined || key === undefined) {
    throw new CallpointError(
      'CONFIG_INVALID',
      `device ${id} has no ${key === undefined ? 'key in the keys file' : 'address'}`,
    );
  }
  return {
    settings: {
      id,
      address,
      key: keyBytes(key),
      epoch,
      buttons: countOf(buttons),
      points: countOf(points),
      ...(heartbeatSeconds === undefined ? {} : { heartbeatMs: heartbeatSeconds * 1000 }),
    },
    location,
    buttons: new Map(buttons.map((button) => [button.id, button.number])),
    points: new Map(points.map((point) => [point.type, point.number])),
  };
}

function countOf(numbers: readonly { readonly number: number }[]): number {
  return Math.max(-1, ...numbers.map((each) => each.number)) + 1;
}

function keyBytes(key: string | { readonly text: string }): Uint8Array {
  return typeof key === 'string' ? Buffer.from(key, 'hex') : Buffer.from(key.text, 'latin1');
}

function readYaml<T>(file: string, shape: z.ZodType<T>): T {
  const text = reading(file, (path) => readFileSync(path, 'utf8'));
  const result = shape.safeParse(parseYaml(file, text) ?? {});
  if (result.success) return result.data;
  throw invalid(file, z.prettifyError(result.error));
}

function parseYaml(file: string, text: string): unknown {
  try {
    // Without the excerpt that would quote a key.
    return parse(text, { prettyErrors: false });
  } catch (cause) {
    throw invalid(file, cause instanceof Error ? cause.message : String(cause));
  }
}

function invalid(file: string, what: string): CallpointError {
  return new CallpointError('CONFIG_INVALID', `${file}: ${what}\nRun "callpoint check" on it.`);
}

function reading<T>(file: string, read: (path: string) => T): T {
  try {
    return read(file);
  } catch (cause) {
    throw new CallpointError(
      'CONFIG_UNREADABLE',
      `${file} can't be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
