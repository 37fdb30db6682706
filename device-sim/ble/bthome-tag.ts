import { addressBytes } from '../../protocol/ble/address.ts';
import { composeAdvertisingData, GENERAL_DISCOVERABLE, serviceData } from '../../protocol/ble/advertising-data.ts';
import { BTHOME_UUID, composeObjects, composePlain } from '../../protocol/ble/bthome.ts';
import { type BthomeCcm, sealBthome } from '../../protocol/ble/bthome-encryption.ts';
import type { PressPattern } from '../../protocol/press-pattern.ts';
import type { Burst, RadioStep } from './burst.ts';
import type { Advertisement } from './hci-controller.ts';

const PACKET_IDS = 256;
/** While a button is held, `hold` is repeated at this interval. After a click this much passes. */
const HOLD_MS = 900;
const LONG: ReadonlySet<PressPattern> = new Set(['long', 'longDouble', 'longTriple']);

interface Event {
  readonly dueMs: number;
  readonly button: number;
  readonly pattern: PressPattern;
}

export interface BthomeTagSettings {
  readonly id: string;
  readonly address: string;
  /** AES-128 key of 16 bytes. Without it the tag sends unencrypted. */
  readonly key?: Uint8Array;
  /** Counter of the last encrypted message. Default 0: a new battery. */
  readonly counter?: number;
  /** Number of buttons, 1…4. */
  readonly buttons: number;
  /** True if the tag has a door contact. */
  readonly door?: boolean;
  /** True if the firmware numbers its unencrypted packets. Default true. */
  readonly packetIds?: boolean;
  /**
   * Number of advertisements of one message, and the interval between them in ms. Defaults 10 and
   * 30.
   */
  readonly repeats?: number;
  readonly intervalMs?: number;
  /**
   * Interval of the status messages in beacon mode. Without it the tag is silent between events.
   */
  readonly beaconMs?: number;
  /**
   * In beacon mode it repeats its last message, with the same number, as long as nothing changes.
   */
  readonly repeatsLast?: boolean;
  /**
   * It sends `hold` as soon as a button goes down, and what the press was later, as Shelly's
   * four-button devices do (captured: `hold`, and `single` 0.9 s later).
   */
  readonly holdFirst?: boolean;
  readonly rssiDbm?: number;
}

export type TagInput =
  | { readonly type: 'start' }
  /** `heldMs`: how long a long press holds the button. Default: twice the interval of `hold`. */
  | { readonly type: 'press'; readonly button: number; readonly pattern: PressPattern; readonly heldMs?: number }
  | { readonly type: 'door'; readonly open: boolean }
  | { readonly type: 'battery'; readonly percent: number }
  /** Replaces the battery: an encrypted tag begins to count at 0 again. */
  | { readonly type: 'batteryChange' }
  | { readonly type: 'tick' };

/**
 * The firmware of a BTHome v2 tag, without a clock or a radio of its own. The tag advertises each
 * message several times. A new message replaces the one before it.
 */
export class BthomeTag {
  readonly settings: BthomeTagSettings;
  readonly #ccm: BthomeCcm;
  readonly #address: Uint8Array;
  #burst: Burst | undefined;
  /** What the present press has yet to say. */
  #events: readonly Event[] = [];
  #last: Advertisement | undefined;
  #packetId = 0;
  #counter = 0;
  #batteryPercent = 100;
  #open = false;
  #beaconDueMs = Infinity;

  /** @throws RangeError if the address is invalid. */
  constructor(settings: BthomeTagSettings, ccm: BthomeCcm) {
    const address = addressBytes(settings.address);
    if (address === undefined) throw new RangeError(`${settings.address} is no Bluetooth address`);
    this.settings = settings;
    this.#ccm = ccm;
    this.#address = address;
    this.#counter = settings.counter ?? 0;
  }

  /** Number of the last message. */
  get counter(): number {
    return this.#counter;
  }

  get packetId(): number {
    return this.#packetId;
  }

