import { message, partOf, type Twin, type TwinDevice, type TwinMessage, type TwinPress, wordFor } from './twin.ts';

/** A device that has just joined has its address for a name. */
const STRANGER = 0xbeef01;

const PRESSES = { single: 'single', double: 'double', long: 'hold' } as const;

/** Properties that Zigbee2MQTT never keeps: lib/state.ts, `dontCacheProperties`. */
type Kept = Record<string, number | boolean>;

interface Settings {
  /**
   * 1: after each action comes an empty one (`legacy` and Home Assistant's triggers), availability
   * and the bridge's state are plain text (`legacy_availability_payload`). 2: as 2.x does.
   */
  readonly version: 1 | 2;
  /** Format of `last_seen` (`advanced.last_seen`). */
  readonly lastSeen: 'disable' | 'ISO_8601' | 'epoch';
}

/**
 * Zigbee2MQTT with its devices
 * (https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html). It publishes all that it
 * knows of a device as one JSON object, not retained. At its start it publishes that again from its
 * cache (`cache_state_send_on_startup`), whether the devices live or not.
 */
export class Zigbee2Mqtt implements Twin {
  readonly againMs = Number.POSITIVE_INFINITY;
  readonly #base: string;
  readonly #settings: Settings;
  readonly #devices: ReadonlyMap<string, TwinDevice>;
  readonly #states = new Map<string, Kept>();
  readonly #present = new Map<string, boolean>();
  readonly #seenMs = new Map<string, number>();
  /** Their names. */
  #strangers: readonly string[] = [];

  constructor(base: string, devices: readonly TwinDevice[], settings: Partial<Settings> = {}) {
    this.#base = base;
    this.#settings = { version: 2, lastSeen: 'ISO_8601', ...settings };
    this.#devices = new Map(devices.map((device) => [device.id, device]));
    for (const { id, points } of devices) {
      this.#present.set(id, true);
      const contacts = points.map((point) => [point.channel ?? 'contact', true] as const);
      this.#states.set(id, { battery: 100, linkquality: 120, ...Object.fromEntries(contacts) });
    }
  }

  get will(): TwinMessage {
    return this.#stateOf('bridge', `${this.#base}/bridge/state`, false);
  }

