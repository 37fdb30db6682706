import type { WallMs } from '../../../protocol/clocks.ts';
import type { SignalBody } from '../../core/signal.ts';
import { availabilityIn, unclearWord } from './availability-reader.ts';
import { batteryIn } from './battery-reader.ts';
import { type ButtonReader, buttonReaders } from './button-reader.ts';
import { ConditionIndex } from './condition-index.ts';
import { lastSeenIn } from './last-seen-reader.ts';
import { Message } from './message.ts';
import { parseJson } from './payload.ts';
import { pointIn } from './point-reader.ts';
import type { MqttAvailability, MqttBattery, MqttButton, MqttDevice, MqttPoint, MqttSource } from './settings.ts';
import { SharedTopic } from './shared-topic.ts';
import { sourcesOf } from './sources.ts';

export interface Said {
  readonly device: string;
  readonly body: SignalBody;
  readonly lastSeenMs?: WallMs;
}

/** What one device says on one topic. */
interface DeviceReader {
  readonly device: string;
  readonly topic: string;
  readonly buttons: readonly ButtonReader[];
  readonly points: readonly MqttPoint[];
  readonly battery?: MqttBattery;
  readonly lastSeen?: MqttSource;
  /** With its place in the device's list. */
  readonly availability: readonly (readonly [of: number, source: MqttAvailability])[];
  /** What the device itself sends. A message that holds none of them is not the device's. */
  readonly own: readonly MqttSource[];
}

interface TopicReader {
  readonly devices: readonly DeviceReader[];
  readonly index: ConditionIndex<DeviceReader>;
  readonly hasJson: boolean;
  /** Nothing reads plain text there. */
  readonly isJsonOnly: boolean;
  /** Who else may speak there. */
  readonly shared: SharedTopic;
  /** Paths of the arrays that are read. */
  readonly arrays: readonly (readonly string[])[];
}

/** Turns the messages of the configured topics into what the devices say by them. */
export class DeviceMessages {
  readonly #byTopic: ReadonlyMap<string, TopicReader>;

  constructor(devices: readonly MqttDevice[]) {
    const speaking = new Map<string, MqttDevice[]>();
    for (const device of devices) {
      for (const topic of new Set(spokenBy(device).map((source) => source.topic))) {
        const here = speaking.get(topic);
        if (here === undefined) speaking.set(topic, [device]);
        else here.push(device);
      }
    }
    this.#byTopic = new Map([...speaking].map(([topic, here]) => [topic, topicReader(here, topic)]));
  }

