import { after, LONG_AGO_MS } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { SequenceNumbers } from '../delivery/sequence-numbers.ts';
import type { DeviceSupervision } from '../devices/device-supervision.ts';
import type { Checkpoint, KeptKey, SavedButtons, SavedPacket, SavedWindow } from '../journal-record.ts';
import type { Troubles } from '../troubles/troubles.ts';

/** On a site of up to four slices, the counters are written this often. */
const CHECKPOINT_MS = 60_000;
/** Devices in one slice. The alert path waits while a slice is written. */
const SLICE = 250;
/**
 * The slices of a large site follow each other no faster than this, or their records would wear out
 * the SD card.
 */
const SLICE_MS_MIN = CHECKPOINT_MS / 4;
/**
 * Everything is written again this often. The journal keeps every record since the oldest one that
 * is still needed, so no needed record should be old.
 */
const REFRESH_MS = 6 * 3_600_000;

interface CheckpointDeps {
  readonly devices: ReadonlyMap<string, DeviceSupervision>;
  readonly sequences: SequenceNumbers;
  readonly troubles: Troubles;
}

type Heard = Pick<Checkpoint, 'devices' | 'keys' | 'buttons' | 'packets'>;

/**
 * Journals how far the counters have run: all of them at the start and every six hours. In between
 * it writes the changes, one slice of the devices at a time.
 */
export class CheckpointWriter {
  readonly #context: Context;
  readonly #deps: CheckpointDeps;
  /** The last written state of each device. */
  readonly #written = new Map<string, string>();
  #sequences = '';
  #next = 0;
  #refreshDueMs = LONG_AGO_MS;

  constructor(context: Context, deps: CheckpointDeps) {
    this.#context = context;
    this.#deps = deps;
  }

  /** The next slice is due. */
  due(): void {
    if (this.#context.now.monoMs >= this.#refreshDueMs) this.writeAll();
    else this.#writeSlice();
  }

  writeAll(): void {
    const { now } = this.#context;
    this.#written.clear();
    this.#await();
    this.#journal(this.#changed(this.#devices), { holds: 'counters' });
    this.#refreshDueMs = after(now.monoMs, REFRESH_MS);
    this.#deps.troubles.journalAll();
  }

  /** Writes now what is new of these devices. */
  write(devices: readonly DeviceSupervision[]): void {
    if (devices.length > 0) this.#journal(this.#changed(devices), {});
  }

  /** A reload removes the device, or begins it anew. */
  forget(device: string): void {
    this.#written.delete(device);
  }

  #writeSlice(): void {
    const all = this.#devices;
    const slice = all.slice(this.#next, this.#next + SLICE);
    this.#next = this.#next + SLICE < all.length ? this.#next + SLICE : 0;
    this.#await();
    const heard = this.#changed(slice);
    const { devices, keys, buttons, packets } = heard;
    const isHeard = Object.keys({ ...devices, ...keys, ...buttons, ...packets }).length > 0;
    const isNews = isHeard || this.#sequences !== JSON.stringify(this.#deps.sequences.last());
    if (isNews) this.#journal(heard, {});
  }

  #journal(heard: Heard, keys: { readonly holds?: string }): void {
    const { now, session } = this.#context;
    const sequences = this.#deps.sequences.last();
    this.#sequences = JSON.stringify(sequences);
    this.#context.journal({ t: 'counters', at: now.wallMs, session, ...heard, sequences }, keys);
  }

  /** The changes of these devices. They count as written from now on. */
  #changed(slice: readonly DeviceSupervision[]): Heard {
    const devices: Record<string, SavedWindow> = {};
    const keys: Record<string, readonly KeptKey[]> = {};
    const buttons: Record<string, SavedButtons> = {};
    const packets: Record<string, SavedPacket> = {};
    for (const { device, numbering, buttons: memories } of slice) {
      const saved = numbering.saveWindow();
      const kept = numbering.saveKeys();
      const said = memories.save();
      const packet = numbering.savePacket();
      const text = JSON.stringify([saved, kept, said, packet]);
      const isHeard = (saved ?? kept ?? said ?? packet) !== undefined;
      if (!isHeard || this.#written.get(device.id) === text) continue;
      this.#written.set(device.id, text);
      // A new key may have no messages yet. What was heard under the previous keys must still
      // outlive retention.
      if (saved !== undefined) devices[device.id] = saved;
      if (kept !== undefined) keys[device.id] = kept;
      if (said !== undefined) buttons[device.id] = said;
      if (packet !== undefined) packets[device.id] = packet;
    }
    return {
      devices,
      ...(Object.keys(keys).length > 0 && { keys }),
      ...(Object.keys(buttons).length > 0 && { buttons }),
      ...(Object.keys(packets).length > 0 && { packets }),
    };
  }

  get #devices(): readonly DeviceSupervision[] {
    return [...this.#deps.devices.values()];
  }

  #await(): void {
    const { now, timers } = this.#context;
    const slices = Math.max(1, Math.ceil(this.#deps.devices.size / SLICE));
    const gapMs = Math.max(SLICE_MS_MIN, CHECKPOINT_MS / slices);
    timers.set({ type: 'checkpoint' }, after(now.monoMs, gapMs));
  }
}
