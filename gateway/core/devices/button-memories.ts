import type { MonoMs } from '../../../protocol/clocks.ts';
import type { SavedButton, SavedButtons } from '../journal-record.ts';
import type { Device } from '../site.ts';
import { ButtonMemory } from './button-memory.ts';

/** The memories of one device's buttons, on a wire that numbers nothing. */
export class ButtonMemories {
  #device: Device;
  /** By the button's configuration id, because its number changes with its place. */
  readonly #memories = new Map<string, ButtonMemory>();
  /** Since when the device can be heard; `undefined`: it can't. */
  #foundMs: MonoMs | undefined;

  constructor(device: Device) {
    this.#device = device;
  }

  /** A reload has reworded the device. */
  adopt(device: Device): void {
    this.#device = device;
  }

  /** The configuration id of a button. */
  nameOf(button: number): string {
    return this.#device.buttons.get(button)?.id ?? String(button);
  }

  of(name: string): ButtonMemory {
    const known = this.#memories.get(name);
    if (known !== undefined) return known;
    const memory = new ButtonMemory();
    if (this.#foundMs !== undefined) memory.found(this.#foundMs);
    this.#memories.set(name, memory);
    return memory;
  }

  /** The device, or the way to it, is lost: what it publishes next may be old. */
  lost(): void {
    this.#foundMs = undefined;
    for (const memory of this.#memories.values()) memory.lost();
  }

  /** The device can be heard. */
  found(nowMs: MonoMs): void {
    if (this.#foundMs !== undefined) return;
    this.#foundMs = nowMs;
    for (const memory of this.#memories.values()) memory.found(nowMs);
  }

  /** For the journal; `undefined`: nothing was heard. */
  save(): SavedButtons | undefined {
    if (this.#memories.size === 0) return undefined;
    const all: Record<string, SavedButton> = {};
    for (const [name, { saved }] of this.#memories) if (saved !== undefined) all[name] = saved;
    return Object.keys(all).length > 0 ? all : undefined;
  }

  /** Recovers what an earlier run heard. */
  recover(earlier: ReadonlyMap<string, SavedButton>): void {
    for (const { id } of this.#device.buttons.values()) {
      const saved = earlier.get(id);
      if (saved !== undefined) this.of(id).recover(saved);
    }
  }
}
