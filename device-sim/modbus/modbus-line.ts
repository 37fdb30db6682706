import type { ByteDuplex } from '../byte-duplex.ts';
import { realTime, type Scheduler } from '../nodes/scheduler.ts';
import { type Random, randomBelow, seededRandom } from '../random.ts';
import { ModbusModule, type ModbusModuleSettings, type ModuleFaults } from './modbus-module.ts';
import { requestBytes } from './rtu-frame.ts';

/** Bytes come out in runs of this size, as from the receive FIFO of a UART. */
const RUN_BYTES = 8;
/** A request that stops in the middle is over after that. */
const LOST_REQUEST_MS = 20;
/** No two modules take quite the same time to answer. */
const JITTER_MS = 0.4;

export interface ModbusLineSettings {
  /** Two of one address both answer. */
  readonly modules: readonly ModbusModuleSettings[];
  readonly baudRate: number;
  /** Start, data, parity and stop bits. Default 10. */
  readonly bitsPerByte?: 10 | 11;
  /** The gateway's sending does not disturb what modules send. Default false: two wires. */
  readonly fourWire?: boolean;
  /** The same seed gives the same jitter and the same damage. */
  readonly seed: number;
  readonly scheduler?: Scheduler;
}

/** Somebody sends, from `startMs` to `endMs`. */
interface Transmission {
  readonly startMs: number;
  readonly endMs: number;
  readonly byMaster: boolean;
  garbled: boolean;
}

/**
 * Modbus RTU modules on one RS-485 line, at the line's own speed. Who sends while another sends
 * garbles both.
 */
export class ModbusLine {
  readonly modules: readonly ModbusModule[];
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #msPerByte: number;
  readonly #silenceMs: number;
  readonly #fourWire: boolean;
  readonly #planned = new Set<() => void>();
  #onAir: Transmission[] = [];
  #duplex: ByteDuplex | undefined;
  #stopListening: (() => void) | undefined;
  #begun: number[] = [];
  #masterEndMs = -Infinity;
  #moduleEndMs = -Infinity;
  #requests = 0;
  #tooSoon = 0;
  readonly #garbled = new Map<number, number>();

  constructor(settings: ModbusLineSettings) {
    this.modules = settings.modules.map((module) => new ModbusModule(module));
    this.#scheduler = settings.scheduler ?? realTime;
    this.#random = seededRandom(settings.seed);
    this.#msPerByte = ((settings.bitsPerByte ?? 10) * 1000) / settings.baudRate;
    this.#silenceMs = settings.baudRate > 19_200 ? 1.75 : 3.5 * this.#msPerByte;
    this.#fourWire = settings.fourWire ?? false;
  }

  /** Requests that came whole. */
  get requestsHeard(): number {
    return this.#requests;
  }

  /**
   * Requests that did not leave the line silent for 3.5 characters (1.75 ms above 19 200 Bd) after
   * an answer.
   */
  get requestsTooSoon(): number {
    return this.#tooSoon;
  }

  /** Answers of the module with that address that another transmission on the wire has damaged. */
  garbledAnswers(address: number): number {
    return this.#garbled.get(address) ?? 0;
  }

  /** Plugs the line in, in place of whatever it was plugged into. */
  attach(duplex: ByteDuplex): void {
    this.detach();
    this.#duplex = duplex;
    this.#stopListening = duplex.onData((bytes) => this.#hear(bytes));
  }

  /** Pulls the plug. */
  detach(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#duplex = undefined;
    for (const callOff of this.#planned) callOff();
    this.#planned.clear();
    this.#onAir = [];
    this.#begun = [];
  }

  /** Nothing runs on. */
  stop(): void {
    this.detach();
  }

  /** Of all modules with that address. @throws RangeError if there is none, or no such input. */
  drive(address: number, input: number, level: boolean): void {
    for (const module of this.#at(address)) module.drive(input, level);
  }

  /** Sets the faults named, leaves the others; of all modules with that address. */
  fault(address: number, faults: Partial<ModuleFaults>): void {
    for (const module of this.#at(address)) module.faults = { ...module.faults, ...faults };
  }

  /** Bytes out of nowhere, at once. */
  noise(bytes: Uint8Array): void {
    this.#duplex?.write(bytes);
  }

  #at(address: number): readonly ModbusModule[] {
    const modules = this.modules.filter((module) => module.address === address);
    if (modules.length === 0) throw new RangeError(`no module has address ${address}`);
    return modules;
  }

  /** What the gateway writes comes at once; on a wire it takes its time. */
  #hear(bytes: Uint8Array): void {
    const nowMs = this.#scheduler.nowMs();
    const startMs = Math.max(nowMs, this.#masterEndMs);
    if (startMs - this.#masterEndMs > LOST_REQUEST_MS) this.#begun = [];
    if (this.#begun.length === 0 && startMs - this.#moduleEndMs < this.#silenceMs) this.#tooSoon += 1;
    const transmission = this.#send(startMs, bytes.length, true);
    this.#masterEndMs = transmission.endMs;
    this.#begun.push(...bytes);
    const length = requestBytes(Uint8Array.from(this.#begun));
    if (length === undefined || this.#begun.length < length) return;
    const frame = Uint8Array.from(this.#begun);
    this.#begun = [];
    this.#plan(transmission.endMs, () => {
      if (!transmission.garbled) this.#request(frame, transmission.endMs);
    });
  }

  #request(frame: Uint8Array, endMs: number): void {
    this.#requests += 1;
    for (const module of this.modules) {
      const answer = module.answer(frame);
      if (answer === undefined) continue;
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
    for (let from = 0; from < answer.length; from += RUN_BYTES) {
      const run = answer.slice(from, from + RUN_BYTES);
      this.#plan(startMs + (from + run.length) * this.#msPerByte, () => {
        this.#duplex?.write(transmission.garbled ? run.map((byte) => byte ^ randomBelow(this.#random, 256)) : run);
      });
    }
  }

  #send(startMs: number, bytes: number, byMaster: boolean): Transmission {
    const transmission = { startMs, endMs: startMs + bytes * this.#msPerByte, byMaster, garbled: false };
    this.#onAir = this.#onAir.filter(({ endMs }) => endMs > startMs);
    for (const other of this.#onAir) {
      if (other.startMs >= transmission.endMs || (this.#fourWire && other.byMaster !== byMaster)) continue;
      // The gateway's own bytes come one after the other.
      if (other.byMaster && byMaster) continue;
      other.garbled = true;
      transmission.garbled = true;
    }
    this.#onAir.push(transmission);
    return transmission;
  }

  /** Never early, though timers know whole ms only and may fire before their time. */
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
