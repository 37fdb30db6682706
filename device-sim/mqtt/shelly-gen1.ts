import {
  message,
  partOf,
  type Twin,
  type TwinContact,
  type TwinDevice,
  type TwinMessage,
  type TwinPress,
} from './twin.ts';

const EVENTS = { single: 'S', double: 'SS', long: 'L' } as const;
/** `mqtt_update_period`, whose default is 30 s. */
const UPDATE_MS = 30_000;
/** A press is classified when no second one has followed. */
const CLASSIFIED_MS = 500;

/**
 * A Shelly of the first generation, such as i3 or Button1
 * (https://shelly-api-docs.shelly.cloud/gen1/#shelly-button1-mqtt). It numbers events, publishes
 * everything else as plain text, and publishes all of it again every 30 s, the last event as well.
 */
export class ShellyGen1 implements Twin {
  readonly againMs = UPDATE_MS;
  readonly #base: string;
  readonly #devices: ReadonlyMap<string, TwinDevice>;
  /** The last message on each topic. */
  readonly #last = new Map<string, TwinMessage>();
  readonly #counts = new Map<string, number>();

  /** @param base for example `shellies/shellyix3-AABBCC000201` */
  constructor(base: string, devices: readonly TwinDevice[]) {
    this.#base = base;
    this.#devices = new Map(devices.map((device) => [device.id, device]));
    for (const { points } of devices) for (const point of points) this.#sensed(point, false);
  }

  get will(): TwinMessage {
    return message('availability', `${this.#base}/online`, 'false', { retain: true });
  }

  connected(_: number, isStart: boolean): readonly TwinMessage[] {
    // The counts and the last events are in memory. Before the first event it publishes none.
    if (isStart) {
      for (const channel of this.#channels()) {
        this.#counts.set(channel, 0);
        this.#keep(message('state', `${this.#base}/input_event/${channel}`, { event: '', event_cnt: 0 }));
      }
    }
    return [message('availability', `${this.#base}/online`, 'true', { retain: true }), ...this.again()];
  }

  press(device: string, button: string, how: TwinPress, _: number, word?: string): readonly TwinMessage[] {
    const { channel = '0' } = partOf(this.#devices.get(device), button);
    const count = (this.#counts.get(channel) ?? 0) + 1;
    this.#counts.set(channel, count);
    const event = { event: word ?? EVENTS[how], event_cnt: count };
    const said = message('event', `${this.#base}/input_event/${channel}`, event, { afterMs: CLASSIFIED_MS });
    this.#last.set(said.topic, { ...said, afterMs: 0 });
    return [this.#input(channel, true), said];
  }

  release(device: string, button: string): readonly TwinMessage[] {
    return [this.#input(partOf(this.#devices.get(device), button).channel ?? '0', false)];
  }

  point(device: string, point: string, active: boolean): readonly TwinMessage[] {
    return [this.#sensed(partOf(this.#devices.get(device), point), active)];
  }

  battery(_: string, percent: number): readonly TwinMessage[] {
    return [this.#keep(message('state', `${this.#base}/sensor/battery`, String(percent)))];
  }

  presence(): readonly TwinMessage[] {
    return [];
  }

  again(): readonly TwinMessage[] {
    return [...this.#last.values()];
  }

  #channels(): ReadonlySet<string> {
    return new Set([...this.#devices.values()].flatMap(({ buttons }) => buttons.map(({ channel = '0' }) => channel)));
  }

  /** A Door/Window sensor has words for its state, and any other contact is an input. */
  #sensed({ type, channel = '0' }: TwinContact, active: boolean): TwinMessage {
    if (type !== 'doorContact') return this.#input(channel, active);
    return this.#keep(message('state', `${this.#base}/sensor/state`, active ? 'open' : 'close'));
  }

  #input(channel: string, isOn: boolean): TwinMessage {
    return this.#keep(message('state', `${this.#base}/input/${channel}`, isOn ? '1' : '0'));
  }

  #keep(said: TwinMessage): TwinMessage {
    this.#last.set(said.topic, said);
    return said;
  }
}