  get topics(): readonly string[] {
    return [...this.#byTopic.keys()];
  }

  /**
   * @param retained the broker had kept it: how things last stood, however long ago. It raises no
   *   press; of life it says what the availability topic last said, and no more.
   * @returns `undefined` for a topic that is none of these
   */
  read(topic: string, payload: string, retained: boolean): readonly Said[] | undefined {
    const known = this.#byTopic.get(topic);
    if (known === undefined) return undefined;
    const message = new Message(payload, known.hasJson ? parseJson(payload) : undefined);
    const isTooLong = known.arrays.some((each) => message.isTooLong(each));
    if (isTooLong || (known.isJsonOnly && !message.isJson)) return this.unreadable(topic, payload, retained);
    return known.index.candidates(message).flatMap((device) => saidBy(device, message, retained));
  }

  /**
   * Names of devices that were pressed, share a topic with the configured ones, and are none of
   * them. What the broker had kept is no press.
   */
  strangers(topic: string, payload: string, retained: boolean): readonly string[] {
    const known = retained ? undefined : this.#byTopic.get(topic);
    if (known === undefined || known.shared.isOfOne) return [];
    const message = new Message(payload, parseJson(payload));
    return known.arrays.some((each) => message.isTooLong(each)) ? [] : known.shared.strangersIn(message);
  }

  /**
   * Somebody removed what the broker kept on the topic. Zigbee2MQTT does so when it renames or
   * removes a device (lib/extension/availability.ts), and what the device says then goes elsewhere.
   */
  cleared(topic: string): readonly Said[] {
    return (this.#byTopic.get(topic)?.devices ?? []).flatMap(({ device, availability }) =>
      availability.map(([of]) => ({ device, body: { type: 'availability', of, says: 'withdrawn' } as const })),
    );
  }

  /**
   * The same of a message that nothing can be read from. If several devices share the topic, nobody
   * knows whose it is: it is one notice, and no room's press.
   */
  unreadable(topic: string, payload: string, retained: boolean): readonly Said[] | undefined {
    const devices = this.#byTopic.get(topic)?.devices;
    return devices?.slice(0, 1).map((device) => unreadable(device, payload, retained || devices.length > 1));
  }
}

/** A bridge speaks for itself. */
function spokenBy({ bridge: _, ...device }: MqttDevice): readonly MqttSource[] {
  return sourcesOf(device);
}

/** @param speaking the devices that say something there */
function topicReader(speaking: readonly MqttDevice[], topic: string): TopicReader {
  const here = (source: MqttSource): boolean => source.topic === topic;
  const sources = speaking.flatMap((device) => spokenBy(device).filter(here));
  const readers = buttonReaders(speaking.flatMap((device) => device.buttons.filter(here)));
  const devices = speaking.map((device) => deviceReader(device, topic, readers));
  // An availability is read in either form.
  const watches = devices.some(({ availability }) => availability.length > 0);
  return {
    hasJson: sources.some(readsJson) || watches,
    isJsonOnly: sources.every(readsJson) && !watches,
    shared: new SharedTopic(speaking.flatMap((device) => device.buttons.filter(here))),
    arrays: distinct(sources.flatMap(({ each }) => (each === undefined ? [] : [each]))),
    devices,
    index: new ConditionIndex(devices, ({ own, availability }) => [
      ...own,
      ...availability.map(([, source]) => source),
    ]),
  };
}

function distinct(paths: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
}

function readsJson({ path, each, when = [] }: MqttSource): boolean {
  return path.length > 0 || each !== undefined || when.length > 0;
}

function deviceReader(
  { device, buttons, points, availability = [], battery, lastSeen }: MqttDevice,
  topic: string,
  readers: ReadonlyMap<MqttButton, ButtonReader>,
): DeviceReader {
  const here = (source: MqttSource): boolean => source.topic === topic;
  const own = [...buttons, ...points, battery, lastSeen].filter((source) => source !== undefined);
  return {
    device,
    topic,
    buttons: buttons.flatMap((button) => readers.get(button) ?? []),
    points: points.filter(here),
    ...(battery !== undefined && here(battery) ? { battery } : {}),
    ...(lastSeen !== undefined && here(lastSeen) ? { lastSeen } : {}),
    availability: [...availability.entries()].filter(([, source]) => here(source)),
    own: own.filter(here),
  };
}

function saidBy(reader: DeviceReader, message: Message, retained: boolean): Said[] {
  const { device } = reader;
  const own = ownBodies(reader, message, retained);
  const presence = reader.availability.flatMap(([of, source]) => availabilityBodies(of, source, reader, message));
  const isSilent = presence.length === 0 && own.every(({ type }) => type === 'alive');
  if (isSilent && !message.hasMembers && reader.own.some(readsJson)) {
    return [unreadable(reader, message.payload, retained)];
  }
  const seen = reader.lastSeen === undefined ? undefined : lastSeenIn(reader.lastSeen, message);
  const lastSeen = typeof seen === 'number' ? { lastSeenMs: seen } : {};
  return [
    ...own.map((body) => ({ device, body, ...lastSeen })),
    ...(typeof seen === 'object' ? [{ device, body: seen }] : []),
    ...presence.map((body) => ({ device, body })),
  ];
}

/** What the device itself says: its states and presses, or only that it lives. */
function ownBodies(reader: DeviceReader, message: Message, retained: boolean): SignalBody[] {
  const isOwn = reader.own.some(
    (source) => (message.isJson || !readsJson(source)) && message.partsOf(source).length > 0,
  );
  if (!isOwn) return [];
  const buttons = reader.buttons.flatMap((button) => button.read(message));
  const read = reader.points.map((point) => pointIn(point, message)).filter((point) => point !== undefined);
  const points = read.filter((point) => 'point' in point);
  const battery = reader.battery === undefined ? {} : batteryIn(reader.battery, message);
  const state = 'type' in battery ? {} : battery;
  const unclear = [...read, battery].filter((each) => 'type' in each);
  const said = buttons.length === 0 ? {} : { buttons };
  const isEmpty = buttons.length === 0 && points.length === 0 && state.lowBattery === undefined;
  if (!isEmpty) return [{ type: 'readings', presses: [], points, ...said, ...state }, ...unclear];
  return retained ? unclear : [{ type: 'alive' }, ...unclear];
}

function availabilityBodies(
  of: number,
  source: MqttAvailability,
  { own }: DeviceReader,
  message: Message,
): readonly SignalBody[] {
  const said = availabilityIn(source, message, own.length > 0);
  if (said === undefined) return [];
  const body = { type: 'availability', of, says: said.says } as const;
  return said.says === 'unclear' ? [body, unclearWord(source, said.word)] : [body];
}

/** On the topic of a button it may be a press, unless the broker had kept it. */
function unreadable({ device, topic, buttons }: DeviceReader, value: string, isNoPress: boolean): Said {
  const of = buttons.length > 0 && !isNoPress ? 'button' : 'payload';
  return { device, body: { type: 'notUnderstood', of, member: topic, value } };
}
