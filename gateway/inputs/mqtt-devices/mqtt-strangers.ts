import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { MqttStranger } from '../../../protocol/discovery-document.ts';
import { sightingsIn } from '../../../protocol/mqtt-profiles/sightings.ts';
import type { Sighting } from '../../../protocol/mqtt-profiles/zigbee-sightings.ts';
import { isoTime } from '../../../protocol/wall-time.ts';
import { wallTimeOf } from '../../system/clock.ts';
import type { HeardStrangers } from '../input-driver.ts';
import { StrangerTable } from '../stranger-table.ts';
import type { MqttDevice } from './settings.ts';
import { sourcesOf } from './sources.ts';

/** Devices that are remembered: a Zigbee network has at most some hundred. */
const STRANGERS_MAX = 512;
const CHANNELS_MAX = 32;
const TOPIC_LENGTH_MAX = 256;

interface Seen {
  readonly first: Sighting;
  readonly channels: Set<string>;
  readonly states: Map<string, string>;
  name: string | undefined;
  model: string | undefined;
  batteryPercent: number | undefined;
  movement: string;
}

/** Buttons and door contacts on a broker that no device of the configuration is. */
export class MqttStrangers {
  readonly #input: string;
  readonly #topics: ReadonlySet<string>;
  /** Of devices that share a topic: the topic and what tells them apart. */
  readonly #members: ReadonlySet<string>;
  readonly #table = new StrangerTable<Seen>(STRANGERS_MAX);

  constructor(input: string, devices: readonly MqttDevice[]) {
    this.#input = input;
    const sources = devices.flatMap(sourcesOf);
    const alone = sources.filter(({ when = [] }) => when.length === 0);
    this.#topics = new Set(alone.map(({ topic }) => topic));
    this.#members = new Set(
      sources.flatMap(({ topic, when = [] }) => when.flatMap(({ is }) => is.map((text) => memberKey(topic, text)))),
    );
  }

  heard(topic: string, payload: string, retained: boolean, nowMs: MonoMs): void {
    if (this.#topics.has(topic)) return;
    for (const sighting of sightingsIn(topic, payload)) {
      if (!this.#isKnown(topic, sighting)) this.#see(sighting, retained, nowMs);
    }
  }

  strangers(): HeardStrangers {
    const entries = this.#table.entries();
    const families = entries.filter(({ value }) => value.first.profile !== undefined).map(({ value }) => value.first);
    // Home Assistant's discovery speaks of the devices of a family once more.
    const shown = entries.filter(
      ({ value: { first } }) =>
        first.profile !== undefined || !families.some(({ topic }) => isWithin(first.topic, topic)),
    );
    const strangers = shown.map(({ value, messages, firstMs, lastMs, movedMs }) => {
      const { first, name, model, batteryPercent, channels, movement } = value;
      const { profile, topic, address, component, offers } = first;
      return {
        kind: 'mqtt',
        input: this.#input,
        ...(profile === undefined ? {} : { profile }),
        topic,
        offers,
        ...(address === undefined ? {} : { address }),
        ...(component === undefined ? {} : { component }),
        ...(name === undefined ? {} : { name }),
        ...(model === undefined ? {} : { model }),
        channels: [...channels].sort(),
        ...(batteryPercent === undefined ? {} : { battery_percent: batteryPercent }),
        first_heard_at: isoTime(wallTimeOf(firstMs)),
        last_heard_at: isoTime(wallTimeOf(lastMs)),
        ...(movedMs === LONG_AGO_MS ? {} : { moved_at: isoTime(wallTimeOf(movedMs)), movement }),
        messages,
      } satisfies MqttStranger;
    });
    return { strangers, leftOut: this.#table.leftOut };
  }

  #isKnown(topic: string, { topic: device, address, component, channel, profile }: Sighting): boolean {
    if (this.#topics.has(device)) return true;
    const texts = [address, component, ...(profile === 'shelly-gen2' ? [`input:${channel}`] : [])];
    return texts.some((text) => text !== undefined && this.#members.has(memberKey(topic, text)));
  }

  #see(sighting: Sighting, retained: boolean, nowMs: MonoMs): void {
    const { profile = '', topic, address, component, offers, channel, name, model, batteryPercent } = sighting;
    if (topic.length > TOPIC_LENGTH_MAX) return;
    const key = JSON.stringify([profile, topic, address ?? component ?? '']);
    const make = (): Seen => ({
      first: sighting,
      channels: new Set(),
      states: new Map(),
      name,
      model,
      batteryPercent,
      movement: '',
    });
    const entry = this.#table.heard(key, nowMs, 0, make);
    const seen = entry.value;
    if (channel !== undefined && seen.channels.size < CHANNELS_MAX) seen.channels.add(channel);
    seen.name = name ?? seen.name;
    seen.model = model ?? seen.model;
    seen.batteryPercent = batteryPercent ?? seen.batteryPercent;
    if (!isMovement(seen, sighting) || retained) return;
    entry.movedMs = nowMs;
    const which = channel === undefined ? '' : ` ${channel}`;
    seen.movement = offers === 'button' ? `button${which} was pressed` : 'the contact moved';
  }
}

/**
 * A state is published again and again: only a change of it is a movement, so that the first one
 * heard is none.
 */
function isMovement(seen: Seen, { state, channel = '', isPress = false, offers }: Sighting): boolean {
  if (state === undefined) return isPress;
  const before = seen.states.get(channel);
  if (before !== undefined || seen.states.size < CHANNELS_MAX) seen.states.set(channel, state);
  return before !== undefined && before !== state && (isPress || offers === 'doorContact');
}

function isWithin(topic: string, device: string): boolean {
  return topic === device || topic.startsWith(`${device}/`);
}

function memberKey(topic: string, text: string): string {
  return `${topic} ${text}`;
}
