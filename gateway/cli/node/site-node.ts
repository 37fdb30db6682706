import { CallpointError } from '../../../protocol/errors.ts';
import type { NodeSettings } from '../../../protocol/node-service/node-settings.ts';
import { placeName } from '../../config/edit/rooms.ts';
import { SiteEdit } from '../../config/edit/site-edit.ts';
import { loadSettings } from '../../config/load.ts';
import { suggest } from '../../config/read/nearest.ts';
import type { Device, Site } from '../../core/site.ts';

/** What only the installer knows of a node. */
export interface NodeOptions {
  /** Points whose contact is open in its normal state. */
  readonly normallyOpen?: readonly string[];
  /** The node alone is on a 3.3 V UART. */
  readonly direct?: boolean;
  /** Low battery below this, mV; absent: no battery. */
  readonly battery?: number;
  readonly buzzer?: boolean;
  readonly serial?: string;
}

/** A wall node of the site, as its firmware is to know it. */
export interface SiteNode {
  readonly device: string;
  readonly input: string;
  /** Room number, and the place in words. */
  readonly room: string;
  readonly place: string;
  readonly settings: Omit<NodeSettings, 'serial'>;
  readonly buttonNames: readonly string[];
  readonly pointNames: readonly string[];
}

const HEARTBEAT_MIN = 5;
const HEARTBEAT_MAX = 3_600;

/**
 * Reads what a node of the site needs. `device` absent: the only one.
 *
 * @throws CallpointError CONFIG_INVALID, USAGE, or NODE_REFUSED if no node can be as the site says
 */
export function siteNode(
  { config, data }: { readonly config: string; readonly data: string },
  device: string | undefined,
  options: NodeOptions,
): SiteNode {
  const { site, inputs } = loadSettings(config, data);
  const buses = inputs.flatMap((input) => (input.driver === 'button-bus' ? [input] : []));
  const nodes = buses.flatMap((bus) => bus.nodes.map((node) => ({ bus, node })));
  const id = device ?? onlyOne(nodes.map(({ node }) => node.device));
  const found = nodes.find(({ node }) => node.device === id);
  const entry = site.devices.get(id);
  if (found === undefined || entry === undefined) {
    const names = nodes.map(({ node }) => node.device);
    throw usage(`There is no wall node ${id} in ${config}: ${suggest(id, names, 'callpoint devices lists them')}.`);
  }
  const { bus, node } = found;
  const [buttons, points] = [[...entry.buttons.values()], [...entry.points.values()]];
  const open = openPoints(entry, options.normallyOpen ?? []);
  const file = SiteEdit.read(config, data).site;
  const location = file.devices.find((each) => each.id === id)?.location ?? '';
  return {
    device: id,
    input: bus.id,
    room: location.split('/')[2] ?? '',
    place: placeName(file, location),
    buttonNames: buttons.map(({ id: name, number }) => `${number}: ${name}`),
    pointNames: points.map(({ id: name, number }) => `${number}: ${name}`),
    settings: {
      key: node.key,
      address: node.address,
      buttons: count(buttons),
      points: count(points),
      longPress: buttons.filter((each) => isLongDifferent(each)).map(({ number }) => number),
      normallyClosed: points.map(({ number }) => number).filter((number) => !open.includes(number)),
      silent: silentButtons(site, entry),
      heartbeatSeconds: heartbeatOf(id, entry),
      baudRate: bus.baudRate,
      lowBatteryMillivolts: options.battery ?? 0,
      sharedLine: options.direct !== true,
      buzzer: options.buzzer !== false,
    },
  };
}

function onlyOne(devices: readonly string[]): string {
  const [only] = devices;
  if (only !== undefined && devices.length === 1) return only;
  const names = devices.slice(0, 10).join(', ');
  throw usage(devices.length === 0 ? 'The site has no wall node.' : `Name the wall node that this is to be: ${names}.`);
}

/** Numbers begin at 0 and may have gaps. The node counts the contacts that are wired. */
function count(parts: readonly { readonly number: number }[]): number {
  return Math.max(-1, ...parts.map(({ number }) => number)) + 1;
}

/** To distinguish a long press costs time: only where a long press means something. */
function isLongDifferent({
  kind,
  patternKinds,
}: {
  kind: string;
  patternKinds?: ReadonlyMap<string, string>;
}): boolean {
  const long = patternKinds?.get('long');
  return long !== undefined && long !== kind;
}

/** The gateway's silent mode comes only after the node's first heartbeat. */
function silentButtons({ kinds }: Site, { silent, buttons }: Device): number[] {
  const isSilent = (kind: string) => kinds.get(kind)?.silent === true;
  return [...buttons.values()]
    .filter(({ kind, patternKinds }) => silent || [kind, ...(patternKinds?.values() ?? [])].some(isSilent))
    .map(({ number }) => number);
}

function openPoints({ id, points }: Device, names: readonly string[]): number[] {
  return names.map((name) => {
    const point = [...points.values()].find((each) => each.id === name);
    if (point !== undefined) return point.number;
    const known = [...points.values()].map((each) => each.id);
    throw usage(`${id} has no point ${name}: ${suggest(name, known, 'site.yaml names its points')}.`);
  });
}

function heartbeatOf(id: string, { heartbeatMs }: Device): number {
  const seconds = heartbeatMs / 1000;
  if (Number.isInteger(seconds) && seconds >= HEARTBEAT_MIN && seconds <= HEARTBEAT_MAX) return seconds;
  const rule = `A node's heartbeat is a whole number of seconds, ${HEARTBEAT_MIN} to ${HEARTBEAT_MAX}`;
  throw new CallpointError('NODE_REFUSED', `${rule}. ${id} has heartbeatSeconds: ${seconds}: change it in site.yaml.`);
}

function usage(text: string): CallpointError {
  return new CallpointError('USAGE', text);
}
