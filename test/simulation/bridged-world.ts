import type { Device } from '../../gateway/core/site.ts';
import type { DoorDocument } from '../../protocol/mqtt-documents.ts';
import { door, without } from '../unit/core/door-rig.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

export const MINUTE_MS = 60_000;
const BRIDGE = 'zigbee2mqtt/bridge/state';
/** A living device reports this often. */
export const REPORT_MS = 5 * MINUTE_MS;
/** The bridge says that a device is offline that it has not heard for this long. */
const TIMEOUT_MS = 10 * MINUTE_MS;
/** By its cached states the bridge says nothing new, this long after its start. */
const CACHE_AFTER_MS = 5_000;

export interface Habits {
  readonly device: Partial<Device>;
  /** The bridge watches its devices, and tells their availability. */
  readonly watches: boolean;
  readonly tellsLastSeen: boolean;
  /** The broker keeps the states of devices. */
  readonly retains: boolean;
  /** Of the bridge's clock, against ours. */
  readonly clockAheadMs: number;
}

interface Cached {
  open: boolean;
  lastSeenMs: number;
}

/**
 * A door sensor behind Zigbee2MQTT at a broker, with the gateway at the other end. The bridge
 * behaves as its sources say: it publishes its own state first, then availabilities, then the
 * cached state of each device; the broker publishes its will; what a device says while the bridge
 * is down is lost.
 */
export class BridgedWorld {
  readonly world: SensorWorld;
  readonly #habits: Habits;
  readonly #kept = new Map<'bridge' | 'availability' | 'state', () => void>();
  readonly #cache: Cached;
  #isBridgeUp = false;
  #isInputUp = true;
  #isAlive = true;
  #isOpen = false;
  #reportMs = 0;
  #saidAvailable: boolean | undefined;
  /** When the device died last, and when its door last moved. */
  diedMs = Number.NEGATIVE_INFINITY;
  movedMs = Number.NEGATIVE_INFINITY;

  constructor(habits: Habits) {
    this.#habits = habits;
    const off = { ...path('central').supervision, mode: 'off' } as const;
    const one = device(101, { bridge: BRIDGE, watched: habits.watches, ...habits.device });
    const doors = [without('bolt', door(101))];
    this.world = new SensorWorld({ ...site([one], [path('central', { supervision: off })]), doors });
    this.#cache = { open: false, lastSeenMs: this.#wallMs };
    this.startBridge();
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isBridgeUp(): boolean {
    return this.#isBridgeUp;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get #nowMs(): number {
    return this.world.clock.nowMs;
  }

  get #wallMs(): number {
    return this.world.clock.now.wallMs + this.#habits.clockAheadMs;
  }

  get supervised(): string {
    return this.world.devices.get('wb-101')?.supervised ?? 'unknown';
  }

  get door(): string {
    return (this.world.published.get('door/wb-101/state') as DoorDocument | undefined)?.state ?? 'unknown';
  }

  /** Lets time pass in steps. The device reports and the bridge watches meanwhile. */
  pass(ms: number, check: () => void): void {
    for (const endMs = this.#nowMs + ms; this.#nowMs < endMs; ) {
      this.world.run(Math.min(15_000, endMs - this.#nowMs));
      if (this.#isAlive && this.#nowMs >= this.#reportMs) this.report();
      if (this.#isBridgeUp) this.#watch();
      this.world.run(100);
      check();
    }
  }

  report(press = false): void {
    this.#reportMs = this.#nowMs + REPORT_MS;
    if (!this.#isAlive || !this.#isBridgeUp) return;
    this.#cache.open = this.#isOpen;
    this.#cache.lastSeenMs = this.#wallMs;
    if (this.#habits.watches) this.#watch();
    this.#publishState(press);
  }

  move(): void {
    this.#isOpen = !this.#isOpen;
    this.movedMs = this.#nowMs;
    this.report();
  }

  die(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.diedMs = this.#nowMs;
  }

  revive(): void {
    if (this.#isAlive) return;
    this.#isAlive = true;
    this.report();
  }

  startBridge(): void {
    if (this.#isBridgeUp) return;
    this.#isBridgeUp = true;
    this.#saidAvailable = undefined;
    this.#sayBridge('online');
    this.#watch();
    this.world.run(CACHE_AFTER_MS);
    this.#publishState(false);
  }

  killBridge(): void {
    if (!this.#isBridgeUp) return;
    this.#isBridgeUp = false;
    this.#sayBridge('offline');
  }

  /** The bridge loses its connection and has another at once: nothing but its state is repeated. */
  glitch(): void {
    if (!this.#isBridgeUp) return;
    this.#sayBridge('offline');
    this.#sayBridge('online');
  }

  loseBroker(): void {
    if (!this.#isInputUp) return;
    this.#isInputUp = false;
    this.#health('down');
  }

  findBroker(): void {
    if (this.#isInputUp) return;
    this.#isInputUp = true;
    this.#connected();
  }

  restartGateway(): void {
    this.world.crash();
    // The next run publishes those that stand.
    this.world.troubles.clear();
    this.world.start();
    this.#isInputUp = true;
    this.#connected();
  }

  /** The broker sends what it kept, in any order, and the driver says that it is connected. */
  #connected(): void {
    for (const say of this.#kept.values()) say();
    this.#health('up');
  }

  #health(state: 'up' | 'down'): void {
    this.world.give({ type: 'inputHealth', health: { input: 'bus-1', state, detail: '' } });
  }

  #sayBridge(says: 'online' | 'offline'): void {
    const state = { input: 'bus-1', bridge: BRIDGE, says, word: says } as const;
    this.#say('bridge', true, (kept) => this.world.give({ type: 'bridge', state: { ...state, ...kept } }));
  }

  #watch(): void {
    if (!this.#habits.watches) return;
    const isAvailable = this.#wallMs - this.#cache.lastSeenMs < TIMEOUT_MS;
    if (isAvailable === this.#saidAvailable) return;
    this.#saidAvailable = isAvailable;
    const body = { type: 'availability', of: 0, says: isAvailable ? 'online' : 'offline' } as const;
    this.#say('availability', true, (kept) => this.world.say('wb-101', body, kept));
  }

  #publishState(press: boolean): void {
    const { open, lastSeenMs } = this.#cache;
    const presses = press ? [{ button: 0, pattern: 'single' as const }] : [];
    const seen = this.#habits.tellsLastSeen ? { lastSeenMs } : {};
    this.#say('state', this.#habits.retains, (kept) => {
      const said = { presses: 'kept' in kept ? [] : presses, points: [{ point: 0, active: open }] };
      this.world.readings('wb-101', said, { ...seen, ...kept });
    });
  }

  #say(topic: 'bridge' | 'availability' | 'state', isKept: boolean, say: (kept: { kept?: true }) => void): void {
    if (isKept) this.#kept.set(topic, () => say({ kept: true }));
    if (this.#isInputUp) say({});
  }
}
