import type { PressPattern } from '../../../protocol/press-pattern.ts';
import type { Readings, SignalBody } from '../../core/signal.ts';
import { parseJson, textAt } from './payload.ts';
import type { MqttAvailability, MqttBattery, MqttDevice, MqttPoint, MqttSource } from './settings.ts';
import { sourcesOf } from './sources.ts';

interface Said {
  readonly device: string;
  readonly body: SignalBody;
}

interface ButtonPart extends MqttSource {
  readonly number: number;
  readonly patterns: ReadonlyMap<string, PressPattern>;
}

/** Reads the messages of one topic of one device. */
interface Part {
  readonly device: string;
  readonly buttons: readonly ButtonPart[];
  readonly points: readonly MqttPoint[];
  readonly battery?: MqttBattery;
  readonly availability: readonly MqttAvailability[];
}

interface TopicParts {
  readonly parts: readonly Part[];
  readonly hasJson: boolean;
  readonly hasText: boolean;
}

type Lookup = (source: MqttSource) => string | undefined;

/** Turns the messages of the configured topics into what the devices say by them. */
export class DeviceMessages {
  readonly #byTopic: ReadonlyMap<string, TopicParts>;

  constructor(devices: readonly MqttDevice[]) {
    const speaking = new Map<string, MqttDevice[]>();
    for (const device of devices) {
      for (const topic of new Set(sourcesOf(device).map((source) => source.topic))) {
        const here = speaking.get(topic);
        if (here === undefined) speaking.set(topic, [device]);
        else here.push(device);
      }
    }
    this.#byTopic = new Map([...speaking].map(([topic, here]) => [topic, partsOf(here, topic)]));
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
    const lookup: Lookup = ({ path }) => (path.length === 0 ? payload : textAt(json, path));
    return known.parts.flatMap((part) => saidBy(part, lookup, retained));
  }
}

/** @param speaking the devices that say something there */
function partsOf(speaking: readonly MqttDevice[], topic: string): TopicParts {
  const here = (source: MqttSource): boolean => source.topic === topic;
  const paths = speaking.flatMap((device) => sourcesOf(device).filter(here)).map(({ path }) => path.length);
  return {
    hasJson: paths.some((length) => length > 0),
    hasText: paths.some((length) => length === 0),
    parts: speaking.map(({ device, buttons, points, availability = [], battery }) => ({
      device,
      buttons: buttons.filter(here).map((button) => ({ ...button, patterns: new Map(Object.entries(button.press)) })),
      points: points.filter(here),
      ...(battery !== undefined && here(battery) ? { battery } : {}),
      availability: availability.filter(here),
    })),
  };
}

function saidBy(part: Part, lookup: Lookup, retained: boolean): Said[] {
  const { device } = part;
  const readings = readingsOf(part, lookup, retained);
  const said: Said[] = readings === undefined ? [] : [{ device, body: readings }];
  const [first] = part.availability;
  const available = first === undefined ? undefined : availabilityOf(first, lookup);
  if (available === false) said.push({ device, body: { type: 'gone' } });
  else if (available === true || (readings === undefined && !retained)) said.push({ device, body: { type: 'alive' } });
  return said;
}

function readingsOf(part: Part, lookup: Lookup, retained: boolean): Readings | undefined {
  const presses = retained ? [] : part.buttons.flatMap((button) => pressOf(button, lookup));
  const points = part.points.flatMap((point) => pointOf(point, lookup));
  const battery = part.battery === undefined ? {} : batteryOf(part.battery, lookup);
  const isEmpty = presses.length === 0 && points.length === 0 && battery.batteryPercent === undefined;
  return isEmpty ? undefined : { type: 'readings', presses, points, ...battery };
}

function pressOf(button: ButtonPart, lookup: Lookup): Readings['presses'] {
  const pattern = button.patterns.get(lookup(button) ?? '');
  return pattern === undefined ? [] : [{ button: button.number, pattern }];
}

function pointOf(point: MqttPoint, lookup: Lookup): Readings['points'] {
  const text = lookup(point);
  if (text === undefined) return [];
  if (point.active.includes(text)) return [{ point: point.number, active: true }];
  return point.normal.includes(text) ? [{ point: point.number, active: false }] : [];
}

function batteryOf(battery: MqttBattery, lookup: Lookup): Pick<Readings, 'batteryPercent' | 'lowBattery'> {
  const text = lookup(battery)?.trim() ?? '';
  const percent = text === '' ? Number.NaN : Number(text);
  if (!(percent >= 0 && percent <= 100)) return {};
  return { batteryPercent: percent, lowBattery: percent < battery.lowPercent };
}

/** Whether an availability message reports the device present; `undefined`: it reports neither. */
export function availabilityIn(availability: MqttAvailability, payload: string): boolean | undefined {
  return availabilityOf(availability, ({ path }) => (path.length === 0 ? payload : textAt(parseJson(payload), path)));
}

/** `undefined`: the message reports neither. */
function availabilityOf(availability: MqttAvailability, lookup: Lookup): boolean | undefined {
  const text = lookup(availability);
  if (text === undefined) return undefined;
  if (availability.offline.includes(text)) return false;
  return availability.online.includes(text) ? true : undefined;
}
