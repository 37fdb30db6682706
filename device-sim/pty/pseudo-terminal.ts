import fs from 'node:fs';
import tty from 'node:tty';
import { exclusiveForgetter, openMaster } from './libc-pty.ts';
import { WaitingWriter } from './waiting-writer.ts';

/**
 * Number of unread bytes above which more bytes are dropped, as a UART without a listener drops
 * them.
 */
const MAX_WAITING_BYTES = 64 * 1024;
/** Interval for clearing the exclusive mode: a crashed gateway is restarted after seconds. */
const FORGET_MS = 1_000;

interface PseudoTerminalOptions {
  /** Called with every error of the master side. By default it prints one line on stderr. */
  readonly onError?: (error: Error) => void;
}

/** A serial cable in software. Bytes written here are read at `path`, and the other way round. */
export class PseudoTerminal {
  /** Device node of the slave side. A gateway opens it, unless a `link` gives it a stable name. */
  readonly path: string;
  readonly #master: tty.ReadStream;
  readonly #writer: WaitingWriter;
  readonly #slaveFd: number;
  readonly #listeners = new Set<(bytes: Uint8Array) => void>();
  readonly #links = new Set<string>();
  readonly #forgetting: NodeJS.Timeout;
  #closed = false;
  #dropped = 0;

  /** @throws Error if the system provides no pseudo-terminal. */
  constructor(options: PseudoTerminalOptions = {}) {
    const onError = options.onError ?? reportOnStderr;
    const { fd, path } = openMaster();
    this.path = path;
    // The slave stays open here, so that the master sees no EIO before a gateway opens the slave or
    // between two gateways.
    this.#slaveFd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_NOCTTY);
    const forget = exclusiveForgetter();
    this.#forgetting = setInterval(() => forget(this.#slaveFd), FORGET_MS);
    this.#forgetting.unref();
    this.#master = new tty.ReadStream(fd);
    this.#writer = new WaitingWriter(fd, MAX_WAITING_BYTES, onError);
    this.#master.on('error', onError);
    this.#master.on('data', (bytes: Buffer) => {
      for (const listener of this.#listeners) listener(bytes);
    });
  }

  /** Returns the number of bytes dropped because nothing read them. */
  get droppedBytes(): number {
    return this.#dropped;
  }

  /**
   * Returns the number of bytes that the other side has not read and the system has no room for.
   */
  get waitingBytes(): number {
    return this.#writer.waitingBytes;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /**
   * Writes without ever blocking or throwing. Drops the bytes if too many wait already, or after
   * `close`.
   */
  write(bytes: Uint8Array): void {
    if (this.#closed || !this.#writer.write(bytes)) this.#dropped += bytes.length;
  }

  /**
   * Calls back with the bytes that the other side writes. Returns a function that removes the
   * listener.
   */
  onData(listener: (bytes: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Stops reading until `resume`. The other side's writes fill the system's buffer, then find no
   * room.
   */
  pause(): void {
    this.#master.pause();
  }

  resume(): void {
    this.#master.resume();
  }

  /**
   * Makes `path` a symbolic link to the slave. It replaces the link of a simulator, because a
   * killed one leaves its link behind.
   * @throws Error of `node:fs`, or if `path` is anything else
   */
  link(path: string): void {
    const isThere = fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    if (isThere && !isSimulatorLink(path)) throw new Error(`${path} is there already, and is not a simulator's`);
    // The rename replaces the link without a moment in which there is none.
    const fresh = `${path}.${process.pid}`;
    fs.rmSync(fresh, { force: true });
    fs.symlinkSync(markedTarget(this.path), fresh);
    fs.renameSync(fresh, path);
    this.#links.add(path);
  }

  /**
   * Acts like an unplugged cable: removes the links and hangs up every process that has the slave
   * open. A second call does nothing.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#forgetting);
    this.#listeners.clear();
    for (const link of this.#links) removeLinkTo(link, markedTarget(this.path));
    this.#writer.stop();
    this.#master.destroy();
    fs.closeSync(this.#slaveFd);
  }
}

/** @throws Error if the system provides no pseudo-terminal. */
export function openPseudoTerminal(options?: PseudoTerminalOptions): PseudoTerminal {
  return new PseudoTerminal(options);
}

/**
 * Writes the same target in a form that only a simulator uses. The form shows who made the link.
 */
function markedTarget(path: string): string {
  return path.replace(/\/([^/]*)$/, '/./$1');
}

/** Returns true for a link that a simulator made, this one or an earlier one. */
export function isSimulatorLink(path: string): boolean {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false });
  return stat?.isSymbolicLink() === true && /^\/dev\/pts\/\.\/\d+$/.test(fs.readlinkSync(path));
}

/** Removes our link, but not one that has been pointed elsewhere since. */
function removeLinkTo(link: string, target: string): void {
  const stat = fs.lstatSync(link, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink() && fs.readlinkSync(link) === target) fs.rmSync(link, { force: true });
}

function reportOnStderr(error: Error): void {
  process.stderr.write(`pseudo-terminal: ${error.message}\n`);
}
