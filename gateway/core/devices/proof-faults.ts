import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { Identity, SignalBody, UnknownSignal } from '../signal.ts';
import type { Device } from '../site.ts';
import type { DeviceFault } from '../troubles/device-fault.ts';
import type { LimitedNotices } from '../troubles/limited-notices.ts';
import { staleDevice, stalePress, unknownSender, unprovenDevice, unprovenPress } from '../troubles/notices.ts';
import type { DeviceSupervision } from './device-supervision.ts';
import { StrangerLog } from './stranger-log.ts';

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

/** Each message may fail in another way. The text of the fault changes no more often. */
const REWORDED_MS = 60_000;

const STALE_LOG_GAP_MS = 60_000;

interface Stale {
  readonly input: string;
  readonly says: SignalBody['type'];
  readonly isPress: boolean;
  readonly identity: Identity;
}

interface Unproven {
  readonly counter: number | undefined;
  readonly heardMs: MonoMs;
}

/**
 * Messages that claim to be of a device and fail its proof: it has another key, is not encrypted,
 * or counts anew after a change of battery. Its presses are not accepted, so somebody must go
 * there. That is a fault of the device until it is heard properly.
 */
export class ProofFaults {
  readonly #context: Context;
  readonly #devices: ReadonlyMap<string, DeviceSupervision>;
  readonly #notices: LimitedNotices;
  readonly #strangers: StrangerLog;
  /** When the fault of each device was last worded. */
  readonly #faulty = new Map<string, MonoMs>();
  readonly #staleLoggedMs = new Map<string, MonoMs>();
  readonly #mendedMs = new Map<string, MonoMs>();
  readonly #last = new Map<string, Unproven>();

  constructor(context: Context, devices: ReadonlyMap<string, DeviceSupervision>, notices: LimitedNotices) {
    this.#context = context;
    this.#devices = devices;
    this.#notices = notices;
    this.#strangers = new StrangerLog(context);
  }

  unknown(signal: UnknownSignal): void {
    const claimed = signal.device === undefined ? undefined : this.#devices.get(signal.device);
    if (claimed === undefined) {
      if (signal.isSealedEvent) this.#strangers.heard(signal);
      else this.#notices.tell(unknownSender(signal));
      return;
    }
    const { device } = claimed;
    const mayBePress = this.#mayBePress(device, signal);
    // First: receivers are told at once.
    if (mayBePress) this.#notices.tell(unprovenPress(signal, device));
    const isRaised = this.#raiseFault(claimed, unprovenDevice(signal, device));
    if (!mayBePress && !isRaised) this.#notices.tell(unknownSender(signal, device));
  }

  /**
   * Older than anything the device may still repeat: a recording, or a device that has lost its
   * numbers. It is reported at a bounded rate, so that a replay floods nobody.
   */
  stale(claimed: DeviceSupervision, { input, says, isPress, identity }: Stale): void {
    const { device } = claimed;
    if (isPress) this.#notices.tell(stalePress(input, device, identity));
    // A node of the button bus keeps its epoch, so of those only a recording is old.
    if (device.counterOnly) this.#raiseFault(claimed, staleDevice(device, identity));
    const { monoMs } = this.#context.now;
    if (isPress || monoMs - (this.#staleLoggedMs.get(device.id) ?? LONG_AGO_MS) < STALE_LOG_GAP_MS) return;
    this.#staleLoggedMs.set(device.id, monoMs);
    const { epoch, counter } = identity;
    this.#context.log('warn', 'signal.stale', { device: device.id, says, epoch, counter });
  }

  /** It was heard properly. */
  proven(claimed: DeviceSupervision): void {
    const { id } = claimed.device;
    if (this.#faulty.delete(id)) this.#mendedMs.set(id, this.#context.now.monoMs);
    this.#last.delete(id);
    claimed.fault(undefined);
  }

  /** A reload removes the device, or begins it anew. */
  forget(device: string): void {
    for (const map of [this.#faulty, this.#staleLoggedMs, this.#mendedMs, this.#last]) map.delete(device);
  }

  /** False if too many stand already, or it was mended just now. */
  #raiseFault(claimed: DeviceSupervision, fault: DeviceFault): boolean {
    const { id } = claimed.device;
    const { monoMs } = this.#context.now;
    const isMended = monoMs - (this.#mendedMs.get(id) ?? LONG_AGO_MS) < MENDED_MS;
    if (!this.#faulty.has(id) && (isMended || this.#faulty.size >= FAULTS_MAX)) return false;
    if (monoMs - (this.#faulty.get(id) ?? LONG_AGO_MS) < REWORDED_MS) return true;
    this.#faulty.set(id, monoMs);
    claimed.fault(fault);
    return true;
  }

  /**
   * What is encrypted with another key cannot be read. A device that is silent between events sends
   * nothing but events. What any other sends sooner than its beacon is due is an event, too.
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
