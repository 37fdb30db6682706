import { bytesToHex, concatBytes } from '../../protocol/bytes.ts';
import type { FrameEntry } from '../../protocol/recording/recording.ts';
import { requestBytes } from '../modbus/rtu-frame.ts';
import type { PseudoTerminal } from '../pty/pseudo-terminal.ts';
import { TerminalPlug } from '../site/terminal-plug.ts';
import type { ReplayWire } from './replay-wire.ts';

/** Keeps the terminal that is plugged in, and gives what the gateway writes to a listener. */
class RecordedEnd {
  readonly #heard: (bytes: Uint8Array) => void;
  #terminal: PseudoTerminal | undefined;

  constructor(heard: (bytes: Uint8Array) => void = () => undefined) {
    this.#heard = heard;
  }

  get isRead(): boolean {
    return (this.#terminal?.waitingBytes ?? 0) === 0;
  }

  attach(terminal: PseudoTerminal): void {
    this.#terminal = terminal;
    terminal.onData(this.#heard);
  }

  detach(): void {
    this.#terminal = undefined;
  }

  write(bytes: Uint8Array): void {
    this.#terminal?.write(bytes);
  }
}

/** A line on which the devices speak by themselves: the bytes come as they came. */
export class RecordedLine implements ReplayWire {
  readonly #end = new RecordedEnd();
  readonly #plug: TerminalPlug;

  constructor(port: string | undefined) {
    this.#plug = new TerminalPlug(port, this.#end);
  }

  play({ direction, bytes }: FrameEntry): void {
    if (direction === 'in') this.#end.write(bytes);
  }

  isRead(): boolean {
    return this.#end.isRead;
  }

  stop(): void {
    this.#plug.stop();
  }
}

/** A gateway that asks something else all the time fills no memory. */
const REQUESTS_MAX = 1024;

/**
 * A line of Modbus modules. The gateway asks at its own pace, so each request gets the answer that
 * it had at this time of the recording.
 */
export class RecordedModules implements ReplayWire {
  readonly #end = new RecordedEnd((bytes) => this.#heard(bytes));
  readonly #plug: TerminalPlug;
  readonly #answers = new Map<string, Uint8Array>();
  #recorded: { readonly request: string; answer: Uint8Array } | undefined;
  /** The request whose first answer is being read. */
  #first: string | undefined;
  #begun: number[] = [];

  constructor(port: string | undefined) {
    this.#plug = new TerminalPlug(port, this.#end);
  }

  /** From the begin each request has the first answer that it ever had. */
  prepare(frame: FrameEntry): void {
    const { request, isAnswer } = this.#read(frame);
    if (isAnswer && (this.#first === request || !this.#answers.has(request))) this.#keep(request);
  }

  /** Until an answer comes the last one stands: a module that was silent was asked again. */
  play(frame: FrameEntry): void {
    const { request, isAnswer } = this.#read(frame);
    if (isAnswer) this.#keep(request);
  }

  #keep(request: string): void {
    const answer = this.#recorded?.answer;
    if (answer === undefined || (!this.#answers.has(request) && this.#answers.size >= REQUESTS_MAX)) return;
    this.#first = request;
    this.#answers.set(request, answer);
  }

  /** An answer may come in several pieces. */
  #read({ direction, bytes }: FrameEntry): { readonly request: string; readonly isAnswer: boolean } {
    if (direction === 'out') {
      this.#first = undefined;
      this.#recorded = { request: bytesToHex(bytes), answer: new Uint8Array(0) };
    } else if (this.#recorded !== undefined) this.#recorded.answer = concatBytes(this.#recorded.answer, bytes);
    return { request: this.#recorded?.request ?? '', isAnswer: direction === 'in' && this.#recorded !== undefined };
  }

  isRead(): boolean {
    return this.#end.isRead;
  }

  stop(): void {
    this.#plug.stop();
  }

  #heard(bytes: Uint8Array): void {
    this.#begun.push(...bytes);
    const length = requestBytes(Uint8Array.from(this.#begun));
    if (length === undefined || this.#begun.length < length) return;
    const request = bytesToHex(Uint8Array.from(this.#begun.splice(0)));
    const answer = this.#answers.get(request);
    if (answer !== undefined) this.#end.write(answer);
  }
}
