import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { Identity, UnknownSignal } from '../signal.ts';
import type { Device } from '../site.ts';
import type { LimitedNotices } from '../troubles/limited-notices.ts';
import { staleDevice, unknownSender, unprovenDevice, unprovenPress } from '../troubles/notices.ts';
import type { DeviceSupervision } from './device-supervision.ts';

/**
 * Devices whose fault stands at a time. Anybody may send with their addresses, and must not raise
 * one trouble for each.
 */
const FAULTS_MAX = 16;
/**
 * Soon after the device was heard properly, somebody else sends with its address. That is a notice
 * and no fault, or each message of the device would restore what the next forged one raises.
 */
const MENDED_MS = 600_000;

interface Unproven {
  readonly counter: number | undefined;
  readonly heardMs: MonoMs;
}

/**
 * Messages that claim to be of a device and fail its proof: it has another key, speaks in the
 * clear, or counts anew after a change of battery. Its presses are not accepted, so somebody must
 * go there. That is a fault of the device until it is heard properly.
 */
export class ProofFaults {
  readonly #context: Context;
  readonly #devices: ReadonlyMap<string, DeviceSupervision>;
  readonly #notices: LimitedNotices;
  readonly #faulty = new Set<string>();
  readonly #mendedMs = new Map<string, MonoMs>();
  readonly #last = new Map<string, Unproven>();

  constructor(context: Context, devices: ReadonlyMap<string, DeviceSupervision>, notices: LimitedNotices) {
    this.#context = context;
    this.#devices = devices;
    this.#notices = notices;
  }

  unknown(signal: UnknownSignal): void {
    const claimed = signal.device === undefined ? undefined : this.#devices.get(signal.device);
    if (claimed === undefined) {
      this.#notices.tell(unknownSender(signal));
      return;
    }
    const { device } = claimed;
    const mayBePress = this.#mayBePress(device, signal);
    // First: receivers are told at once.
    if (mayBePress) this.#notices.tell(unprovenPress(signal, device));
    const isFault = this.#isFault(claimed, unprovenDevice(signal, device));
    if (!mayBePress && !isFault) this.#notices.tell(unknownSender(signal, device));
  }

  /** A message with an old counter, of a device that gives no other proof of being itself. */
  stale(claimed: DeviceSupervision, identity: Identity): void {
    this.#isFault(claimed, staleDevice(claimed.device, identity));
  }

  /** It was heard properly. */
  proven(claimed: DeviceSupervision): void {
    const { id } = claimed.device;
    if (this.#faulty.delete(id)) this.#mendedMs.set(id, this.#context.now.monoMs);
    this.#last.delete(id);
    claimed.fault(undefined);
  }

  /** False if too many stand already, or it was mended just now. */
  #isFault(claimed: DeviceSupervision, detail: string): boolean {
    const { id } = claimed.device;
    const { monoMs } = this.#context.now;
    const isMended = monoMs - (this.#mendedMs.get(id) ?? LONG_AGO_MS) < MENDED_MS;
    if (!this.#faulty.has(id) && (isMended || this.#faulty.size >= FAULTS_MAX)) return false;
    this.#faulty.add(id);
    claimed.fault(detail);
    return true;
  }

  /**
   * What is encrypted with another key cannot be read. A device that is silent between events sends
   * nothing but events. Any other sends one if it speaks sooner than its beacon is due.
   */
  #mayBePress(device: Device, { says, reason, identity }: UnknownSignal): boolean {
    const { monoMs } = this.#context.now;
    const last = this.#last.get(device.id);
    const counter = identity?.counter;
    this.#last.set(device.id, { counter, heardMs: monoMs });
    if (says === 'press') return true;
    if (says !== 'readings' || reason !== 'notAuthentic' || device.buttons.size === 0) return false;
    if (device.heartbeatMs === 0) return true;
    return last !== undefined && last.counter !== counter && monoMs - last.heardMs < device.heartbeatMs / 2;
  }
}
