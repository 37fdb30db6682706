import { AsConfigured } from '../mqtt/as-configured.ts';
import { EspHome } from '../mqtt/esphome.ts';
import { ShellyBluGateway } from '../mqtt/shelly-blu.ts';
import { ShellyGen1 } from '../mqtt/shelly-gen1.ts';
import { ShellyGen2 } from '../mqtt/shelly-gen2.ts';
import { Tasmota } from '../mqtt/tasmota.ts';
import type { Twin, TwinContact, TwinDevice } from '../mqtt/twin.ts';
import { Zigbee2Mqtt } from '../mqtt/zigbee2mqtt.ts';
import type { SimulatedContact, SimulatedDevice } from './site-file.ts';

type Kind =
  | 'zigbee2mqtt'
  | 'shelly-gen1'
  | 'shelly-gen2'
  | 'shelly-blu-gateway'
  | 'tasmota'
  | 'esphome'
  | 'as-configured';

/**
 * What publishes for a device: its kind, the part of the topics that all its messages share, and
 * its name there.
 */
interface Place {
  readonly kind: Kind;
  readonly base: string;
  readonly name: string;
}

/** Devices with one connection to the broker between them. */
interface TwinPlace {
  /** A topic that it publishes to, as configured. */
  readonly topic: string;
  readonly devices: readonly string[];
  readonly twin: Twin;
}

/** One twin for each connection: a bridge with its devices, or a device with its buttons. */
export function twinsOf(all: readonly SimulatedDevice[]): readonly TwinPlace[] {
  const groups = new Map<string, { place: Place; devices: SimulatedDevice[] }>();
  for (const device of all) {
    const place = placeOf(device);
    const key = `${place.kind} ${place.base}`;
    const group = groups.get(key) ?? { place, devices: [] };
    group.devices.push(device);
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => {
    const { place, devices } = group;
    const topic = devices.map(topicOf).find((each) => each !== '') ?? '';
    return { topic, devices: devices.map(({ id }) => id), twin: twinOf(place, devices) };
  });
}

/** Zigbee2MQTT under its usual topic, to which nothing has joined yet. */
export function emptyBridge(): { readonly topic: string; readonly twin: Twin } {
  const twin = new Zigbee2Mqtt('zigbee2mqtt', []);
  return { topic: twin.will.topic, twin };
}

function twinOf({ kind, base }: Place, devices: readonly SimulatedDevice[]): Twin {
  const own = devices.map((device) => twinDevice(device, kind));
  switch (kind) {
    case 'zigbee2mqtt':
      return new Zigbee2Mqtt(base, own);
    case 'shelly-gen1':
      return new ShellyGen1(base, own);
    case 'shelly-gen2':
      return new ShellyGen2(base, own);
    case 'shelly-blu-gateway':
      return new ShellyBluGateway(
        base,
        own,
        own.some(({ name }) => name.startsWith('bthomedevice:')) ? 'native' : 'script',
      );
    case 'tasmota':
      return new Tasmota(base, own);
    case 'esphome':
      return new EspHome(base, own);
    case 'as-configured':
      return new AsConfigured(own, devices.flatMap(availabilityOf));
  }
}

/** A device without a profile is recognised by its topic. */
function placeOf(device: SimulatedDevice): Place {
  const topic = topicOf(device);
  const levels = topic.split('/');
  const [first = '', second = ''] = levels;
  const kind = (device.profile as Kind | undefined) ?? kindOf(device, levels);
  switch (kind) {
    case 'zigbee2mqtt':
      return levels.length === 1
        ? { kind, base: 'zigbee2mqtt', name: first }
        : { kind, base: first, name: levels.slice(1).join('/') };
    case 'shelly-gen1':
      return { kind, base: first === 'shellies' ? `${first}/${second}` : `shellies/${first}`, name: second };
    case 'shelly-gen2':
      return { kind, base: topic.replace(/\/(events\/rpc|status\/.*|online)$/, ''), name: '' };
    case 'shelly-blu-gateway':
      return { kind, base: topic.replace(/\/events\/rpc$/, ''), name: tagOf(device) };
    case 'tasmota':
      return { kind, base: /^(stat|tele|cmnd)$/.test(first) ? second : first, name: '' };
    case 'esphome':
      return { kind, base: topic.replace(/\/(binary_sensor|event|sensor)\/.*$/, ''), name: '' };
    default:
      return { kind: 'as-configured', base: device.id, name: '' };
  }
}

