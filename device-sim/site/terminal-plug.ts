import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { openPseudoTerminal, type PseudoTerminal } from '../pty/pseudo-terminal.ts';

/** What hangs at the far end of a serial cable. */
interface FarEnd {
  attach(terminal: PseudoTerminal): void;
  detach(): void;
}

/** A serial port where the configuration says it is, with something at its far end; plugged in when made. */
export class TerminalPlug {
  readonly #path: string;
  readonly #farEnd: FarEnd;
  #terminal: PseudoTerminal | undefined;

  /** @throws Error if a pseudo-terminal can't be had or its link can't be made. */
  constructor(path: string | undefined, farEnd: FarEnd) {
    if (path === undefined) throw new RangeError('an input on a serial port has no port');
    this.#path = path;
    this.#farEnd = farEnd;
    mkdirSync(dirname(path), { recursive: true });
    this.replug();
  }

  replug(): void {
    this.#terminal?.close();
    this.#terminal = openPseudoTerminal();
    this.#terminal.link(this.#path);
    this.#farEnd.attach(this.#terminal);
  }

  unplug(): void {
    this.#farEnd.detach();
    this.#terminal?.close();
    this.#terminal = undefined;
  }

  /** Bytes that nothing at the far end sent. */
  write(bytes: Uint8Array): void {
    this.#terminal?.write(bytes);
  }
}
