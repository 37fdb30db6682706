import {
  message,
  partOf,
  type Twin,
  type TwinContact,
  type TwinDevice,
  type TwinMessage,
  type TwinPress,
} from './twin.ts';

const EVENTS = { single: 'single', double: 'double', long: 'long' } as const;

/**
 * An ESPHome node (https://esphome.io/components/mqtt). A contact is a binary sensor: its state is
 * retained, which is ESPHome's default, and published again at each connection. A component `event`
 * publishes each event as JSON, retained as well.
 */
export class EspHome implements Twin {
  readonly againMs = Number.POSITIVE_INFINITY;
  readonly #node: string;
  readonly #devices: ReadonlyMap<string, TwinDevice>;
  /** State of each binary sensor, by its object id. */
  readonly #sensors = new Map<string, boolean>();

  constructor(node: string, devices: readonly TwinDevice[]) {
    this.#node = node;
    this.#devices = new Map(devices.map((device) => [device.id, device]));
    for (const { buttons, points } of devices) {
      for (const contact of [...buttons, ...points]) {
        if (entityOf(contact).type === 'binary_sensor') this.#sensors.set(entityOf(contact).object, false);
      }
    }
  }

  get will(): TwinMessage {
    return message('availability', `${this.#node}/status`, 'offline', { retain: true });
  }

  connected(): readonly TwinMessage[] {
    const online = message('availability', `${this.#node}/status`, 'online', { retain: true });
    return [online, ...[...this.#sensors].map(([object, isOn]) => this.#state(object, isOn))];
  }

  press(device: string, button: string, how: TwinPress, _: number, word?: string): readonly TwinMessage[] {
    const { type, object } = entityOf(partOf(this.#devices.get(device), button));
    if (type === 'event') {
      const event = { event_type: word ?? EVENTS[how] };
      return [message('event', `${this.#node}/event/${object}/state`, event, { retain: true })];
    }
    if (word !== undefined) {
      return [message('state', `${this.#node}/binary_sensor/${object}/state`, word, { retain: true })];
    }
    return [this.#state(object, true)];
  }

  release(device: string, button: string): readonly TwinMessage[] {
    const { type, object } = entityOf(partOf(this.#devices.get(device), button));
    return type === 'event' ? [] : [this.#state(object, false)];
  }

  point(device: string, point: string, active: boolean): readonly TwinMessage[] {
    return [this.#state(entityOf(partOf(this.#devices.get(device), point)).object, active)];
  }

  battery(_: string, percent: number): readonly TwinMessage[] {
    return [message('state', `${this.#node}/sensor/battery/state`, String(percent), { retain: true })];
  }

  presence(): readonly TwinMessage[] {
    return [];
  }

  again(): readonly TwinMessage[] {
    return [];
  }

  #state(object: string, isOn: boolean): TwinMessage {
    this.#sensors.set(object, isOn);
    return message('state', `${this.#node}/binary_sensor/${object}/state`, isOn ? 'ON' : 'OFF', { retain: true });
  }
}

/** `panic` and `binary_sensor/panic` are a binary sensor, `event/panic` an event. */
function entityOf({ id, channel = id }: TwinContact): { readonly type: string; readonly object: string } {
  const [first = id, second] = channel.split('/');
  return second === undefined ? { type: 'binary_sensor', object: first } : { type: first, object: second };
}
