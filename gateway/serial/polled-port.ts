import fs from 'node:fs';
import { SerialPort } from 'serialport';
import { messageOf } from '../../protocol/errors.ts';
import { loadExclusive, type SetExclusive } from './exclusive-port.ts';
import { loadIoctl } from './ioctl.ts';
import { identityOf, type PortIdentity } from './port-identity.ts';
import { enterRs485Mode, type Rs485Mode } from './rs485-mode.ts';

/** The largest read; a tty of Linux holds no more. */
const READ_BYTES = 4_096;

/** What this driver uses of serialport's binding on Linux and macOS. */
interface PollingBinding {
  readonly fd: number | null;
  readonly poller: { once(event: 'readable', callback: (error: Error | null) => void): unknown };
  set(options: { readonly dtr: boolean; readonly rts: boolean; readonly lowLatency: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** How bytes look on the line. No flow control. */
export interface PortSettings {
  readonly baudRate: number;
  /** Default 8. */
  readonly dataBits?: 7 | 8;
  /** Default none. */
  readonly parity?: 'none' | 'even' | 'odd';
  /** Default 1. */
  readonly stopBits?: 1 | 2;
  /** Absent: the kernel does not switch a transceiver's direction. */
  readonly rs485?: Rs485Mode;
}

interface OpenPort {
  readonly binding: PollingBinding;
  readonly fd: number;
  readonly setExclusive: SetExclusive;
}

interface PortListener {
  /**
   * Called from the event loop the moment bytes are there; `chunk` is lent for the call only. Must
   * not throw.
   */
  bytes(chunk: Uint8Array): void;
  /** The port failed or hung up. At most once; nothing comes after it. */
  lost(reason: string): void;
}

/**
 * An open serial port, read and written on the event loop itself.
 *
 * serialport opens, configures and locks the port. Its stream isn't used: every read and write of
 * the stream goes through libuv's few pool threads, where a press would wait behind a hung DNS
 * lookup or a stalled disk; a wait for room to write suspends its reading; and a hang-up that reads
 * as end-of-file makes it spin. The descriptor is non-blocking, so plain reads and writes never
 * wait.
 */
export class PolledPort {
  readonly path: string;
  readonly identity: PortIdentity;
  readonly #binding: PollingBinding;
  readonly #listener: PortListener;
  readonly #setExclusive: SetExclusive;
  readonly #buffer = Buffer.alloc(READ_BYTES);
  readonly #onReadable = (error: Error | null): void => this.#read(error);
  #fd: number | undefined;

  private constructor(path: string, { binding, fd, setExclusive }: OpenPort, listener: PortListener) {
    this.path = path;
    this.#setExclusive = setExclusive;
    this.#binding = binding;
    this.#fd = fd;
    this.#listener = listener;
    this.identity = identityOf(fs.fstatSync(fd));
  }

  /**
   * Opens the port, locked against other programs: those that ask for a lock and, but for root's,
   * those that don't. Nothing is read before `listen`.
   * @throws Error of the system call that failed, in serialport's words.
   */
  static async open(path: string, settings: PortSettings, listener: PortListener): Promise<PolledPort> {
    const binding = await SerialPort.binding.open({
      path,
      baudRate: settings.baudRate,
      lock: true,
      dataBits: settings.dataBits ?? 8,
      parity: settings.parity ?? 'none',
      stopBits: settings.stopBits ?? 1,
      rtscts: false,
    });
    const fd = 'poller' in binding ? binding.fd : null;
    if (!('poller' in binding) || fd === null) {
      await binding.close();
      throw new Error('serial ports of this operating system are not supported');
    }
    await preferLowLatency(binding);
    if (settings.rs485 !== undefined) await switchDirection(binding, fd, settings.rs485);
    const setExclusive = await loadExclusive();
    setExclusive(fd, true);
    return new PolledPort(path, { binding, fd, setExclusive }, listener);
  }

  /** Begins to read. */
  listen(): void {
    this.#binding.poller.once('readable', this.#onReadable);
  }

  /**
   * How many bytes the system took, 0…length: the port's own buffer may be full. A failure is
   * reported as `lost`.
   */
  write(bytes: Uint8Array): number {
    if (this.#fd === undefined) return 0;
    try {
      return fs.writeSync(this.#fd, bytes);
    } catch (error) {
      if (!isBusy(error)) this.#listener.lost(messageOf(error));
      return 0;
    }
  }

  /** May be called twice. Resolves when the system has let go of the port. */
  async close(): Promise<void> {
    if (this.#fd === undefined) return;
    // Somebody of root's may hold the port open as well: then the kernel would not forget.
    this.#setExclusive(this.#fd, false);
    this.#fd = undefined;
    await this.#binding.close();
  }

  #read(pollError: Error | null): void {
    if (this.#fd === undefined) return;
    if (pollError !== null) {
      // libuv says "bad file descriptor" of a terminal that hung up.
      this.#listener.lost('hung up');
      return;
    }
    const count = this.#readSome(this.#fd);
    if (count > 0) this.#pass(this.#buffer.subarray(0, count));
    // The listener may have closed the port.
    if (this.#fd !== undefined && count >= 0) this.listen();
  }

  /** Number of bytes; 0 if there are none after all; −1 if the port is lost. */
  #readSome(fd: number): number {
    try {
      const count = fs.readSync(fd, this.#buffer, 0, READ_BYTES, null);
      if (count > 0) return count;
      // With VMIN = 1 a port without bytes says EAGAIN; end-of-file is a hang-up.
      this.#listener.lost('hung up');
    } catch (error) {
      if (isBusy(error)) return 0;
      this.#listener.lost(messageOf(error));
    }
    return -1;
  }

  #pass(chunk: Uint8Array): void {
    try {
      this.#listener.bytes(chunk);
    } catch (error) {
      // An exception must not unwind into serialport's native frame, which ends the process without
      // a word.
      setImmediate(() => {
        throw error;
      });
    }
  }
}

/** @throws Error in plain words; the port is closed then. */
async function switchDirection(binding: PollingBinding, fd: number, mode: Rs485Mode): Promise<void> {
  try {
    enterRs485Mode(await loadIoctl(), fd, mode);
  } catch (error) {
    await binding.close();
    throw error;
  }
}

/**
 * USB adapters keep bytes back to gather them, those of FTDI for up to 16 ms (FTDI AN232B-04,
 * latency timer), unless the driver sets low latency. DTR and RTS stay as the opening of the port
 * left them.
 */
async function preferLowLatency(binding: PollingBinding): Promise<void> {
  try {
    await binding.set({ dtr: true, rts: true, lowLatency: true });
  } catch {
    // A port without the setting, such as a pseudo-terminal, is as fast as it is.
  }
}

function isBusy(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EAGAIN' || code === 'EWOULDBLOCK' || code === 'EINTR';
}