  /**
   * `nowMs` is the time; it must not run backwards.
   * @throws RangeError if the tag has no such button.
   */
  step(input: TagInput, nowMs: number): RadioStep {
    switch (input.type) {
      case 'start':
        // Power that was away has taken what was to be said.
        this.#events = [];
        this.#burst = undefined;
        this.#beaconDueMs = this.settings.beaconMs === undefined ? Infinity : nowMs;
        break;
      case 'press':
        this.#press(input.button, input.pattern, input.heldMs ?? 2 * HOLD_MS, nowMs);
        break;
      case 'door':
        this.#open = input.open;
        this.#say(nowMs);
        break;
      case 'battery':
        this.#batteryPercent = input.percent;
        break;
      case 'batteryChange':
        this.#batteryPercent = 100;
        this.#counter = 0;
        this.#packetId = 0;
        this.#last = undefined;
        this.#events = [];
        break;
      case 'tick':
        break;
    }
    this.#sayDue(nowMs);
    if (nowMs >= this.#beaconDueMs && this.#burst === undefined) {
      this.#beaconDueMs = nowMs + (this.settings.beaconMs ?? Infinity);
      if (this.settings.repeatsLast === true && this.#last !== undefined) {
        this.#burst = { advertisement: this.#last, left: 1, dueMs: nowMs };
      } else this.#say(nowMs, [], 1);
    }
    const { advertisements, wakeMs } = this.#advertise(nowMs);
    return { advertisements, wakeMs: Math.min(wakeMs, this.#events[0]?.dueMs ?? Infinity) };
  }

  #press(button: number, pattern: PressPattern, heldMs: number, nowMs: number): void {
    const holdsOfPress = LONG.has(pattern) ? Math.max(1, Math.floor(heldMs / HOLD_MS)) : 1;
    const holds = this.settings.holdFirst !== true || pattern === 'hold' ? 0 : holdsOfPress;
    const patterns = [...Array.from({ length: holds }, () => 'hold' as const), pattern];
    this.#pressed(button, pattern);
    this.#events = patterns.map((each, at) => ({ dueMs: nowMs + at * HOLD_MS, button, pattern: each }));
  }

  #sayDue(nowMs: number): void {
    const [event, ...later] = this.#events;
    if (event === undefined || nowMs < event.dueMs) return;
    this.#events = later;
    this.#say(nowMs, this.#pressed(event.button, event.pattern));
  }

  #pressed(button: number, pattern: PressPattern): (PressPattern | undefined)[] {
    const { buttons, id } = this.settings;
    if (button < 0 || button >= buttons)
      throw new RangeError(`${id} has ${buttons} buttons, numbered from 0: not ${button}`);
    return Array.from({ length: buttons }, (_, each) => (each === button ? pattern : undefined));
  }

  #say(nowMs: number, buttons: readonly (PressPattern | undefined)[] = [], times = this.settings.repeats ?? 10): void {
    const { address, rssiDbm, door, key, beaconMs, packetIds } = this.settings;
    const objects = composeObjects({
      ...(key === undefined && packetIds !== false ? { packetId: this.#nextPacketId() } : {}),
      batteryPercent: this.#batteryPercent,
      ...(door === true ? { openings: [this.#open] } : {}),
      buttons,
    });
    const triggerBased = beaconMs === undefined;
    const bthome = key === undefined ? composePlain(triggerBased, objects) : this.#seal(key, triggerBased, objects);
    const data = composeAdvertisingData([GENERAL_DISCOVERABLE, serviceData(BTHOME_UUID, bthome)]);
    const advertisement: Advertisement = { address, data, ...(rssiDbm === undefined ? {} : { rssiDbm }) };
    this.#last = advertisement;
    this.#burst = { advertisement, left: times, dueMs: nowMs };
  }

  #nextPacketId(): number {
    this.#packetId = (this.#packetId + 1) % PACKET_IDS;
    return this.#packetId;
  }

  #seal(key: Uint8Array, triggerBased: boolean, objects: Uint8Array): Uint8Array {
    this.#counter += 1;
    return sealBthome(this.#ccm, key, this.#address, triggerBased, { counter: this.#counter, objects });
  }

  #advertise(nowMs: number): RadioStep {
    const burst = this.#burst;
    if (burst === undefined) return { advertisements: [], wakeMs: this.#beaconDueMs };
    if (nowMs < burst.dueMs) return { advertisements: [], wakeMs: burst.dueMs };
    const left = burst.left - 1;
    const dueMs = nowMs + (this.settings.intervalMs ?? 30);
    this.#burst = left > 0 ? { ...burst, left, dueMs } : undefined;
    return { advertisements: [burst.advertisement], wakeMs: left > 0 ? dueMs : this.#beaconDueMs };
  }
}
