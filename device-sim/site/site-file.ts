import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { CallpointError } from '../../protocol/errors.ts';
import type { WallNodeSettings } from '../nodes/wall-node.ts';
import type { ReceiverAccount } from '../receiver/verdict.ts';
import {
  accountShape,
  type BuildingShape,
  type ContactShape,
  type DeviceShape,
  type InputShape,
  type KeysShape,
  keysShape,
  type SiteShape,
  siteShape,
} from './site-shape.ts';
import { reading, readYaml } from './yaml-file.ts';

/** What a line has whose entry does not say it. */
const USUAL_BAUD_RATE = 115_200;
/** It is silent, too, unless the site says otherwise. */
const USUAL_KIND = 'hold-up';

/** What the simulator needs of a site: the far ends of its wires. */
export interface SimulatedSite {
  /** Lines of wall nodes. */
  readonly lines: readonly SimulatedLine[];
  /** All other inputs. */
  readonly inputs: readonly SimulatedInput[];
  readonly paths: readonly SimulatedPath[];
  /** Accounts of its paths to DC-09 receivers. */
  readonly accounts: readonly ReceiverAccount[];
  readonly broker: SimulatedBroker;
  readonly name: string;
  /** Names of its places, for a person. */
  readonly buildings: readonly BuildingShape[];
}

/**
 * A path to a receiver. The code that simulates its far end reads the rest of its configuration.
 */
export interface SimulatedPath {
  readonly id: string;
  readonly driver: string;
  readonly written: Readonly<Record<string, unknown>>;
  /** The secret as written in the keys file. */
  readonly secret?: string | { readonly text: string };
  /** Further secrets, by the part of the key after the path's name and a full stop. */
  readonly moreSecrets?: ReadonlyMap<string, string>;
}

/** An input that is not a button bus, with the part of its configuration that its far end needs. */
export interface SimulatedInput extends InputShape {
  readonly devices: readonly SimulatedDevice[];
}

export interface SimulatedDevice extends DeviceShape {
  readonly key?: Uint8Array;
}

export type SimulatedContact = ContactShape & { readonly number: number };

/** Address of the gateway's own broker, and the clients that may publish for devices. */
export interface SimulatedBroker {
  readonly url: string;
  readonly clients: readonly SimulatedClient[];
}

export interface SimulatedClient {
  readonly username: string;
  readonly password: string;
  /** Topic filters of what it may publish. */
  readonly topics: readonly string[];
}

export interface SimulatedLine {
  readonly input: string;
  /** Path at which the gateway will look for the port. */
  readonly port: string;
  readonly baudRate: number;
  readonly nodes: readonly SimulatedNode[];
}

export interface SimulatedNode {
  readonly settings: WallNodeSettings;
  readonly location: string;
  /** Button number of each button id. */
  readonly buttons: ReadonlyMap<string, number>;
  /** Point number of each point type that the node has. */
  readonly points: ReadonlyMap<string, number>;
}

/**
 * Each run of the simulator restarts every node and must not reuse an earlier epoch. The seconds
 * since 1970 always rise.
 */
export function epochNow(): number {
  return Math.floor(Date.now() / 1000);
}

/** @throws CallpointError CONFIG_UNREADABLE or CONFIG_INVALID, naming the file. */
export function readSite(file: string, epoch: number): SimulatedSite {
  const site = readYaml(file, siteShape, 'core');
  // The gateway reads it the same way: a key of digits only is not a number.
  const keys = readYaml(resolve(dirname(file), site.keys), keysShape, 'failsafe');
  const lines = site.inputs
    .filter((input) => input.driver === 'button-bus')
    .map((input) => ({
      input: input.id,
      port: input.port ?? '',
      baudRate: input.baudRate ?? USUAL_BAUD_RATE,
      nodes: site.devices
        .filter((device) => device.input === input.id)
        .map((device) => simulatedNode(device, site, keys, epoch)),
    }));
  const paths = site.paths.map(({ id, driver, ...written }): SimulatedPath => {
    const secret = keys.paths[id];
    return { id, driver, written, moreSecrets: moreSecretsOf(id, keys), ...(secret === undefined ? {} : { secret }) };
  });
  const accounts = paths.flatMap((path) => accountOf(path) ?? []);
  const inputs = site.inputs
    .filter(({ driver }) => driver !== 'button-bus')
    .map((input) => ({ ...input, devices: site.devices.flatMap((device) => onInput(device, input.id, keys)) }));
  const names = { name: site.site.name, buildings: site.buildings };
  return { lines, inputs, paths, accounts, broker: brokerOf(site.mqtt, keys), ...names };
}

