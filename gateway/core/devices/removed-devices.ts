import type { MonoMs } from '../../../protocol/clocks.ts';
import type { SavedButton, SavedPacket } from '../journal-record.ts';
import type { DeviceSupervision } from './device-supervision.ts';
import type { KeyWindows } from './key-windows.ts';

/** Beyond these, the devices that were removed first are forgotten. The journal still has them. */
const DEVICES_MAX = 4_096;

type ByDevice<T> = ReadonlyMap<string, T>;

/** What the journal has of all devices, whether the site has them or not. */
interface Heard {
  readonly windows: ByDevice<KeyWindows>;
  readonly buttons: ByDevice<ReadonlyMap<string, SavedButton>>;
  readonly packets: ByDevice<SavedPacket>;
}

interface Removed {
  readonly keys?: KeyWindows | undefined;
  readonly buttons?: ReadonlyMap<string, SavedButton> | undefined;
  readonly packet?: SavedPacket | undefined;
}

/**
 * What was heard of devices that the site does not have. A reload may bring them back, and then a
 * recording from before must not be accepted, nor an alert's id be used twice.
 */
export class RemovedDevices {
  readonly #known = new Map<string, Removed>();

  /** From the journal. */
  recover({ windows, buttons, packets }: Heard, present: ReadonlyMap<string, unknown>): void {
    for (const id of new Set([...windows.keys(), ...buttons.keys(), ...packets.keys()])) {
      // This run may have heard the device before the records were read, and knows more.
      if (present.has(id) || this.#known.has(id)) continue;
      this.#keep(id, { keys: windows.get(id), buttons: buttons.get(id), packet: packets.get(id) });
    }
  }

  /** A reload removes the device, or begins it anew. */
  add({ device, numbering, buttons }: DeviceSupervision): void {
    const said = new Map(Object.entries(buttons.save() ?? {}));
    this.#keep(device.id, { keys: numbering.keys, buttons: said, packet: numbering.savePacket() });
  }

  /** The device is there again. */
  handOver({ device, numbering, buttons }: DeviceSupervision, nowMs: MonoMs): void {
    const heard = this.#known.get(device.id);
    this.#known.delete(device.id);
    if (heard?.keys !== undefined) numbering.recover(heard.keys);
    if (heard?.buttons !== undefined) buttons.recover(heard.buttons);
    if (heard?.packet !== undefined) numbering.recoverPacket(heard.packet, nowMs);
  }

  #keep(id: string, removed: Removed): void {
    this.#known.delete(id);
    this.#known.set(id, removed);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= DEVICES_MAX) return;
      this.#known.delete(oldest);
    }
  }
}
