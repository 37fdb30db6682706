import type { Readings, SignalBody } from '../../core/signal.ts';
import { availabilityIn } from './availability-reader.ts';
import { batteryIn } from './battery-reader.ts';
import { type ButtonReader, buttonReaders } from './button-reader.ts';
import { Message } from './message.ts';
import { parseJson } from './payload.ts';
import { pointIn } from './point-reader.ts';
import type { MqttAvailability, MqttBattery, MqttButton, MqttDevice, MqttPoint, MqttSource } from './settings.ts';
import { sourcesOf } from './sources.ts';
import { ToldApart } from './told-apart.ts';

interface Said {
  readonly device: string;
  readonly body: SignalBody;
}

/** What one device says on one topic. */
interface DeviceReader {
  readonly device: string;
  readonly buttons: readonly ButtonReader[];
  readonly points: readonly MqttPoint[];
  readonly battery?: MqttBattery;
  readonly availability: readonly MqttAvailability[];
  /** What the device itself sends. A message that holds none of them is not the device's. */
  readonly own: readonly MqttSource[];
}

interface TopicReader {
  readonly devices: ToldApart<DeviceReader>;
  readonly hasJson: boolean;
  readonly hasText: boolean;
  /** Paths of the arrays that are read. */
  readonly arrays: readonly (readonly string[])[];
}

/** Turns the messages of the configured topics into what the devices say by them. */
export class DeviceMessages {
  readonly #byTopic: ReadonlyMap<string, TopicReader>;

  constructor(devices: readonly MqttDevice[]) {
    const speaking = new Map<string, MqttDevice[]>();
    for (const device of devices) {
      for (const topic of new Set(sourcesOf(device).map((source) => source.topic))) {
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
   * @returns `undefined` for a message that is not understood
   */
  read(topic: string, payload: string, retained: boolean): readonly Said[] | undefined {
    const known = this.#byTopic.get(topic);
    if (known === undefined) return undefined;
    const json = known.hasJson ? parseJson(payload) : undefined;
    if (known.hasJson && json === undefined && !known.hasText) return undefined;
    const message = new Message(payload, json);
    if (known.arrays.some((each) => message.isTooLong(each))) return undefined;
    return known.devices.in(message).flatMap((device) => saidBy(device, message, retained));
  }
}

/** @param speaking the devices that say something there */
function topicReader(speaking: readonly MqttDevice[], topic: string): TopicReader {
  const here = (source: MqttSource): boolean => source.topic === topic;
  const sources = speaking.flatMap((device) => sourcesOf(device).filter(here));
  const readers = buttonReaders(speaking.flatMap((device) => device.buttons.filter(here)));
  return {
    hasJson: sources.some(readsJson),
    hasText: sources.some((source) => !readsJson(source)),
    arrays: distinct(sources.flatMap(({ each }) => (each === undefined ? [] : [each]))),
    devices: new ToldApart(
      speaking.map((device) => deviceReader(device, here, readers)),
      ({ own }) => own,
    ),
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
  here: (source: MqttSource) => boolean,
  readers: ReadonlyMap<MqttButton, ButtonReader>,
): DeviceReader {
  const own = [...buttons, ...points, ...availability, battery, lastSeen].filter((source) => source !== undefined);
  return {
    device,
    buttons: buttons.flatMap((button) => readers.get(button) ?? []),
    points: points.filter(here),
    ...(battery !== undefined && here(battery) ? { battery } : {}),
    availability: availability.filter(here),
    own: own.filter(here),
  };
}

function saidBy(reader: DeviceReader, message: Message, retained: boolean): Said[] {
  const { device } = reader;
  const readings = readingsOf(reader, message);
  const said: Said[] = readings === undefined ? [] : [{ device, body: readings }];
  const states = reader.availability.map((availability) => availabilityIn(availability, message));
  const isOwn = reader.own.some((source) => message.partsOf(source).length > 0);
  const proves = states.includes(true) || (readings === undefined && !retained && isOwn);
  if (states.includes(false)) said.push({ device, body: { type: 'gone' } });
  else if (proves) said.push({ device, body: { type: 'alive' } });
  return said;
}

function readingsOf(reader: DeviceReader, message: Message): Readings | undefined {
  const buttons = reader.buttons.flatMap((button) => button.read(message));
  const points = reader.points.flatMap((point) => pointIn(point, message));
  const battery = reader.battery === undefined ? {} : batteryIn(reader.battery, message);
  const said = buttons.length === 0 ? {} : { buttons };
  const isEmpty = buttons.length === 0 && points.length === 0 && battery.batteryPercent === undefined;
  return isEmpty ? undefined : { type: 'readings', presses: [], points, ...said, ...battery };
}
