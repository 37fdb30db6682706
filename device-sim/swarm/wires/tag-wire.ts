import { invariant } from '../../../gateway/core/invariant.ts';
import { AdvertisementReader } from '../../../gateway/inputs/ble/advertisement-reader.ts';
import { type HeardEntry, parseHeard } from '../../../gateway/inputs/ble/scanner-messages.ts';
import type { BleSettings, BthomeDevice } from '../../../gateway/inputs/ble/settings.ts';
import { parseAdvertisingData } from '../../../protocol/ble/advertising-data.ts';
import { bytesToHex } from '../../../protocol/bytes.ts';
import { BthomeTag, type TagInput } from '../../ble/bthome-tag.ts';
import { nodeBthomeCcm } from '../../ble/node-bthome-ccm.ts';
import type { EventOf } from '../life/life-shape.ts';
import type { GatewayEnd, Wire, WireEvent } from '../world/wire.ts';
import { Air, type AirDeps } from './air.ts';

/** Begin of the value of service data of BTHome, 0xFCD2 in the order of the wire. */
const BTHOME = 'd2fc';
const BUTTONS = 2;
const HOLD_FIRST = 0.4;
const AIR_MS_MAX = 20;
const LOW_PERCENT = 5;
/** The tag says what a press was no later than this, and people press no faster. */
const APART_MS = 4_000;

interface TagWireDeps extends AirDeps {
  readonly tags: readonly BthomeDevice[];
  readonly heartbeatMs: (device: string) => number;
}

interface Tag {
  readonly tag: BthomeTag;
  readonly device: BthomeDevice;
  isDead: boolean;
  wakes: number;
  pressedMs: number;
}

/** A radio that hears tags, and the reader of the gateway's driver. */
export class TagWire implements Wire {
  readonly id: string;
  readonly #deps: TagWireDeps;
  readonly #air: Air;
  readonly #tags = new Map<string, Tag>();
  #gateway: GatewayEnd | undefined;
  #reader: AdvertisementReader | undefined;
  #fairFromMs = 0;

  constructor(id: string, deps: TagWireDeps) {
    this.id = id;
    this.#deps = deps;
    this.#air = new Air(deps);
    for (const device of deps.tags) {
      const beaconMs = deps.heartbeatMs(device.device);
      const settings = {
        ...{ id: device.device, address: device.address, buttons: BUTTONS, door: device.points.length > 0 },
        ...(device.key !== undefined && { key: device.key }),
        ...(beaconMs > 0 && { beaconMs }),
        // As Shelly's four-button devices: hold at once, and what the press was later.
        holdFirst: deps.streams.of(`tag ${device.device}`)() < HOLD_FIRST,
      };
      const tag = new BthomeTag(settings, nodeBthomeCcm);
      this.#tags.set(device.device, { tag, device, isDead: false, wakes: 0, pressedMs: Number.NEGATIVE_INFINITY });
    }
  }

  has(device: string): boolean {
    return this.#tags.has(device);
  }

  powerUp(): void {
    for (const tag of this.#tags.values()) this.#step(tag, { type: 'start' });
  }

  open(gateway: GatewayEnd): void {
    this.#gateway = gateway;
    this.#reader = new AdvertisementReader(gateway.settings as BleSettings);
    gateway.sink.health({ input: this.id, state: 'up', detail: 'listens' });
  }

  close(): void {
    this.#reader = undefined;
  }

  event(event: WireEvent): void {
    if (event.do === 'weather') {
      // The radio's own CRC finds every flip, and an advertisement is heard at once or never.
      const loss = Math.min(1, event.loss + event.flip);
      this.#air.change({ ...event, loss, flip: 0, delayMs: Math.min(event.delayMs, AIR_MS_MAX) });
      this.#fairFromMs = Math.max(this.#fairFromMs, this.#deps.clock.nowMs + event.forMs);
      return;
    }
    const tag = event.do === 'attack' ? undefined : this.#tags.get(event.device);
    if (tag === undefined) return;
    switch (event.do) {
      case 'press':
        this.#press(tag, event);
        break;
      case 'point':
        this.#step(tag, { type: 'door', open: event.active });
        break;
      case 'battery':
        this.#step(tag, { type: 'battery', percent: LOW_PERCENT });
        this.#deps.clock.after(event.forMs, () => this.#step(tag, { type: 'battery', percent: 100 }));
        break;
      case 'reboot':
        if (event.keepsCounter) break;
        this.#deps.observe({ type: 'numbersLost', device: event.device });
        this.#step(tag, { type: 'batteryChange' });
        break;
      case 'dies':
        tag.isDead = true;
        this.#deps.clock.after(event.forMs, () => {
          tag.isDead = false;
          this.#step(tag, { type: 'start' });
        });
        break;
    }
  }

  #press(tag: Tag, { device, button, pattern }: EventOf<'press'>): void {
    const { clock, observe } = this.#deps;
    if (tag.isDead || button >= BUTTONS) return;
    const isApart = clock.nowMs - tag.pressedMs > APART_MS;
    tag.pressedMs = clock.nowMs;
    const sure = isApart && clock.nowMs >= this.#fairFromMs && this.#reader !== undefined;
    observe({ type: 'pressed', device, button, sure });
    this.#step(tag, { type: 'press', button, pattern });
    clock.after(APART_MS, () => observe({ type: 'released', device, button }));
  }

  #step(tag: Tag, input: TagInput): void {
    const { clock } = this.#deps;
    if (tag.isDead) return;
    const { advertisements, wakeMs } = tag.tag.step(input, clock.nowMs);
    for (const { data } of advertisements) this.#air.carry(data, (bytes) => this.#hear(tag, bytes));
    tag.wakes += 1;
    const { wakes } = tag;
    if (wakeMs === Number.POSITIVE_INFINITY) return;
    clock.at(Math.max(wakeMs, clock.nowMs + 1), () => {
      if (tag.wakes === wakes) this.#step(tag, { type: 'tick' });
    });
  }

  #hear({ device }: Tag, data: Uint8Array): void {
    const { clock, toGateway } = this.#deps;
    const service = parseAdvertisingData(data).at(-1);
    if (service === undefined) return;
    const value = bytesToHex(service.value);
    if (!value.startsWith(BTHOME)) return;
    const hex = value.slice(BTHOME.length);
    // The scanner is a process of its own. It says when it heard this, also if the gateway stands
    // still.
    const entry: HeardEntry = [clock.nowMs, device.address.toLowerCase(), -60, 'bthome', hex];
    toGateway(() => {
      const heard = parseHeard(entry, clock.nowMs);
      invariant(heard !== undefined, 'the scanner understands its own entries');
      const read = this.#reader?.read(heard);
      if (read?.type === 'signal') this.#gateway?.sink.signal({ ...read.signal, input: this.id });
      else if (read?.type === 'unknown') this.#gateway?.sink.unknownSignal(read.unknown);
    });
  }
}
