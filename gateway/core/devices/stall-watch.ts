import { after, LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { Site } from '../site.ts';
import type { Timer } from '../timers.ts';
import type { LimitedNotices } from '../troubles/limited-notices.ts';
import { gatewayStoodStill } from '../troubles/notices.ts';
import type { DeviceSupervision } from './device-supervision.ts';

/** Timers that judge silence wait until the drivers have read what came in during a stall. */
const DEPENDS_ON_SILENCE: ReadonlySet<Timer['type']> = new Set<Timer['type']>([
  'deviceDue',
  'inputDue',
  'bridgeDue',
  'bridgeCached',
  'doorForced',
  'doorHeldOpen',
  'canaryDue',
  'canaryLate',
  // The end of the hold may wait unread, and it decides what the press is.
  'holdWait',
]);
/** Within this time the drivers read what waited for them. */
const READ_MS = 1_000;
/**
 * At most this many stalls in a row, each before the drivers had that time, put a verdict off. A
 * machine that always stalls must not hide a loss for ever.
 */
const POSTPONED_MAX = 5;
const BEAT_MS_MAX = 5_000;
const BEAT_MS_MIN = 250;
/**
 * A quarter of the shortest heartbeat, so that a stall as long as any device's window is many
 * beats.
 */
const BEATS_A_HEARTBEAT = 4;
const BEATS_MISSED = 2;
/** The gateway tells the receivers of a stall this long: it may have missed presses. */
const REPORTED_MS_MIN = 5_000;

interface StallWatchDeps {
  readonly devices: ReadonlyMap<string, Pick<DeviceSupervision, 'excuse'>>;
  readonly notices: Pick<LimitedNotices, 'tell'>;
}

/**
 * Notices that the gateway was not running (a stopped process, a starved machine). The core has a
 * beat of its own, so two calls are never further apart than that. Frames may wait unread after a
 * stall, and others are lost: the silence was ours, not the devices'.
 */
export class StallWatch {
  readonly #context: Context;
  readonly #deps: StallWatchDeps;
  #beatMs: number;
  #lastMs: MonoMs;
  /** The time at which the last stall ended. */
  #stoodMs = LONG_AGO_MS;
  #stoodForMs = 0;
  #inARow = 0;

  constructor(context: Context, deps: StallWatchDeps) {
    this.#context = context;
    this.#deps = deps;
    this.#beatMs = beatMs(context.site);
    this.#lastMs = context.now.monoMs;
  }

  /** How long what is read now may have waited unread, ms; `undefined`: it did not. */
  get unreadMs(): number | undefined {
    return this.#context.now.monoMs < this.#stoodMs + READ_MS ? this.#stoodForMs : undefined;
  }

  /** A reload has changed the site. */
  adopt(site: Site): void {
    this.#beatMs = beatMs(site);
    this.beat();
  }

  start(): void {
    this.#lastMs = this.#context.now.monoMs;
    this.beat();
  }

  beat(): void {
    this.#context.timers.set({ type: 'beat' }, after(this.#context.now.monoMs, this.#beatMs));
  }

  /** The core was called. Call this before anything is made of that call. */
  called(): void {
    const { now } = this.#context;
    const stoodMs = now.monoMs - this.#lastMs;
    const wasReading = this.#lastMs < this.#stoodMs + READ_MS;
    this.#lastMs = now.monoMs;
    if (stoodMs < BEATS_MISSED * this.#beatMs) return;
    this.#inARow = wasReading ? this.#inARow + 1 : 1;
    this.#stoodMs = now.monoMs;
    this.#stoodForMs = stoodMs;
    this.#stood(stoodMs);
  }

  #stood(stoodMs: number): void {
    const { timers, now } = this.#context;
    this.#context.log('warn', 'core.late', { lateMs: Math.round(stoodMs) });
    // The gateway was running for up to one beat of that time.
    for (const device of this.#deps.devices.values()) device.excuse(stoodMs - this.#beatMs);
    if (this.#inARow <= POSTPONED_MAX) {
      timers.postpone(after(now.monoMs, READ_MS), ({ type }) => DEPENDS_ON_SILENCE.has(type));
    }
    if (stoodMs >= REPORTED_MS_MIN) this.#deps.notices.tell(gatewayStoodStill(stoodMs));
  }
}

function beatMs({ devices }: Site): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (const { heartbeatMs } of devices.values()) if (heartbeatMs > 0) shortest = Math.min(shortest, heartbeatMs);
  return Math.max(BEAT_MS_MIN, Math.min(BEAT_MS_MAX, shortest / BEATS_A_HEARTBEAT));
}
