import fs from 'node:fs';
import tty from 'node:tty';
import { exclusiveForgetter, openMaster } from './libc-pty.ts';
import { WaitingWriter } from './waiting-writer.ts';

/**
 * Bytes that wait for a reader before more are thrown away, as a UART without a listener throws
 * them away.
 */
const MAX_WAITING_BYTES = 64 * 1024;
/** A gateway that crashed is started again after seconds. */
const FORGET_MS = 1_000;

interface PseudoTerminalOptions {
  /** Told of every error of the master side; default: one line on stderr. */
  readonly onError?: (error: Error) => void;
}

/**
 * A serial cable made of software: what is written here is read at `path`, and the other way round.
 */
export class PseudoTerminal {
  /** The slave's device node: what a gateway opens, unless a `link` gives it a stable name. */
  readonly path: string;
  readonly #master: tty.ReadStream;
  readonly #writer: WaitingWriter;
  readonly #slaveFd: number;
  readonly #listeners = new Set<(bytes: Uint8Array) => void>();
  readonly #links = new Set<string>();
  readonly #forgetting: NodeJS.Timeout;
  #closed = false;
  #dropped = 0;

  /** @throws Error if the system gives no pseudo-terminal. */
  constructor(options: PseudoTerminalOptions = {}) {
    const onError = options.onError ?? reportOnStderr;
    const { fd, path } = openMaster();
    this.path = path;
    // Held open so that the master sees no EIO before a gateway opens the slave, or between two
    // that do.
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

  /** Bytes thrown away because nobody read. */
  get droppedBytes(): number {
    return this.#dropped;
  }

  /** Bytes written that the other side has not read and the system holds no room for. */
  get waitingBytes(): number {
    return this.#writer.waitingBytes;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Never blocks and never throws; drops the bytes if too many wait already, or after `close`. */
  write(bytes: Uint8Array): void {
    if (this.#closed || !this.#writer.write(bytes)) this.#dropped += bytes.length;
  }

  /** What the other side writes. Returns how to stop listening. */
  onData(listener: (bytes: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Reads no more until `resume`: the other side's writes fill the system's buffer, then find no
   * room.
   */
  pause(): void {
    this.#master.pause();
  }

  resume(): void {
    this.#master.resume();
  }

  /**
   * Makes `path` a symbolic link to the slave, in place of a simulator's that was there (one that
   * was killed leaves it).
   * @throws Error of `node:fs`, or if something else is there
   */
  link(path: string): void {
    const isThere = fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    if (isThere && !isSimulatorLink(path)) throw new Error(`${path} is there already, and is not a simulator's`);
    // Renamed into place, so that there is no moment without a link.
    const fresh = `${path}.${process.pid}`;
    fs.rmSync(fresh, { force: true });
    fs.symlinkSync(markedTarget(this.path), fresh);
    fs.renameSync(fresh, path);
    this.#links.add(path);
  }

  /**
   * Like pulling the plug: links go, whoever has the slave open sees it hang up. May be called
   * twice.
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

/** @throws Error if the system gives no pseudo-terminal. */
export function openPseudoTerminal(options?: PseudoTerminalOptions): PseudoTerminal {
  return new PseudoTerminal(options);
}

/**
 * Leads where the path does, and tells that a simulator made the link: nobody else writes it so.
 */
function markedTarget(path: string): string {
  return path.replace(/\/([^/]*)$/, '/./$1');
}

/** A link that a simulator made, this one or one before it. */
export function isSimulatorLink(path: string): boolean {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false });
  return stat?.isSymbolicLink() === true && /^\/dev\/pts\/\.\/\d+$/.test(fs.readlinkSync(path));
}

/** Leaves a link alone that somebody has pointed elsewhere since. */
function removeLinkTo(link: string, target: string): void {
  const stat = fs.lstatSync(link, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink() && fs.readlinkSync(link) === target) fs.rmSync(link, { force: true });
}

function reportOnStderr(error: Error): void {
  process.stderr.write(`pseudo-terminal: ${error.message}\n`);
}
