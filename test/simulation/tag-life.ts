import { BthomeTag, type BthomeTagSettings, type TagInput } from '../../device-sim/ble/bthome-tag.ts';
import { nodeBthomeCcm } from '../../device-sim/ble/node-bthome-ccm.ts';
import type { Device } from '../../gateway/core/site.ts';
import { AdvertisementReader } from '../../gateway/inputs/ble/advertisement-reader.ts';
import type { Heard } from '../../gateway/inputs/ble/scanner-messages.ts';
import { parseAdvertisingData, type serviceData } from '../../protocol/ble/advertising-data.ts';
import { bytesToHex } from '../../protocol/bytes.ts';
import type { PressPattern } from '../../protocol/press-pattern.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const ADDRESS = '54:48:E6:8F:80:A5';
const KEY = new Uint8Array(16).fill(7);
/** Begin of the value of service data of BTHome, 0xFCD2 in the order of the wire. */
const BTHOME = 'd2fc';
const BEACON_MS = 20_000;
/** Advertisements of one message. */
export const REPEATS = 10;

export interface TagKind {
  readonly isKeyed: boolean;
  readonly isBeacon: boolean;
  readonly holdFirst: boolean;
  readonly repeatsLast: boolean;
  /** A second radio, which loses nothing, delivers what it hears so late. */
  readonly lagMs?: number;
}

export type TagStep =
  /** `lost`: of each advertisement of the press, whether the air loses it. */
  | {
      readonly type: 'press';
      readonly button: 0 | 1;
      readonly pattern: 'single' | 'long';
      /** How long a long press takes. */
      readonly heldMs: number;
      readonly lost: readonly boolean[];
    }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'kill' | 'stop'; readonly downMs: number };

/** One use of a button, and what the gateway could know of it. */
interface Operation {
  readonly button: 0 | 1;
  readonly pattern: PressPattern;
  readonly startMs: number;
  heardMs: number | undefined;
  /** The gateway ended after the operation began and before the next. */
  endedMs: number | undefined;
  /** Number of alerts before it. */
  readonly before: number;
}

/**
 * A simulated tag, the driver's reader and the core, with air that loses and a gateway that ends.
 */
export class TagLife {
  readonly world: SensorWorld;
  readonly operations: Operation[] = [];
  readonly #tag: BthomeTag;
  readonly #kind: TagKind;
  #reader = readerOf(false);
  #lost: readonly boolean[] = [];
  /** How often each message of the present press was sent. Those of earlier ones always arrive. */
  #sent = new Map<string, number>();
  readonly #sentBefore = new Set<string>();
  #wakes = 0;

  constructor(kind: TagKind, seed: number) {
    this.#kind = kind;
    const { isKeyed, isBeacon, holdFirst, repeatsLast } = kind;
    const tag: BthomeTagSettings = {
      id: 'wb-101',
      address: ADDRESS,
      buttons: 2,
      holdFirst,
      repeatsLast,
      ...(isKeyed && { key: KEY }),
      ...(isBeacon && { beaconMs: BEACON_MS }),
    };
    this.#tag = new BthomeTag(tag, nodeBthomeCcm);
    const known: Partial<Device> = {
      saysHowHoldEnds: true,
      heartbeatMs: isBeacon ? BEACON_MS : 0,
      missedHeartbeats: 9,
      counterOnly: isKeyed,
      ...(isKeyed && { keyFingerprint: 'aa' }),
    };
    this.world = new SensorWorld(site([device(101, known)], [path('central')]), seed);
    this.#reader = readerOf(isKeyed);
    this.#step({ type: 'start' });
  }

  live(steps: readonly TagStep[]): void {
    for (const step of steps) {
      if (step.type === 'wait') this.world.run(step.ms);
      else if (step.type === 'press') this.#press(step);
      else this.#end(step);
    }
    this.world.run(20_000);
  }

