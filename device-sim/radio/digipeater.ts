import { bytesToHex } from '../../protocol/bytes.ts';
import {
  type Ax25Address,
  addressText,
  encodeUi,
  parseAddress,
  parseUi,
  type UiFrame,
} from '../../protocol/radio/ax25.ts';
import { encodeKiss, KISS_COMMANDS, KissScanner } from '../../protocol/radio/kiss.ts';
import type { ByteDuplex } from '../byte-duplex.ts';
import type { Scheduler } from '../nodes/scheduler.ts';

/** Time within which a duplicate is dropped, as in direwolf. Other digipeaters use 28 s. */
const DUPLICATE_MS = 30_000;

interface DigipeaterOptions {
  /** Its own call sign, or an alias such as `WIDE1-1`. */
  readonly callsign: string;
  /** Cable to its TNC. */
  readonly tnc: ByteDuplex;
  readonly scheduler: Scheduler;
}

/**
 * A station that repeats frames whose next hop it is. It drops a frame that it has repeated within
 * 30 s.
 */
export class Digipeater {
  readonly #callsign: string;
  readonly #tnc: ByteDuplex;
  readonly #scheduler: Scheduler;
  readonly #unplug: () => void;
  /** Time at which each frame was repeated. */
  readonly #repeatedMs = new Map<string, number>();
  #repeated = 0;
  #dropped = 0;

  constructor({ callsign, tnc, scheduler }: DigipeaterOptions) {
    this.#callsign = callsign;
    this.#tnc = tnc;
    this.#scheduler = scheduler;
    const scanner = new KissScanner();
    this.#unplug = tnc.onData((bytes) => {
      for (const { command, payload } of scanner.push(bytes)) if (command === KISS_COMMANDS.data) this.#heard(payload);
    });
  }

  /** Returns the number of frames repeated since the start. */
  get repeated(): number {
    return this.#repeated;
  }

  /** Returns the number of frames dropped as duplicates. */
  get dropped(): number {
    return this.#dropped;
  }

  close(): void {
    this.#unplug();
  }

  #heard(payload: Uint8Array): void {
    const frame = parseUi(payload);
    const next = frame?.digipeaters.findIndex((each) => !each.repeated) ?? -1;
    const named = frame?.digipeaters[next];
    if (frame === undefined || named === undefined || addressText(named) !== this.#callsign) return;
    if (this.#isDuplicate(frame)) {
      this.#dropped += 1;
      return;
    }
    this.#repeated += 1;
    const digipeaters = frame.digipeaters.map((each, index) => (index === next ? { ...each, repeated: true } : each));
    const repeat = encodeUi({ ...frame, digipeaters });
    this.#tnc.write(encodeKiss({ port: 0, command: KISS_COMMANDS.data, payload: repeat }));
  }

  /**
   * Identifies a frame by source, destination and information: each digipeater changes the path.
   */
  #isDuplicate({ source, destination, info }: UiFrame): boolean {
    const nowMs = this.#scheduler.nowMs();
    for (const [frame, atMs] of this.#repeatedMs) if (nowMs - atMs >= DUPLICATE_MS) this.#repeatedMs.delete(frame);
    const key = `${addressText(source)}>${addressText(destination)}:${bytesToHex(info)}`;
    if (this.#repeatedMs.has(key)) return true;
    this.#repeatedMs.set(key, nowMs);
    return false;
  }
}

/** @throws RangeError if `callsign` is invalid */
export function stationOf(callsign: string): Ax25Address {
  const address = parseAddress(callsign);
  if (address === undefined) throw new RangeError(`no call sign: ${callsign}`);
  return address;
}