  connected(wallMs: number, isStart: boolean): readonly TwinMessage[] {
    const known = [...this.#devices.values()];
    const cached = known.map((device) => this.#state(device, {}, wallMs, { heard: false }));
    const presence = known.map((device) => this.#availability(device));
    const state = this.#stateOf('bridge', `${this.#base}/bridge/state`, true);
    return [state, this.#list(), ...(isStart ? cached : []), ...presence];
  }

  press(device: string, button: string, how: TwinPress, wallMs: number, word?: string): readonly TwinMessage[] {
    const known = this.#device(device);
    const contact = partOf(known, button);
    const said = word ?? wordFor(contact, how, PRESSES);
    // A device with several buttons puts the button before the word: 1_single.
    const isNamed = contact.press !== undefined && Object.hasOwn(contact.press, said);
    const action = contact.channel === undefined || isNamed ? said : `${contact.channel}_${said}`;
    const pressed = this.#state(known, { action }, wallMs, { says: 'event' });
    if (this.#settings.version === 2) return [...this.#heard(known), pressed];
    return [...this.#heard(known), pressed, this.#state(known, { action: '' }, wallMs)];
  }

  release(): readonly TwinMessage[] {
    return [];
  }

  point(device: string, point: string, active: boolean, wallMs: number): readonly TwinMessage[] {
    const known = this.#device(device);
    this.#kept(device)[partOf(known, point).channel ?? 'contact'] = !active;
    return [...this.#heard(known), this.#state(known, {}, wallMs)];
  }

  battery(device: string, percent: number, wallMs: number): readonly TwinMessage[] {
    const known = this.#device(device);
    Object.assign(this.#kept(device), { battery: percent });
    return [...this.#heard(known), this.#state(known, {}, wallMs)];
  }

  presence(device: string, isPresent: boolean): readonly TwinMessage[] {
    this.#present.set(device, isPresent);
    return [this.#availability(this.#device(device))];
  }

  stranger(_wallMs: number, count = 1): readonly TwinMessage[] {
    const taken = [...this.#devices.values()].map(({ name }) => name);
    const strangers = [...this.#strangers];
    for (let at = 0; strangers.length < count; at += 1) {
      const name = `0x00158d00${(STRANGER + at).toString(16).padStart(8, '0')}`;
      if (!taken.includes(name) && !strangers.includes(name)) strangers.push(name);
    }
    this.#strangers = strangers;
    const said = { action: 'single', battery: 100, linkquality: 90 };
    return [this.#list(), message('event', `${this.#base}/${strangers[0]}`, said)];
  }

  again(): readonly TwinMessage[] {
    return [];
  }

  /** Of a device that was out of reach, availability comes first. */
  #heard(device: TwinDevice): readonly TwinMessage[] {
    return this.#present.get(device.id) === false ? this.presence(device.id, true) : [];
  }

  /** What it publishes, retained, whenever a device joins or leaves (lib/extension/bridge.ts). */
  #list(): TwinMessage {
    const joined: readonly Omit<TwinDevice, 'id'>[] = [
      ...this.#devices.values(),
      ...this.#strangers.map((name) => ({ name, buttons: [{ id: 'action' }], points: [] })),
    ];
    const devices = joined.map(({ name, buttons, points }, at) => {
      const actions = buttons.flatMap(({ channel }) =>
        Object.values(PRESSES).map((word) => (channel === undefined ? word : `${channel}_${word}`)),
      );
      return {
        ieee_address: `0x00158d00${at.toString(16).padStart(8, '0')}`,
        type: 'EndDevice',
        friendly_name: name,
        definition: {
          model: buttons.length > 1 ? 'TS0044' : 'WXKG11LM',
          vendor: buttons.length > 1 ? 'Tuya' : 'Aqara',
          exposes: [
            ...(actions.length > 0 ? [{ type: 'enum', property: 'action', values: actions }] : []),
            ...points.map(({ channel }) => ({ type: 'binary', property: channel ?? 'contact' })),
            { type: 'numeric', property: 'battery' },
          ],
        },
      };
    });
    const coordinator = { ieee_address: '0x00124b0000000001', type: 'Coordinator', friendly_name: 'Coordinator' };
    return message('other', `${this.#base}/bridge/devices`, JSON.stringify([coordinator, ...devices]), {
      retain: true,
    });
  }

  #availability({ id, name }: TwinDevice): TwinMessage {
    return this.#stateOf('availability', `${this.#base}/${name}/availability`, this.#present.get(id) ?? false);
  }

  #stateOf(says: 'bridge' | 'availability', topic: string, isOnline: boolean): TwinMessage {
    const state = isOnline ? 'online' : 'offline';
    return message(says, topic, this.#settings.version === 1 ? state : { state }, { retain: true });
  }

  #state(
    { id, name }: TwinDevice,
    more: object,
    wallMs: number,
    how: { heard?: boolean; says?: 'event' | 'state' } = {},
  ): TwinMessage {
    const { heard = true, says = 'state' } = how;
    if (heard || !this.#seenMs.has(id)) this.#seenMs.set(id, wallMs);
    const seen = seenText(this.#seenMs.get(id) ?? wallMs, this.#settings.lastSeen);
    return message(says, `${this.#base}/${name}`, { ...this.#kept(id), ...more, ...seen });
  }

  #kept(device: string): Kept {
    const kept = this.#states.get(device);
    if (kept === undefined) throw new RangeError(`no device "${device}" at ${this.#base}`);
    return kept;
  }

  #device(id: string): TwinDevice {
    const device = this.#devices.get(id);
    if (device === undefined) throw new RangeError(`no device "${id}" at ${this.#base}`);
    return device;
  }
}

function seenText(seenMs: number, format: Settings['lastSeen']): { last_seen?: string | number } {
  if (format === 'disable') return {};
  return { last_seen: format === 'epoch' ? seenMs : new Date(seenMs).toISOString() };
}