  /** Alerts raised from the beginning of this operation until the next began. */
  alertsOf(operation: Operation): SensorWorld['raised'] {
    const next = this.operations[this.operations.indexOf(operation) + 1];
    return this.world.raised.slice(operation.before, next?.before);
  }

  /** A person lets the button go before he presses it again. */
  #press({ button, pattern, heldMs, lost }: Extract<TagStep, { type: 'press' }>): void {
    for (const hex of this.#sent.keys()) this.#sentBefore.add(hex);
    this.#sent = new Map();
    this.#lost = lost;
    const before = this.world.raised.length;
    const startMs = this.world.clock.nowMs;
    this.operations.push({ button, pattern, startMs, heardMs: undefined, endedMs: undefined, before });
    this.#step({ type: 'press', button, pattern, heldMs });
    this.world.run(600 + (pattern === 'long' ? heldMs : 1_800));
  }

  #end({ type, downMs }: Extract<TagStep, { type: 'kill' | 'stop' }>): void {
    const last = this.operations.at(-1);
    if (last !== undefined) last.endedMs ??= this.world.clock.nowMs;
    if (type === 'stop') {
      this.world.give({ type: 'stopping' });
      this.world.run(this.world.journalDelayMs);
    }
    this.world.crash();
    this.world.run(downMs);
    this.#reader = readerOf(this.#kind.isKeyed);
    this.world.start();
  }

  #step(input: TagInput): void {
    const { clock } = this.world;
    const { advertisements, wakeMs } = this.#tag.step(input, clock.nowMs);
    for (const { data } of advertisements) this.#send(data);
    this.#wakes += 1;
    const wake = this.#wakes;
    if (wakeMs < Number.POSITIVE_INFINITY) {
      clock.at(wakeMs, () => {
        if (wake === this.#wakes) this.#step({ type: 'tick' });
      });
    }
  }

  #isLost(hex: string): boolean {
    if (this.#sentBefore.has(hex)) return false;
    const times = this.#sent.get(hex) ?? 0;
    this.#sent.set(hex, times + 1);
    return times < REPEATS && this.#lost[(this.#sent.size - 1) * REPEATS + times] === true;
  }

  #send(data: Uint8Array): void {
    const service: ReturnType<typeof serviceData> | undefined = parseAdvertisingData(data).at(-1);
    const hex = bytesToHex(service?.value ?? new Uint8Array()).slice(BTHOME.length);
    const capturedMs = this.world.clock.nowMs;
    const heard: Heard = { kind: 'bthome', address: ADDRESS, rssiDbm: -60, capturedMs, hex };
    const isPress = bearsPress(readerOf(this.#kind.isKeyed).read(heard));
    const { lagMs } = this.#kind;
    if (lagMs !== undefined) {
      const { runs } = this.world;
      this.world.clock.after(lagMs, () => {
        if (this.world.runs === runs) this.#hear(heard, isPress);
      });
    }
    if (!(isPress && this.#isLost(hex))) this.#hear(heard, isPress);
  }

  #hear(heard: Heard, isPress: boolean): void {
    if (!this.world.isRunning) return;
    const operation = this.operations.at(-1);
    if (isPress && operation !== undefined) operation.heardMs ??= heard.capturedMs;
    const read = this.#reader.read(heard);
    if (read.type === 'signal') this.world.give({ type: 'signal', signal: { ...read.signal, input: 'bus-1' } });
  }
}

function bearsPress(read: ReturnType<AdvertisementReader['read']>): boolean {
  return read.type === 'signal' && read.signal.body.type === 'readings' && read.signal.body.presses.length > 0;
}

function readerOf(isKeyed: boolean): AdvertisementReader {
  const tag = { format: 'bthome', device: 'wb-101', address: ADDRESS, lowBatteryPercent: 15, points: [] } as const;
  return new AdvertisementReader({ id: 'radio', devices: [isKeyed ? { ...tag, key: KEY } : tag] });
}
