import fs from 'node:fs';
import { LONG_AGO_MS } from '../../protocol/clocks.ts';
import type { WireTap } from '../recording/wire-tap.ts';
import { monoMs } from '../system/clock.ts';
import { PolledPort, type PortSettings } from './polled-port.ts';
import { identityAt, sameIdentity } from './port-identity.ts';
import { openTrouble, type PortTrouble, slow, unplugged } from './port-trouble.ts';

const FIRST_PROBE_MS = 250;
const SLOWEST_PROBE_MS = 2_000;
/** Some dead adapters and pseudo-terminals never report a hang-up. */
const WATCH_MS = 1_000;
/** A port that stayed open this long was well: its next loss is probed quickly again. */
const WELL_MS = 5_000;
/** Longest wait for the system to let go of a port. */
const CLOSE_WITHIN_MS = 900;
/** An open that takes longer is reported while it goes on. */
const OPEN_SLOW_MS = 5_000;

interface SerialLineListener {
  /** `device`: what `port` led to. */
  opened(device: string): void;
  /** `chunk` is lent for the call only. Must not throw. */
  bytes(chunk: Uint8Array): void;
  /**
   * The port was lost or cannot be opened; called once, and again only when the kind of trouble
   * changes.
   */
  down(trouble: PortTrouble): void;
  readonly tap?: WireTap | undefined;
}

/**
 * Keeps a serial port open for ever: opens it, notices when it goes, and probes until it is back.
 */
export class SerialLine {
  readonly #path: string;
  readonly #settings: PortSettings;
  readonly #listener: SerialLineListener;
  #port: PolledPort | undefined;
  #openedMs = LONG_AGO_MS;
  #probeMs = FIRST_PROBE_MS;
  #timer: NodeJS.Timeout | undefined;
  #trouble: PortTrouble['kind'] | undefined;
  /** An open or a close under way. */
  #busy: Promise<void> = Promise.resolve();
  #stopped = false;

  /** @param path `/dev/serial/by-id/…`: a name that leads to the same device after a restart */
  constructor(path: string, settings: PortSettings, listener: SerialLineListener) {
    this.#path = path;
    this.#settings = settings;
    this.#listener = listener;
  }

  start(): void {
    this.#later(0);
  }

  get isOpen(): boolean {
    return this.#port !== undefined && !this.#stopped;
  }

  /** How many bytes the system took; 0 if it has no room or the port is not open. */
  write(bytes: Uint8Array): number {
    const taken = this.#stopped ? 0 : (this.#port?.write(bytes) ?? 0);
    if (taken > 0) this.#listener.tap?.recorder?.bytes('out', bytes.subarray(0, taken));
    return taken;
  }

  /**
   * Nothing is reported afterwards. Resolves within a second even if the system does not let go of
   * the port.
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await within(CLOSE_WITHIN_MS, this.#letGo());
  }

  async #letGo(): Promise<void> {
    await this.#busy;
    const port = this.#port;
    this.#port = undefined;
    await closeQuietly(port);
  }

  #later(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      if (this.#port !== undefined) this.#watch(this.#port);
      else this.#busy = this.#open(this.#busy);
    }, delayMs);
  }

  async #open(before: Promise<void>): Promise<void> {
    this.#timer = setTimeout(() => this.#report(slow(this.#path)), OPEN_SLOW_MS);
    // The lock goes with the close of the port that was lost.
    await within(CLOSE_WITHIN_MS, before);
    const port = await this.#tryOpen();
    if (port === undefined) {
      this.#later(this.#probeMs);
      this.#probeMs = Math.min(SLOWEST_PROBE_MS, this.#probeMs * 2);
    } else if (this.#stopped) await closeQuietly(port);
    else this.#opened(port);
  }

  async #tryOpen(): Promise<PolledPort | undefined> {
    try {
      // By the device itself, not by its link: the lock and the watch are on what was opened.
      const device = fs.realpathSync(this.#path);
      const port = await PolledPort.open(device, this.#settings, {
        bytes: (chunk) => {
          this.#listener.tap?.recorder?.bytes('in', chunk);
          this.#listener.bytes(chunk);
        },
        lost: (reason) => this.#lose(port, unplugged(this.#path, reason)),
      });
      return port;
    } catch (error) {
      this.#report(openTrouble(this.#path, error));
      return undefined;
    }
  }

  #opened(port: PolledPort): void {
    this.#port = port;
    this.#openedMs = monoMs();
    this.#trouble = undefined;
    this.#listener.opened(port.path);
    port.listen();
    this.#later(WATCH_MS);
  }

  #watch(port: PolledPort): void {
    const identity = identityAt(this.#path);
    if (identity === undefined) this.#lose(port, unplugged(this.#path, 'its device node is gone'));
    else if (!sameIdentity(identity, port.identity)) {
      this.#lose(port, unplugged(this.#path, 'its name now leads to another device'));
    } else this.#later(WATCH_MS);
  }

  #lose(port: PolledPort, trouble: PortTrouble): void {
    if (this.#port !== port) return;
    this.#port = undefined;
    if (monoMs() - this.#openedMs >= WELL_MS) this.#probeMs = FIRST_PROBE_MS;
    this.#report(trouble);
    this.#busy = closeQuietly(port);
    this.#later(this.#probeMs);
  }

  #report(trouble: PortTrouble): void {
    if (this.#stopped || this.#trouble === trouble.kind) return;
    this.#trouble = trouble.kind;
    this.#listener.down(trouble);
  }
}

/**
 * A port that is being given up may fail to close because it is gone already: there is nothing left
 * to do about it.
 */
async function closeQuietly(port: PolledPort | undefined): Promise<void> {
  await port?.close().catch(() => undefined);
}

/** Resolves with `work`, or without it after `ms`. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let alarm: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((resolve) => {
    alarm = setTimeout(resolve, ms);
  });
  await Promise.race([work, tooLong]);
  clearTimeout(alarm);
}
