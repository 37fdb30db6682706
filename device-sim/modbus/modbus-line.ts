import type { ByteDuplex } from '../byte-duplex.ts';
import { realTime, type Scheduler } from '../nodes/scheduler.ts';
import { type Random, randomBelow, seededRandom } from '../random.ts';
import { ModbusModule, type ModbusModuleSettings, type ModuleFaults } from './modbus-module.ts';
import { requestBytes } from './rtu-frame.ts';

/** Number of bytes in one run, as from the receive FIFO of a UART. */
const RUN_BYTES = 8;
/** Bytes of a switching driver come at once. */
const GLITCH_BYTES = 2;
/** Silence after which an incomplete request is dropped. */
const LOST_REQUEST_MS = 20;
/** Share of the bytes of a garbled echo that are wrong. */
const GARBLED_SHARE = 0.7;
/** Largest random addition to the answer time: no two modules take exactly the same time. */
const JITTER_MS = 0.4;

/**
 * What a two-wire adapter without echo suppression gives back of the gateway's own sending. An
 * adapter that switches its receiver on late or off early cuts the echo; on a disturbed line it is
 * garbled.
 */
export type AdapterEcho = 'none' | 'whole' | 'headCut' | 'tailCut' | 'garbled';

export interface ModbusLineSettings {
  /** The modules on the line. Two modules with one address both answer. */
  readonly modules: readonly ModbusModuleSettings[];
  readonly baudRate: number;
  /** Bits of one character: start, data, parity and stop bits. Default 10. */
  readonly bitsPerByte?: 10 | 11;
  /**
   * True if the gateway's sending does not disturb the modules' sending. Default false: two wires.
   */
  readonly fourWire?: boolean;
  /** Default none. */
  readonly echo?: AdapterEcho;
  /** The same seed gives the same jitter and the same damage. */
  readonly seed: number;
  readonly scheduler?: Scheduler;
}

/** One transmission on the line, from `startMs` to `endMs`. */
interface Transmission {
  readonly startMs: number;
  readonly endMs: number;
  readonly byMaster: boolean;
  garbled: boolean;
}

/**
 * Modbus RTU modules on one RS-485 line, at the line's own speed. Two transmissions at the same
 * time garble each other.
 */
export class ModbusLine {
  modules: readonly ModbusModule[];
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #msPerByte: number;
  readonly #silenceMs: number;
  readonly #fourWire: boolean;
  readonly #planned = new Set<() => void>();
  readonly #answerListeners = new Set<(request: Uint8Array, answer: Uint8Array) => void>();
  #onAir: Transmission[] = [];
  /** Bytes for the gateway, in the order of their times. */
  #outgoing: { readonly atMs: number; readonly write: () => void }[] = [];
  #duplex: ByteDuplex | undefined;
  #stopListening: (() => void) | undefined;
  #begun: number[] = [];
  #masterEndMs = -Infinity;
  #moduleEndMs = -Infinity;
  #requests = 0;
  #tooSoon = 0;
  readonly #garbled = new Map<number, number>();
  /** May be changed while the line runs. */
  echo: AdapterEcho;
  /** Bytes that the adapter itself adds when its driver has switched off after a request. */
  glitch: readonly number[] = [];

  constructor(settings: ModbusLineSettings) {
    this.modules = settings.modules.map((module) => new ModbusModule(module));
    this.#scheduler = settings.scheduler ?? realTime;
    this.#random = seededRandom(settings.seed);
    this.#msPerByte = ((settings.bitsPerByte ?? 10) * 1000) / settings.baudRate;
    this.#silenceMs = settings.baudRate > 19_200 ? 1.75 : 3.5 * this.#msPerByte;
    this.#fourWire = settings.fourWire ?? false;
    this.echo = settings.echo ?? 'none';
  }

  /** Returns the number of complete requests. */
  get requestsHeard(): number {
    return this.#requests;
  }

  /**
   * Returns the number of requests that came less than 3.5 characters (1.75 ms above 19 200 Bd)
   * after an answer.
   */
  get requestsTooSoon(): number {
    return this.#tooSoon;
  }

  /** Returns the number of that module's answers that another transmission has damaged. */
  garbledAnswers(address: number): number {
    return this.#garbled.get(address) ?? 0;
  }

  /** Wires another module to the line. */
  join(module: ModbusModuleSettings): void {
    this.modules = [...this.modules, new ModbusModule(module)];
  }

  /** Plugs the line into this cable and unplugs it from its old one. */
  attach(duplex: ByteDuplex): void {
    this.detach();
    this.#duplex = duplex;
    this.#stopListening = duplex.onData((bytes) => this.#hear(bytes));
  }

