import { usageError } from '../errors.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../pty/pseudo-terminal.ts';
import { makeDirectoriesFor, whyNotAt } from './simulated-place.ts';

/** What hangs at the far end of a serial cable. */
interface FarEnd {
  attach(terminal: PseudoTerminal): void;
  detach(): void;
}

/**
 * A serial port where the configuration says it is, with something at its far end; plugged in when
 * made.
 */
export class TerminalPlug {
  readonly #path: string;
  readonly #farEnd: FarEnd;
  readonly #removeDirectories: () => void;
  #terminal: PseudoTerminal | undefined;

  /**
   * @throws CallpointError USAGE where a real port may be; Error if a pseudo-terminal can't be had
   * or its link can't be made.
   */
  constructor(path: string | undefined, farEnd: FarEnd) {
    if (path === undefined) throw new RangeError('an input on a serial port has no port');
    const problem = whyNotAt(path);
    if (problem !== undefined) throw usageError(problem);
    this.#path = path;
    this.#farEnd = farEnd;
    this.#removeDirectories = makeDirectoriesFor(path);
    this.replug();
  }

  replug(): void {
    this.#terminal?.close();
    const terminal = openPseudoTerminal();
    this.#terminal = terminal;
    try {
      terminal.link(this.#path);
    } catch (error) {
      terminal.close();
      throw error;
    }
    this.#farEnd.attach(terminal);
  }

  unplug(): void {
    this.#farEnd.detach();
    this.#terminal?.close();
    this.#terminal = undefined;
  }

  /** Unplugs it for good: nothing of it is left where it was. */
  stop(): void {
    this.unplug();
    this.#removeDirectories();
  }

  /** Bytes that nothing at the far end sent. */
  write(bytes: Uint8Array): void {
    this.#terminal?.write(bytes);
  }
}
