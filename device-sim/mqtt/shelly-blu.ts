import { message, partOf, type Twin, type TwinDevice, type TwinMessage, type TwinPress } from './twin.ts';

/** BTHome's numbers of button events (https://bthome.io/format/), as the script passes them on. */
const BUTTON = { single: 1, double: 2, long: 4 } as const;
const PUSHES = { single: 'single_push', double: 'double_push', long: 'long_push' } as const;
const FIRST_COMPONENT = 200;
/** A neighbour's tag, which the script passes on as well. */
const STRANGER = 'b4:35:22:be:ef:01';
const PACKET_IDS = 256;

/**
 * How a Shelly passes BLU tags on. `script`: Allterco's script `ble-shelly-blu.shelly.js` emits
 * what it read as an event. `native`: since firmware 1.5 each tag is a component of its own.
 */
type BluWay = 'script' | 'native';

/**
 * A Shelly as the Bluetooth gateway of BLU buttons and door sensors. All tags speak on its one
 * topic. It does not notice that a tag is gone.
 */
export class ShellyBluGateway implements Twin {
  readonly againMs = Number.POSITIVE_INFINITY;
  readonly #id: string;
  readonly #devices: readonly TwinDevice[];
  readonly #way: BluWay;
  readonly #packets = new Map<string, number>();
  readonly #batteries = new Map<string, number>();
  #strangerPresses = 0;

  /**
   * @param devices their names are Bluetooth addresses, or with `native` components, such as
   * `bthomedevice:200`
   */
  constructor(id: string, devices: readonly TwinDevice[], way: BluWay = 'script') {
    this.#id = id;
    this.#devices = devices;
    this.#way = way;
  }

  get will(): TwinMessage {
    return message('availability', `${this.#id}/online`, 'false', { retain: true });
  }

  connected(wallMs: number): readonly TwinMessage[] {
    const online = message('availability', `${this.#id}/online`, 'true', { retain: true });
    return [online, this.#notify('NotifyStatus', { ble: {} }, wallMs)];
  }

  press(device: string, button: string, how: TwinPress, wallMs: number, word?: string): readonly TwinMessage[] {
    const tag = this.#tag(device);
    const index = Number(partOf(tag, button).channel ?? 0);
    if (this.#way === 'native') {
      return [
        ...this.#sensed(tag, wallMs),
        this.#event({ ...this.#of(tag), event: word ?? PUSHES[how], idx: index }, wallMs),
      ];
    }
    // A tag with several buttons sends one object for each; the script makes an array of them.
    const pushed = word ?? BUTTON[how];
    const buttons = index === 0 ? pushed : [...Array.from({ length: index }, () => 0), pushed];
    return [this.#scripted(tag, { button: buttons }, wallMs)];
  }

  release(): readonly TwinMessage[] {
    return [];
  }

  point(device: string, _: string, active: boolean, wallMs: number): readonly TwinMessage[] {
    const tag = this.#tag(device);
    const state = { window: active ? 1 : 0, illuminance: 12, rotation: 0 };
    if (this.#way === 'script') return [{ ...this.#scripted(tag, state, wallMs), says: 'state' }];
    const status = { id: this.#number(tag), value: active, last_updated_ts: Math.floor(wallMs / 1000) };
    return [message('state', `${this.#id}/status/bthomesensor:${this.#number(tag)}`, status)];
  }

  battery(device: string, percent: number, wallMs: number): readonly TwinMessage[] {
    const tag = this.#tag(device);
    this.#batteries.set(device, percent);
    if (this.#way === 'native') return this.#sensed(tag, wallMs);
    return [{ ...this.#scripted(tag, {}, wallMs), says: 'state' }];
  }

  presence(): readonly TwinMessage[] {
    return [];
  }

  stranger(wallMs: number): readonly TwinMessage[] {
    this.#strangerPresses += 1;
    const head = { encryption: false, BTHome_version: 2, pid: this.#strangerPresses % PACKET_IDS, battery: 100 };
    const data = { ...head, button: BUTTON.single, rssi: -70, address: STRANGER };
    const event =
      this.#way === 'script'
        ? { component: 'script:1', id: 1, event: 'shelly-blu', data }
        : { component: 'bthomedevice:299', id: 299, event: PUSHES.single, idx: 0 };
    return [this.#event(event, wallMs)];
  }

  again(): readonly TwinMessage[] {
    return [];
  }

  #tag(id: string): TwinDevice {
    const tag = this.#devices.find((device) => device.id === id);
    if (tag === undefined) throw new RangeError(`no tag "${id}" at ${this.#id}`);
    return tag;
  }

  /** Number of the tag's component; the gateway gives them in the order in which tags are added. */
  #number(tag: TwinDevice): number {
    const [, named] = /^bthomedevice:(\d+)$/.exec(tag.name) ?? [];
    return named === undefined ? FIRST_COMPONENT + this.#devices.indexOf(tag) : Number(named);
  }

  #of(tag: TwinDevice): object {
    const id = this.#number(tag);
    return { component: `bthomedevice:${id}`, id };
  }

  #packet(device: string): number {
    const packet = ((this.#packets.get(device) ?? 117) + 1) % PACKET_IDS;
    this.#packets.set(device, packet);
    return packet;
  }

  #sensed(tag: TwinDevice, wallMs: number): readonly TwinMessage[] {
    const id = this.#number(tag);
    const battery = this.#batteries.get(tag.id) ?? 100;
    const seen = { rssi: -60, battery, packet_id: this.#packet(tag.id), last_updated_ts: Math.floor(wallMs / 1000) };
    return [message('state', `${this.#id}/status/bthomedevice:${id}`, { id, ...seen })];
  }

  #scripted(tag: TwinDevice, sensed: object, wallMs: number): TwinMessage {
    const battery = this.#batteries.get(tag.id) ?? 100;
    const head = { encryption: false, BTHome_version: 2, pid: this.#packet(tag.id), battery };
    const data = { ...head, ...sensed, rssi: -60, address: tag.name.toLowerCase() };
    return this.#event({ component: 'script:1', id: 1, event: 'shelly-blu', data }, wallMs);
  }

  #event(event: object, wallMs: number): TwinMessage {
    const events = [{ ...event, ts: wallMs / 1000 }];
    return { ...this.#notify('NotifyEvent', { events }, wallMs), says: 'event' };
  }

  #notify(method: string, params: object, wallMs: number): TwinMessage {
    const frame = { src: this.#id, dst: `${this.#id}/events`, method, params: { ts: wallMs / 1000, ...params } };
    return message('state', `${this.#id}/events/rpc`, frame);
  }
}
