import { encodeKiss, KISS_COMMANDS, KissScanner } from '../../protocol/radio/kiss.ts';
import type { ByteDuplex } from '../byte-duplex.ts';
import type { Scheduler } from '../nodes/scheduler.ts';
import { type Random, seededRandom } from '../random.ts';
import type { AirChannel, AirStation, KeyTimes } from './air-channel.ts';
import { CommandInterpreter } from './command-interpreter.ts';

const MOST_QUEUED = 64;
const UNIT_MS = 10;

export interface TncParameters extends KeyTimes {
  readonly slotMs: number;
  /** Persistence P of KISS, 0…255. */
  readonly persistence: number;
}

/** Defaults as in the KISS paper. */
const USUAL: TncParameters = { txDelayMs: 500, txTailMs: 0, slotMs: 100, persistence: 63 };

interface KissTncOptions {
  readonly channel: AirChannel;
  readonly scheduler: Scheduler;
  /** The same seed gives the same waits for a free channel. */
  readonly seed: number;
  /** Parameters that apply until a host sets others. */
  readonly parameters?: Partial<TncParameters>;
}

/**
 * A radio modem. It speaks KISS with its hosts and sends one frame after another when the channel
 * is free.
 */
export class KissTnc implements AirStation {
  readonly #options: KissTncOptions;
  readonly #random: Random;
  readonly #hosts = new Map<ByteDuplex, CommandInterpreter>();
  readonly #queue: Uint8Array[] = [];
  #parameters: TncParameters;
  #waiting: (() => void) | undefined;
  #sending = false;
  #closed = false;
  #inCommandMode = false;
  #taken = 0;
  /** The channel. Without one the modem accepts frames as usual, but sends and hears nothing. */
  antenna = true;

  constructor(options: KissTncOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#parameters = { ...USUAL, ...options.parameters };
    options.channel.join(this);
  }

  /** Parameters as the hosts have set them. */
  get parameters(): TncParameters {
    return this.#parameters;
  }

  /** Returns the number of data frames accepted from hosts since the start. */
  get taken(): number {
    return this.#taken;
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Connects a host. Returns a function that disconnects it. */
  plug(host: ByteDuplex): () => void {
    const scanner = new KissScanner();
    const interpreter = new CommandInterpreter(host, () => {
      this.#inCommandMode = false;
    });
    this.#hosts.set(host, interpreter);
    const off = host.onData((bytes) => {
      let at = 0;
      while (this.#inCommandMode && at < bytes.length && interpreter.take(bytes[at] ?? 0)) at += 1;
      if (this.#inCommandMode) return;
      for (const { port, command, payload } of scanner.push(bytes.subarray(at))) {
        if (port === 0) this.#obey(command, payload);
      }
    });
    return () => {
      off();
      this.#hosts.delete(host);
    };
  }

  heard(frame: Uint8Array): void {
    if (!this.antenna) return;
    const bytes = encodeKiss({ port: 0, command: KISS_COMMANDS.data, payload: frame });
    if (this.#inCommandMode) return;
    for (const host of this.#hosts.keys()) host.write(bytes);
  }

  /**
   * Switches the modem off and on. It starts in command mode, as its memory says, until a host sets
   * it to KISS mode.
   */
  wakeInCommandMode(): void {
    this.reset();
    this.#inCommandMode = true;
    for (const interpreter of this.#hosts.values()) interpreter.wake();
  }

  /** Sets the modem to KISS mode, as a person would by hand. */
  leaveCommandMode(): void {
    this.#inCommandMode = false;
  }

  get isInCommandMode(): boolean {
    return this.#inCommandMode;
  }

  /** Returns the commands that hosts have given in command mode. */
  get commands(): readonly string[] {
    return [...this.#hosts.values()].flatMap(({ commands }) => commands);
  }

  /** Switches the modem off and on. It loses its queue and the hosts' parameters. */
  reset(): void {
    this.#queue.length = 0;
    this.#parameters = { ...USUAL, ...this.#options.parameters };
  }

  /** Switches the modem off. It loses its queue. */
  close(): void {
    this.#closed = true;
    this.#waiting?.();
    this.#queue.length = 0;
    this.#hosts.clear();
  }

  #obey(command: number, payload: Uint8Array): void {
    const value = payload[0] ?? 0;
    if (command === KISS_COMMANDS.data) this.#enqueue(payload);
    else if (command === KISS_COMMANDS.txDelay) this.#set({ txDelayMs: value * UNIT_MS });
    else if (command === KISS_COMMANDS.txTail) this.#set({ txTailMs: value * UNIT_MS });
    else if (command === KISS_COMMANDS.slotTime) this.#set({ slotMs: value * UNIT_MS });
    else if (command === KISS_COMMANDS.persistence) this.#set({ persistence: value });
  }

  #set(parameters: Partial<TncParameters>): void {
    this.#parameters = { ...this.#parameters, ...parameters };
  }

  #enqueue(frame: Uint8Array): void {
    this.#taken += 1;
    if (frame.length === 0 || this.#queue.length >= MOST_QUEUED || this.#closed) return;
    this.#queue.push(frame);
    this.#seize();
  }

  /**
   * Uses p-persistence (the KISS paper, §5): in each slot a free channel is taken with probability
   * (P + 1) / 256.
   */
  #seize(): void {
    if (this.#sending || this.#waiting !== undefined || this.#queue.length === 0 || this.#closed) return;
    const { persistence, slotMs } = this.#parameters;
    if (!this.#options.channel.busy && this.#random() * 256 < persistence + 1) {
      this.#send();
      return;
    }
    this.#waiting = this.#options.scheduler.after(Math.max(1, slotMs), () => {
      this.#waiting = undefined;
      this.#seize();
    });
  }

  #send(): void {
    const frame = this.#queue.shift();
    if (frame === undefined || !this.antenna) return;
    this.#sending = true;
    this.#options.channel.transmit(this, frame, this.#parameters, () => {
      this.#sending = false;
      this.#seize();
    });
  }
}