  /** Unplugs the line. */
  detach(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#duplex = undefined;
    for (const callOff of this.#planned) callOff();
    this.#planned.clear();
    this.#onAir = [];
    this.#outgoing = [];
    this.#begun = [];
  }

  /** Stops all timers. */
  stop(): void {
    this.detach();
  }

  /**
   * Sets an input of all modules with that address.
   * @throws RangeError if there is no such module or input.
   */
  drive(address: number, input: number, level: boolean): void {
    for (const module of this.#at(address)) module.drive(input, level);
  }

  /** Sets the given faults of all modules with that address and leaves the others unchanged. */
  fault(address: number, faults: Partial<ModuleFaults>): void {
    for (const module of this.#at(address)) module.faults = { ...module.faults, ...faults };
  }

  /**
   * Calls back with each request that a module answers. Returns a function that removes the
   * listener.
   */
  onAnswer(listener: (request: Uint8Array, answer: Uint8Array) => void): () => void {
    this.#answerListeners.add(listener);
    return () => this.#answerListeners.delete(listener);
  }

  /** Sends noise to the gateway at once. */
  noise(bytes: Uint8Array): void {
    this.#duplex?.write(bytes);
  }

  #at(address: number): readonly ModbusModule[] {
    const modules = this.modules.filter((module) => module.address === address);
    if (modules.length === 0) throw new RangeError(`no module has address ${address}`);
    return modules;
  }

  /** The gateway's bytes arrive at once. On a real wire they take their time. */
  #hear(bytes: Uint8Array): void {
    const nowMs = this.#scheduler.nowMs();
    const startMs = Math.max(nowMs, this.#masterEndMs);
    if (startMs - this.#masterEndMs > LOST_REQUEST_MS) this.#begun = [];
    if (this.#begun.length === 0 && startMs - this.#moduleEndMs < this.#silenceMs) this.#tooSoon += 1;
    const transmission = this.#send(startMs, bytes.length, true);
    this.#masterEndMs = transmission.endMs;
    this.#echoBack(bytes, startMs);
    this.#begun.push(...bytes);
    const length = requestBytes(Uint8Array.from(this.#begun));
    if (length === undefined || this.#begun.length < length) return;
    const frame = Uint8Array.from(this.#begun);
    this.#begun = [];
    this.#plan(transmission.endMs, () => {
      if (!transmission.garbled) this.#request(frame, transmission.endMs);
    });
  }

  /** Each byte comes back when it has left. */
  #echoBack(bytes: Uint8Array, startMs: number): void {
    const from = this.echo === 'headCut' ? 1 + randomBelow(this.#random, bytes.length - 1) : 0;
    const to = this.echo === 'tailCut' ? 1 + randomBelow(this.#random, bytes.length - 1) : bytes.length;
    const heard = this.echo === 'none' ? [] : bytes.slice(from, to);
    const back = heard.map((byte) => {
      const isGarbled = this.echo === 'garbled' && this.#random() < GARBLED_SHARE;
      return isGarbled ? byte ^ (1 + randomBelow(this.#random, 255)) : byte;
    });
    this.#writeRuns(Uint8Array.from(back), 1, startMs + from * this.#msPerByte, { garbled: false });
    const glitchMs = startMs + bytes.length * this.#msPerByte;
    this.#writeRuns(Uint8Array.from(this.glitch), GLITCH_BYTES, glitchMs, { garbled: false });
  }

  #request(frame: Uint8Array, endMs: number): void {
    this.#requests += 1;
    for (const module of this.modules) {
      const answer = module.answer(frame);
      if (answer === undefined) continue;
      for (const listener of this.#answerListeners) listener(frame, answer);
      const waitMs = module.turnaroundMs + this.#random() * JITTER_MS + this.#lateMs(module.faults);
      this.#plan(endMs + waitMs, () => this.#sendAnswer(answer, endMs + waitMs));
    }
  }

  #lateMs({ lateMs, lateSpreadMs, lateShare }: ModuleFaults): number {
    return this.#random() < lateShare ? lateMs + this.#random() * lateSpreadMs : 0;
  }

  #sendAnswer(answer: Uint8Array, startMs: number): void {
    const transmission = this.#send(startMs, answer.length, false);
    this.#moduleEndMs = Math.max(this.#moduleEndMs, transmission.endMs);
    this.#plan(transmission.endMs, () => {
      const address = answer[0] ?? 0;
      if (transmission.garbled) this.#garbled.set(address, this.garbledAnswers(address) + 1);
    });
    this.#writeRuns(answer, RUN_BYTES, startMs, transmission);
  }

  /** Each run of bytes is written when its last byte has left. */
  #writeRuns(bytes: Uint8Array, size: number, startMs: number, on: Pick<Transmission, 'garbled'>): void {
    for (let from = 0; from < bytes.length; from += size) {
      const run = bytes.slice(from, from + size);
      const write = (): void => {
        this.#duplex?.write(on.garbled ? run.map((byte) => byte ^ randomBelow(this.#random, 256)) : run);
      };
      const atMs = startMs + (from + run.length) * this.#msPerByte;
      const place = this.#outgoing.findIndex((other) => other.atMs > atMs);
      this.#outgoing.splice(place < 0 ? this.#outgoing.length : place, 0, { atMs, write });
      this.#plan(atMs, () => this.#writeDue());
    }
  }

  /** On a machine that is held up, timers come in any order. Bytes on a wire do not. */
  #writeDue(): void {
    const nowMs = this.#scheduler.nowMs();
    while ((this.#outgoing[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) this.#outgoing.shift()?.write();
  }

  #send(startMs: number, bytes: number, byMaster: boolean): Transmission {
    const transmission = { startMs, endMs: startMs + bytes * this.#msPerByte, byMaster, garbled: false };
    this.#onAir = this.#onAir.filter(({ endMs }) => endMs > startMs);
    for (const other of this.#onAir) {
      if (other.startMs >= transmission.endMs || (this.#fourWire && other.byMaster !== byMaster)) continue;
      // The gateway's own bytes follow one another.
      if (other.byMaster && byMaster) continue;
      other.garbled = true;
      transmission.garbled = true;
    }
    this.#onAir.push(transmission);
    return transmission;
  }

  /** Never calls early, although timers only count whole ms and may fire too soon. */
  #plan(atMs: number, run: () => void): void {
    const delayMs = Math.max(0, Math.ceil(atMs - this.#scheduler.nowMs()));
    const callOff = this.#scheduler.after(delayMs, () => {
      this.#planned.delete(callOff);
      if (this.#scheduler.nowMs() < atMs) this.#plan(atMs, run);
      else run();
    });
    this.#planned.add(callOff);
  }
}
