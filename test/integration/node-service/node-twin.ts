import { openPseudoTerminal } from '../../../device-sim/pty/pseudo-terminal.ts';
import type { HostNode } from './host-node.ts';

const LINE_MAX = 96;

/** How a node on a serial port is rude. */
interface Rude {
  /** Bytes that the boot loader eats after the port is opened. */
  bootBytes?: number;
  /** The jumper is off: it sends frames, and answers nothing. */
  isRunning?: boolean;
  /** Answers that get a bit flipped. */
  damagedAnswers?: number;
  /** Lines that get a bit flipped on their way in. */
  damagedLines?: number;
  lostAnswers?: number;
  /** Stops for ever after so many lines. */
  linesLeft?: number;
}

/** The serial port of a node in service mode. The firmware's own code answers. */
export class NodeTwin {
  readonly node: HostNode;
  readonly lines: string[] = [];
  readonly rude: Rude = {};
  readonly #cable = openPseudoTerminal();
  #line: number[] = [];

  constructor(node: HostNode) {
    this.node = node;
    this.#cable.onData((bytes) => {
      for (const byte of bytes) this.#hear(byte);
    });
  }

  get path(): string {
    return this.#cable.path;
  }

  say(text: string): void {
    this.#cable.write(Buffer.from(text, 'latin1'));
  }

  close(): void {
    this.#cable.close();
  }

  #hear(byte: number): void {
    const { rude } = this;
    if (rude.isRunning === true) {
      this.#cable.write(new Uint8Array([0, 5, 1, 17, 1, 1, 0x0a, 0]));
      return;
    }
    if ((rude.bootBytes ?? 0) > 0) {
      rude.bootBytes = (rude.bootBytes ?? 0) - 1;
      return;
    }
    // As board/service_mode.c does.
    if (byte !== 0x0a && byte !== 0x0d) {
      if (this.#line.length < LINE_MAX) this.#line.push(byte);
      return;
    }
    const line = Uint8Array.from(this.#line);
    this.#line = [];
    if (line.length > 0) this.#handle(line);
  }

  #handle(line: Uint8Array): void {
    const { rude } = this;
    if (taken(rude, 'damagedLines')) line[2] = (line[2] ?? 0) ^ 1;
    if (rude.linesLeft !== undefined && rude.linesLeft-- <= 0) return;
    this.lines.push(Buffer.from(line).toString('latin1'));
    const answer = Uint8Array.from(this.node.line(line));
    if (taken(rude, 'lostAnswers')) return;
    if (taken(rude, 'damagedAnswers')) answer[1] = (answer[1] ?? 0) ^ 4;
    this.#cable.write(answer);
  }
}

function taken(rude: Rude, what: 'damagedLines' | 'damagedAnswers' | 'lostAnswers'): boolean {
  const left = rude[what] ?? 0;
  if (left > 0) rude[what] = left - 1;
  return left > 0;
}
