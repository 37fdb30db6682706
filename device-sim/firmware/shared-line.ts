import { type Random, randomBelow } from '../random.ts';
import { BITS_PER_BYTE, type ByteOnLine } from './avr-usart.ts';
import type { NodeMachine } from './node-machine.ts';

interface SharedLineDeps {
  readonly baudRate: number;
  readonly machines: readonly NodeMachine[];
  /** The gateway hears a byte, at the end of its stop bit. */
  readonly onByte: (byte: number, atMs: number) => void;
  readonly random: Random;
}

interface Transmission {
  readonly on: ByteOnLine;
  readonly from: NodeMachine | undefined;
  readonly startMs: number;
  readonly endMs: number;
}

/** Machines run apart for so much of a byte before they hear each other. */
const WINDOW_BYTES = 0.25;
const OTHER_VALUES = 255;

/**
 * A half-duplex RS-485 line of machines, byte for byte: everybody hears everybody, and bytes that
 * overlap are damaged. The gateway sends whenever it wants to, and hears nothing meanwhile.
 */
export class SharedLine {
  /** Bytes that were damaged because two sent at once. */
  collisions = 0;
  readonly #deps: SharedLineDeps;
  readonly #byteMs: number;
  #inFlight: Transmission[] = [];
  /** Bytes of the gateway, with the times of their start bits. */
  #down: { byte: number; atMs: number }[] = [];
  #downFreeMs = 0;
  #ranUntilMs = 0;
  /**
   * When each machine has something to do next. Kept, because asking all takes longer than most do.
   */
  readonly #nextMs: Float64Array;

  constructor(deps: SharedLineDeps) {
    this.#deps = deps;
    this.#byteMs = (BITS_PER_BYTE * 1000) / deps.baudRate;
    this.#nextMs = new Float64Array(deps.machines.length);
    for (const machine of deps.machines) {
      machine.onByte = ({ byte, atMs, bitMs }) => {
        const endMs = atMs + BITS_PER_BYTE * bitMs;
        this.#start({ on: { byte, isDamaged: false }, from: machine, startMs: atMs, endMs });
      };
    }
  }

  /** When something happens next. */
  get nextMs(): number {
    this.#askMachines();
    return this.#soonest;
  }

  /**
   * The gateway sends these bytes, after those that it is sending, and not in what is past here.
   */
  send(bytes: Uint8Array, atMs: number): void {
    let startMs = Math.max(atMs, this.#downFreeMs, this.#ranUntilMs);
    for (const byte of bytes) {
      this.#down.push({ byte, atMs: startMs });
      startMs += this.#byteMs;
    }
    this.#downFreeMs = startMs;
  }

  runUntil(ms: number): void {
    const { machines } = this.#deps;
    // Contacts and supplies may have changed since the last time.
    this.#askMachines();
    for (let next = this.#soonest; next < ms; next = this.#soonest) {
      this.#putDown(next);
      const until = Math.min(ms, next + WINDOW_BYTES * this.#byteMs);
      machines.forEach((machine, index) => {
        if ((this.#nextMs[index] ?? Infinity) >= until) return;
        machine.runUntil(until);
        this.#nextMs[index] = machine.nextMs;
      });
      this.#end(until);
    }
    this.#ranUntilMs = Math.max(this.#ranUntilMs, ms);
  }

  #askMachines(): void {
    this.#deps.machines.forEach((machine, index) => {
      this.#nextMs[index] = machine.nextMs;
    });
  }

  get #soonest(): number {
    let next = this.#down[0]?.atMs ?? Infinity;
    for (const { endMs } of this.#inFlight) if (endMs < next) next = endMs;
    for (const ms of this.#nextMs) if (ms < next) next = ms;
    return next;
  }

  #putDown(now: number): void {
    for (let [next] = this.#down; next !== undefined && next.atMs <= now; [next] = this.#down) {
      this.#down.shift();
      const { byte, atMs } = next;
      this.#start({ on: { byte, isDamaged: false }, from: undefined, startMs: atMs, endMs: atMs + this.#byteMs });
    }
  }

  #start(transmission: Transmission): void {
    const { from, on, startMs, endMs } = transmission;
    for (const other of this.#inFlight) {
      if (other.endMs <= startMs || other.startMs >= endMs || other.from === from) continue;
      this.#damage(other.on);
      this.#damage(on);
    }
    // A driver that holds the line is as bad as one that sends.
    if (this.#deps.machines.some((machine) => machine !== from && machine.isDriving)) this.#damage(on);
    this.#inFlight.push(transmission);
    const bitMs = (endMs - startMs) / BITS_PER_BYTE;
    this.#deps.machines.forEach((machine, index) => {
      if (machine === from) return;
      machine.hear(on, startMs, bitMs);
      this.#nextMs[index] = machine.nextMs;
    });
  }

  #damage(on: ByteOnLine): void {
    if (!on.isDamaged) this.collisions += 1;
    on.isDamaged = true;
    on.byte ^= 1 + randomBelow(this.#deps.random, OTHER_VALUES);
  }

  #end(now: number): void {
    if (this.#inFlight.every(({ endMs }) => endMs > now)) return;
    for (const { on, from, endMs } of this.#inFlight) {
      if (endMs <= now && from !== undefined) this.#deps.onByte(on.byte, endMs);
    }
    this.#inFlight = this.#inFlight.filter(({ endMs }) => endMs > now);
  }
}
