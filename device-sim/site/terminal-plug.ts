import { usageError } from '../errors.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../pty/pseudo-terminal.ts';
import { makeDirectoriesFor, whyNotAt } from './simulated-place.ts';

/** A device at the far end of a serial cable. */
interface FarEnd {
  attach(terminal: PseudoTerminal): void;
  detach(): void;
}

/**
 * A serial port at its path in the configuration, with a device at its far end. The constructor
 * plugs it in.
 */
export class TerminalPlug {
  readonly #path: string;
  readonly #farEnd: FarEnd;
  readonly #removeDirectories: () => void;
  #terminal: PseudoTerminal | undefined;

  /**
   * @throws CallpointError USAGE where a real port may be; Error if it cannot make the
   * pseudo-terminal or its link.
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

  /** Unplugs it for good and removes every trace of it. */
  stop(): void {
    this.unplug();
    this.#removeDirectories();
  }

  /** Sends noise to the gateway. */
  write(bytes: Uint8Array): void {
    this.#terminal?.write(bytes);
  }
}
