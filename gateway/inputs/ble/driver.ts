import type { InputCounters } from '../../core/signal.ts';
import type { WireRecorder } from '../../recording/wire-tap.ts';
import type { HeardStrangers, InputDriver, InputSink } from '../input-driver.ts';
import { Adapter, type AdapterHealth } from './adapter.ts';
import { AdvertisementReader } from './advertisement-reader.ts';
import { bleStranger, merged } from './ble-strangers.ts';
import { RADIO_LIMITS, type RadioLimits } from './radio-limits.ts';
import type { Heard, Watch } from './scanner-messages.ts';
import type { BleAdapter, BleSettings } from './settings.ts';

interface BleCounters extends InputCounters {
  /** Of anybody, by all radios. */
  readonly advertisements: number;
  /** Lost between a listening process and the gateway. */
  readonly advertisementsDropped: number;
  /** Advertisements that proved nothing and should have. */
  readonly framesUnknown: number;
}

export interface BleDriver extends InputDriver {
  counters(): BleCounters;
  strangers(): Promise<HeardStrangers>;
}

export interface BleLimits extends RadioLimits {
  /**
   * A stage of restarting a radio that hears nothing is given this share of the silence, and at
   * least this long.
   */
  readonly stageShare: number;
  readonly stageMsMin: number;
  readonly tickMs: number;
  /** How often reception is reported. */
  readonly receptionMs: number;
}

export const BLE_LIMITS: BleLimits = {
  ...RADIO_LIMITS,
  stageShare: 1 / 3,
  stageMsMin: 5_000,
  tickMs: 1_000,
  receptionMs: 60_000,
};

/**
 * The input driver of Bluetooth LE devices that speak by advertising; one process for each radio.
 */
export function createBleDriver(settings: BleSettings, sink: InputSink, limits: BleLimits = BLE_LIMITS): BleDriver {
  return new Driver(settings, sink, limits);
}

interface Listening {
  readonly config: BleAdapter;
  readonly adapter: Adapter;
}

class Driver implements BleDriver {
  readonly id: string;
  readonly #sink: InputSink;
  readonly #limits: BleLimits;
  readonly #reader: AdvertisementReader;
  readonly #adapters: readonly Listening[];
  #isUp: boolean | undefined;
  #timers: readonly NodeJS.Timeout[] = [];
  #heard = 0;
  #malformed = 0;
  #unknown = 0;
  #bytes = 0;
  #advertisements = 0;
  #dropped = 0;

  constructor(settings: BleSettings, sink: InputSink, limits: BleLimits) {
    this.id = settings.id;
    this.#sink = sink;
    this.#limits = limits;
    this.#reader = new AdvertisementReader(settings);
    const { silenceMs } = settings;
    const watch = watchOf(settings);
    const beacons = new Set(settings.beacons.map((address) => address.toUpperCase()));
    const known = new Set(watch.addresses.map((address) => address.toUpperCase()));
    const stageMs = Math.max(limits.stageMsMin, silenceMs * limits.stageShare);
    this.#adapters = settings.adapters.map((config) => {
      const adapter: Adapter = new Adapter(
        { adapter: config, watch, beacons, known, silenceMs, stageMs, limits },
        {
          heard: (heard) => {
            if (sink.tap?.recorder !== undefined) recordHeard(sink.tap.recorder, heard);
            return this.#onHeard(heard);
          },
          health: (health) => this.#onHealth(config, health),
          counted: (advertisements, dropped) => {
            this.#advertisements += advertisements;
            this.#dropped += dropped;
          },
        },
      );
      return { config, adapter };
    });
  }

  start(): void {
    for (const { adapter } of this.#adapters) adapter.start();
    this.#timers = [
      setInterval(() => this.#tick(), this.#limits.tickMs),
      setInterval(() => this.#reception(), this.#limits.receptionMs),
    ];
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#adapters.map(({ adapter }) => adapter.stop()));
  }

  counters(): BleCounters {
    return {
      framesHeard: this.#heard,
      framesRejected: this.#malformed,
      bytesRead: this.#bytes,
      advertisements: this.#advertisements,
      advertisementsDropped: this.#dropped,
      framesUnknown: this.#unknown,
    };
  }

  /** Asks the processes that listen. They remember strangers, and say nothing of them unasked. */
  async strangers(): Promise<HeardStrangers> {
    const all = await Promise.all(this.#adapters.map(({ adapter }) => adapter.strangers()));
    const shown = all.map(({ strangers }) =>
      strangers
        .filter((stranger) => !this.#reader.isEnrolled(stranger))
        .flatMap((stranger) => bleStranger(this.id, stranger) ?? []),
    );
    return { strangers: merged(shown), leftOut: Math.max(0, ...all.map(({ leftOut }) => leftOut)) };
  }

  #tick(): void {
    for (const { adapter } of this.#adapters) adapter.tick();
  }

  #onHeard(heard: Heard): string | undefined {
    this.#bytes += heard.hex.length / 2;
    const read = this.#reader.read(heard);
    switch (read.type) {
      case 'signal':
        this.#heard += 1;
        this.#sink.signal(read.signal);
        break;
      case 'unknown':
        this.#heard += 1;
        this.#unknown += 1;
        this.#sink.unknownSignal(read.unknown);
        break;
      case 'malformed':
        this.#malformed += 1;
        break;
      case 'again':
        this.#heard += 1;
        break;
      case 'stranger':
        break;
    }
    return this.#reader.deviceOf(heard, read);
  }

  /** The input is up while any radio hears. */
  #onHealth(config: BleAdapter, health: AdapterHealth): void {
    if (config.input !== undefined) {
      this.#sink.health({ input: config.input, state: health.up ? 'up' : 'down', detail: health.detail });
    }
    const healths = this.#adapters.flatMap(({ adapter }) => adapter.health ?? []);
    const isUp = healths.some(({ up }) => up);
    const more = this.#adapters.length > 1;
    // One radio of several that is down is that radio's news; before all have spoken, down is not
    // known.
    if (more && (isUp ? this.#isUp === true : healths.length < this.#adapters.length)) return;
    this.#isUp = isUp;
    const detail = more ? healths.map((each) => each.detail).join('; ') : health.detail;
    this.#sink.health({ input: this.id, state: isUp ? 'up' : 'down', detail });
  }

  #reception(): void {
    for (const { config, adapter } of this.#adapters) {
      const input = config.input ?? this.id;
      adapter.figures.minute((device, figures) => this.#sink.reception({ input, device, ...figures }));
    }
  }
}

function watchOf({ devices, beacons }: BleSettings): Watch {
  const addresses = devices.flatMap((device) => (device.format === 'bthome' ? [device.address] : []));
  const matches = devices.flatMap((device) => (device.format === 'fob' ? [device.match] : []));
  return {
    addresses: [...new Set([...addresses, ...beacons].map((address) => address.toLowerCase()))],
    iBeacons: matches.flatMap((match) => (match.type === 'iBeacon' ? [match.uuid] : [])),
    eddystones: matches.flatMap((match) => (match.type === 'eddystone' ? [match.namespace] : [])),
  };
}

function recordHeard(recorder: WireRecorder, { capturedMs, address, rssiDbm, kind, hex }: Heard): void {
  recorder.message('in', Buffer.from(hex, 'hex'), { address, rssiDbm, kind }, capturedMs);
}
