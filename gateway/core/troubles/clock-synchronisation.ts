import { after, type MonoMs } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { Troubles } from './troubles.ts';

const HOUR_MS = 3_600_000;
/** Without a setting. A Pi's crystal drifts by up to 5 s in this time; DC-09 receivers allow 20. */
const UNSYNCHRONISED_MS = 24 * HOUR_MS;
const SUBJECT = 'clock';

/**
 * Tells when the wall clock has followed no time server for long. Nothing in the gateway waits on
 * that clock, but receivers refuse reports with a wrong time, and the journal is evidence.
 */
export class ClockSynchronisation {
  readonly #context: Context;
  readonly #troubles: Troubles;
  /** When it was first seen unsynchronised; `undefined`: it is synchronised, or nobody knows. */
  #sinceMs: MonoMs | undefined;
  #isSynchronised = false;

  constructor(context: Context, troubles: Troubles) {
    this.#context = context;
    this.#troubles = troubles;
  }

  read(isSynchronised: boolean): void {
    const { now, timers } = this.#context;
    this.#context.log('info', 'clock', { synchronised: isSynchronised });
    this.#isSynchronised = isSynchronised;
    if (isSynchronised) {
      this.#sinceMs = undefined;
      timers.clear({ type: 'clockUnsynchronised' });
      this.restoreTroubles();
    } else {
      this.#sinceMs ??= now.monoMs;
      this.adopt();
    }
  }

  /** A reload may have changed how long is too long. */
  adopt(): void {
    const { timers } = this.#context;
    if (this.#sinceMs === undefined || this.#troubles.stands('clockUnsynchronised', SUBJECT)) return;
    timers.set({ type: 'clockUnsynchronised' }, after(this.#sinceMs, this.#limitMs));
  }

  due(): void {
    const hours = Math.round((this.#limitMs / HOUR_MS) * 10) / 10;
    this.#troubles.raise('clockUnsynchronised', SUBJECT, {
      text: 'Clock not synchronised',
      detail: `it has followed no time server for ${hours} h`,
    });
  }

  /** Ends what stands from an earlier run, read late, if it is known to be over. */
  restoreTroubles(): void {
    if (this.#isSynchronised) this.#troubles.restore('clockUnsynchronised', SUBJECT);
  }

  get #limitMs(): number {
    return this.#context.site.deadlines.unsynchronisedMs ?? UNSYNCHRONISED_MS;
  }
}
