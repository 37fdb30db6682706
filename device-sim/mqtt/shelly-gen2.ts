import { message, partOf, type Twin, type TwinDevice, type TwinMessage, type TwinPress } from './twin.ts';

const EVENTS = { single: 'single_push', double: 'double_push', long: 'long_push' } as const;
/** A short push is classified when no second one has followed; a long one while it lasts. */
const CLASSIFIED_MS = 300;
const LONG_MS = 800;

/**
 * A Shelly of the second generation or a later one, such as Plus i4
 * (https://shelly-api-docs.shelly.cloud/gen2/General/Notifications). The events of all its inputs
 * come on one topic, and several may come in one message. Notifications of its state come on the
 * same topic.
 */
export class ShellyGen2 implements Twin {
  readonly againMs = Number.POSITIVE_INFINITY;
  readonly #id: string;
  readonly #devices: ReadonlyMap<string, TwinDevice>;
  readonly #inputs = new Map<string, boolean>();

  /** @param id for example `shellyplusi4-aabbcc000202`: the topics' prefix */
  constructor(id: string, devices: readonly TwinDevice[]) {
    this.#id = id;
    this.#devices = new Map(devices.map((device) => [device.id, device]));
    for (const { points } of devices) for (const { channel = '0' } of points) this.#inputs.set(channel, false);
  }

  get will(): TwinMessage {
    return message('availability', `${this.#id}/online`, 'false', { retain: true });
  }

  connected(wallMs: number): readonly TwinMessage[] {
    const states = [...this.#inputs].map(([channel, state]) => this.#status(channel, state));
    const online = message('availability', `${this.#id}/online`, 'true', { retain: true });
    return [online, ...states, this.#notify('NotifyStatus', { sys: { available_updates: {} } }, wallMs)];
  }

  press(device: string, button: string, how: TwinPress, wallMs: number, word?: string): readonly TwinMessage[] {
    const { channel = '0' } = partOf(this.#devices.get(device), button);
    const down = this.#events([event(channel, 'btn_down', wallMs)], wallMs);
    const pushed = event(channel, word ?? EVENTS[how], wallMs);
    if (how === 'long') return [down, this.#events([pushed], wallMs, LONG_MS)];
    return [down, this.#events([event(channel, 'btn_up', wallMs), pushed], wallMs, CLASSIFIED_MS)];
  }

  release(): readonly TwinMessage[] {
    return [];
  }

  point(device: string, point: string, active: boolean, wallMs: number): readonly TwinMessage[] {
    const { channel = '0' } = partOf(this.#devices.get(device), point);
    this.#inputs.set(channel, active);
    const notified = this.#notify(
      'NotifyStatus',
      { [`input:${channel}`]: { id: Number(channel), state: active } },
      wallMs,
    );
    return [this.#status(channel, active), notified];
  }

  battery(_: string, percent: number): readonly TwinMessage[] {
    return [
      message('state', `${this.#id}/status/devicepower:0`, {
        id: 0,
        battery: { V: 2.9, percent },
        external: { present: false },
      }),
    ];
  }

  presence(): readonly TwinMessage[] {
    return [];
  }

  again(): readonly TwinMessage[] {
    return [];
  }

  #status(channel: string, state: boolean): TwinMessage {
    return message('state', `${this.#id}/status/input:${channel}`, { id: Number(channel), state });
  }

  #events(events: readonly object[], wallMs: number, afterMs = 0): TwinMessage {
    return { ...this.#notify('NotifyEvent', { events }, wallMs, afterMs), says: 'event' };
  }

  #notify(method: string, params: object, wallMs: number, afterMs = 0): TwinMessage {
    const ts = (wallMs + afterMs) / 1000;
    const frame = { src: this.#id, dst: `${this.#id}/events`, method, params: { ts, ...params } };
    return message('state', `${this.#id}/events/rpc`, frame, { afterMs });
  }
}

function event(channel: string, name: string, wallMs: number): object {
  return { component: `input:${channel}`, id: Number(channel), event: name, ts: wallMs / 1000 };
}