function kindOf(device: SimulatedDevice, levels: readonly string[]): Kind {
  const [first, second] = levels;
  if (first === 'shellies') return 'shelly-gen1';
  if (first === 'stat' || first === 'tele') return 'tasmota';
  if (levels.at(-1) === 'rpc' || levels.at(-2) === 'status')
    return tagOf(device) === '' ? 'shelly-gen2' : 'shelly-blu-gateway';
  if (second === 'binary_sensor' || second === 'event') return 'esphome';
  return first?.startsWith('zigbee2mqtt') ? 'zigbee2mqtt' : 'as-configured';
}

/** The Bluetooth address or the component of a BLU tag. */
function tagOf({ address, component, buttons }: SimulatedDevice): string {
  if (component !== undefined) return component;
  if (address !== undefined) return bluetoothAddress(String(address));
  const conditions = buttons.flatMap(({ when = {} }) => Object.entries(when));
  const named = conditions.find(([path]) => /(^|\.)(address|component)$/.test(path))?.[1][0] ?? '';
  return named.startsWith('input:') ? '' : named;
}

/** As the script writes it, however the label on the tag does. */
function bluetoothAddress(written: string): string {
  const digits = written.toLowerCase().replaceAll(/[:-]/g, '');
  return digits.match(/../g)?.join(':') ?? digits;
}

function topicOf({ topic, buttons, points }: SimulatedDevice): string {
  return topic ?? [...buttons, ...points].find((contact) => contact.topic !== undefined)?.topic ?? '';
}

function twinDevice(device: SimulatedDevice, kind: Kind): TwinDevice {
  const { id, buttons, points } = device;
  const contact = (each: SimulatedContact) => twinContact(each, device, kind);
  return { id, name: placeOf(device).name, buttons: buttons.map(contact), points: points.map(contact) };
}

function twinContact(contact: SimulatedContact, device: SimulatedDevice, kind: Kind): TwinContact {
  const { id, type, press, active, normal } = contact;
  const path = pathOf(contact.path);
  const channel = contact.channel ?? channelOf(contact, device, kind);
  return {
    id,
    path,
    ...(type === undefined ? {} : { type }),
    ...(channel === undefined ? {} : { channel }),
    ...(press === undefined ? {} : { press }),
    topic: contact.topic ?? topicOf(device),
    ...(active?.[0] === undefined ? {} : { active: active[0] }),
    ...(normal?.[0] === undefined ? {} : { normal: normal[0] }),
  };
}

/** Which input or entity of the device a contact without a channel of its own is. */
function channelOf(contact: SimulatedContact, device: SimulatedDevice, kind: Kind): string | undefined {
  const topic = contact.topic ?? topicOf(device);
  const path = pathOf(contact.path);
  const component = Object.values(contact.when ?? {})
    .flat()
    .find((is) => is.startsWith('input:'));
  switch (kind) {
    case 'shelly-gen1':
      return /\/(\d+)$/.exec(topic)?.[1];
    case 'shelly-gen2':
      return (component ?? topic).match(/input:(\d+)$/)?.[1];
    case 'tasmota':
      return /^(?:Button|Switch)(\d+)$/.exec(path[0] ?? '')?.[1];
    case 'esphome':
      return topic.match(/\/((?:binary_sensor|event)\/[^/]+)/)?.[1];
    case 'zigbee2mqtt':
      return path.length === 1 && contact.press === undefined ? path[0] : undefined;
    default:
      return undefined;
  }
}

function pathOf(written: string | readonly string[] | undefined): readonly string[] {
  if (written === undefined) return [];
  return typeof written === 'string' ? written.split('.') : written;
}

function availabilityOf({ availability = [] }: SimulatedDevice) {
  return availability.flatMap(({ topic, path, online, offline }) => {
    if (topic === undefined) return [];
    return [{ topic, path: pathOf(path), online: online[0] ?? 'online', offline: offline[0] ?? 'offline' }];
  });
}