/** Returns the account of a path to a DC-09 receiver; `undefined` if it has none. */
export function accountOf({ written, secret }: SimulatedPath): ReceiverAccount | undefined {
  const { account, encrypted = true } = accountShape.parse(written);
  if (account === undefined) return undefined;
  return { account, ...(encrypted && secret !== undefined ? { key: keyBytes(secret) } : {}) };
}

/**
 * Returns a password, token or PIN.
 * @throws CallpointError CONFIG_INVALID
 */
export function secretText({ id, secret }: SimulatedPath): string {
  if (typeof secret === 'string') return secret;
  throw new CallpointError('CONFIG_INVALID', `path ${id} has no secret in the keys file`);
}

function moreSecretsOf(path: string, keys: KeysShape): ReadonlyMap<string, string> {
  const begin = `${path}.`;
  const own = Object.entries(keys.paths).filter(([name]) => name.startsWith(begin));
  return new Map(
    own.flatMap(([name, value]) => (typeof value === 'string' ? [[name.slice(begin.length), value] as const] : [])),
  );
}

function onInput(device: DeviceShape, input: string, keys: KeysShape): SimulatedDevice[] {
  if (device.input !== input) return [];
  const key = keys.devices[device.id];
  return [key === undefined ? device : { ...device, key: keyBytes(key) }];
}

function brokerOf({ broker, listen, tls, clients }: SiteShape['mqtt'], keys: KeysShape): SimulatedBroker {
  // Who may publish what is for that broker to say: a simulated one lets everybody in.
  if (broker !== 'embedded') return { url: broker, clients: [{ username: 'devices', password: '', topics: ['#'] }] };
  const known = clients.flatMap(({ name, role, topics }) => {
    const password = keys.mqtt[name];
    return role === 'device' && password !== undefined ? [{ username: name, password, topics }] : [];
  });
  // A broker that listens at every address of the machine is reached at loopback as well.
  const address = listen.replace(/^0\.0\.0\.0(?=:)/, '127.0.0.1').replace(/^\[::\](?=:)/, '[::1]');
  return { url: `${tls === undefined ? 'mqtt' : 'mqtts'}://${address}`, clients: known };
}

/**
 * Returns the path of the socket on which `sim serve` (inputs) or `sim receiver` (paths) takes
 * commands about this site.
 * @throws CallpointError CONFIG_UNREADABLE if there is no such file.
 */
export function controlSocket(file: string, served: 'inputs' | 'paths'): string {
  const name = createHash('sha256').update(reading(file, realpathSync)).digest('hex').slice(0, 16);
  return join(tmpdir(), `callpoint-sim-${name}-${served}.sock`);
}

function simulatedNode(device: DeviceShape, site: SiteShape, keys: KeysShape, epoch: number): SimulatedNode {
  const { id, address, buttons, points, location, heartbeatSeconds } = device;
  const key = keys.devices[id];
  if (typeof address !== 'number' || key === undefined) {
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
      longPress: buttons
        .filter(({ kind = USUAL_KIND, longPress = kind }) => longPress !== kind)
        .map(({ number }) => number),
      silent: silentButtons(device, site),
      ...(heartbeatSeconds === undefined ? {} : { heartbeatMs: heartbeatSeconds * 1000 }),
    },
    location,
    buttons: new Map(buttons.map((button) => [button.id, button.number])),
    points: new Map(points.map((point) => [point.type ?? '', point.number])),
  };
}

/** As `callpoint node setup` writes them: a silent device is silent with all its buttons. */
function silentButtons({ silent, buttons }: DeviceShape, { kinds }: SiteShape): number[] {
  const isSilentKind = (kind: string) => kinds[kind]?.silent ?? kind === USUAL_KIND;
  const own = buttons.filter(({ kind = USUAL_KIND, longPress = kind }) => [kind, longPress].some(isSilentKind));
  return ((silent ?? own.length > 0) ? buttons : own).map(({ number }) => number);
}

function countOf(numbers: readonly { readonly number: number }[]): number {
  return Math.max(-1, ...numbers.map((each) => each.number)) + 1;
}

function keyBytes(key: string | { readonly text: string }): Uint8Array {
  return typeof key === 'string' ? Buffer.from(key, 'hex') : Buffer.from(key.text, 'latin1');
}
