import type { Context } from './context.ts';
import type { DeviceSupervision } from './device-supervision.ts';
import type { SequenceNumbers } from './sequence-numbers.ts';
import type { Troubles } from './troubles.ts';

/** How far the device and sequence counters may run before they are written down again. */
const CHECKPOINT_MS = 60_000;
/** What stands for long is written down again this often: the journal keeps everything since the oldest record that is still needed. */
const REFRESH_MS = 6 * 3_600_000;

interface Counted {
  readonly devices: ReadonlyMap<string, DeviceSupervision>;
  readonly sequences: SequenceNumbers;
  readonly troubles: Troubles;
}

/** Writes down from time to time how far the counters have run. */
export class CheckpointWriter {
  readonly #context: Context;
  readonly #counted: Counted;
  #content = '';
  #refreshDueMs = Number.NEGATIVE_INFINITY;

  constructor(context: Context, counted: Counted) {
    this.#context = context;
    this.#counted = counted;
  }

  write(): void {
    const { now, timers, session } = this.#context;
    timers.set('checkpoint', now.monoMs + CHECKPOINT_MS, { type: 'checkpoint' });
    const devices: Record<string, readonly [number, number, string]> = {};
    for (const [id, { numbering }] of this.#counted.devices) {
      const saved = numbering.window.save();
      if (saved !== undefined) devices[id] = saved;
    }
    const sequences = this.#counted.sequences.last();
    const content = JSON.stringify([devices, sequences]);
    const isRefresh = now.monoMs >= this.#refreshDueMs;
    if (content === this.#content && !isRefresh) return;
    this.#content = content;
    this.#context.journal({ t: 'counters', at: now.wallMs, session, devices, sequences }, { holds: 'counters' });
    if (!isRefresh) return;
    this.#refreshDueMs = now.monoMs + REFRESH_MS;
    this.#counted.troubles.journalAll();
  }
}
