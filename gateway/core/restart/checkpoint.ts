import type { Context } from '../context.ts';
import type { SequenceNumbers } from '../delivery/sequence-numbers.ts';
import type { DeviceSupervision } from '../devices/device-supervision.ts';
import type { Checkpoint, KeptKey, SavedWindow } from '../journal-record.ts';
import type { Troubles } from '../troubles/troubles.ts';

/** How far the device and sequence counters may run before they are written down again, on a site of up to four slices. */
const CHECKPOINT_MS = 60_000;
/** Devices looked at in one go: the alert path waits meanwhile. */
const SLICE = 250;
/** The slices of a large site follow each other no faster, or its counters would wear out the card. */
const SLICE_LEAST_MS = CHECKPOINT_MS / 4;
/** What stands for long is written down again this often: the journal keeps everything since the oldest record that is still needed. */
const REFRESH_MS = 6 * 3_600_000;

interface CheckpointDeps {
  readonly devices: ReadonlyMap<string, DeviceSupervision>;
  readonly sequences: SequenceNumbers;
  readonly troubles: Troubles;
}

type Heard = Pick<Checkpoint, 'devices' | 'keys'>;

/**
 * Writes down from time to time how far the counters have run: all of them at the start and every six hours, between those what has
 * changed, a slice of the devices after the other.
 */
export class CheckpointWriter {
  readonly #context: Context;
  readonly #deps: CheckpointDeps;
  readonly #devices: readonly DeviceSupervision[];
  readonly #gapMs: number;
  /** What was last written of each device, and of the sequence numbers. */
  readonly #written = new Map<string, string>();
  #sequences = '';
  #next = 0;
  #refreshDueMs = Number.NEGATIVE_INFINITY;

  constructor(context: Context, deps: CheckpointDeps) {
    this.#context = context;
    this.#deps = deps;
    this.#devices = [...deps.devices.values()];
    const slices = Math.max(1, Math.ceil(this.#devices.length / SLICE));
    this.#gapMs = Math.max(SLICE_LEAST_MS, CHECKPOINT_MS / slices);
  }

  /** The time for the next slice has come. */
  due(): void {
    if (this.#context.now.monoMs >= this.#refreshDueMs) this.writeAll();
    else this.#writeSlice();
  }

  writeAll(): void {
    const { now } = this.#context;
    this.#written.clear();
    this.#await();
    this.#journal(this.#changed(this.#devices), { holds: 'counters' });
    this.#refreshDueMs = now.monoMs + REFRESH_MS;
    this.#deps.troubles.journalAll();
  }

  #writeSlice(): void {
    const slice = this.#devices.slice(this.#next, this.#next + SLICE);
    this.#next = this.#next + SLICE < this.#devices.length ? this.#next + SLICE : 0;
    this.#await();
    const heard = this.#changed(slice);
    const isHeard = Object.keys({ ...heard.devices, ...heard.keys }).length > 0;
    const isNews = isHeard || this.#sequences !== JSON.stringify(this.#deps.sequences.last());
    if (isNews) this.#journal(heard, {});
  }

  #journal(heard: Heard, keys: { readonly holds?: string }): void {
    const { now, session } = this.#context;
    const sequences = this.#deps.sequences.last();
    this.#sequences = JSON.stringify(sequences);
    this.#context.journal({ t: 'counters', at: now.wallMs, session, ...heard, sequences }, keys);
  }

  /** Of these what is not written yet; from now on it counts as written. */
  #changed(slice: readonly DeviceSupervision[]): Heard {
    const devices: Record<string, SavedWindow> = {};
    const keys: Record<string, readonly KeptKey[]> = {};
    for (const { device, numbering } of slice) {
      const saved = numbering.saveWindow();
      const kept = numbering.saveKeys();
      const text = JSON.stringify([saved, kept]);
      if ((saved ?? kept) === undefined || this.#written.get(device.id) === text) continue;
      this.#written.set(device.id, text);
      // Nothing was heard under its new key yet: what was heard under the ones before must outlive retention all the same.
      if (saved !== undefined) devices[device.id] = saved;
      if (kept !== undefined) keys[device.id] = kept;
    }
    return Object.keys(keys).length > 0 ? { devices, keys } : { devices };
  }

  #await(): void {
    const { now, timers } = this.#context;
    timers.set({ type: 'checkpoint' }, now.monoMs + this.#gapMs);
  }
}
