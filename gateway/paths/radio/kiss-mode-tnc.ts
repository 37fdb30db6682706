import { LONG_AGO_MS } from '../../../protocol/clocks.ts';
import { monoMs } from '../../system/clock.ts';
import { CommandModeWatch } from './command-mode.ts';
import { fullOf, type Tnc, type TncListener, type TncTrouble, WAITING_BYTES_MAX } from './tnc.ts';

/** How long each step may take; tests shorten them. */
export interface InitTimes {
  /**
   * After a command without a prompt, the next command follows after this long: a TNC in KISS mode
   * prints none.
   */
  readonly lineMs: number;
  /** From the last command to the first frame: the TNC restarts. */
  readonly settleMs: number;
  /**
   * A TNC that is in command mode this soon after its commands stays there: they are the wrong
   * commands.
   */
  readonly againMs: number;
}

const INIT_TIMES: InitTimes = { lineMs: 1_000, settleMs: 1_000, againMs: 30_000 };

interface KissModeOptions {
  /** `127.0.0.1:8001`, `/dev/serial/by-id/…` */
  readonly where: string;
  readonly init: readonly string[];
  readonly times?: InitTimes | undefined;
}

/**
 * A TNC that may start in command mode. It gets its `init` commands whenever its line opens, and
 * when it shows that it is in command mode. A TNC in KISS mode ignores them (the KISS paper, §2:
 * text outside frames is noise). Frames wait meanwhile. Without `init` the sender gets an error.
 */
export class KissModeTnc implements Tnc, TncListener {
  readonly #options: KissModeOptions;
  readonly #times: InitTimes;
  readonly #listener: TncListener;
  readonly #tnc: Tnc;
  readonly #watch = new CommandModeWatch();
  /** Commands still to be sent; `undefined`: the TNC is assumed to be in KISS mode. */
  #commands: string[] | undefined;
  #startedMs = LONG_AGO_MS;
  #timer: NodeJS.Timeout | undefined;
  /** Frames that wait until it is in KISS mode. */
  #waiting: Uint8Array[] = [];

  constructor(options: KissModeOptions, listener: TncListener, connect: (listener: TncListener) => Tnc) {
    this.#options = options;
    this.#times = options.times ?? INIT_TIMES;
    this.#listener = listener;
    this.#tnc = connect(this);
  }

  get trouble(): TncTrouble | undefined {
    return this.#tnc.trouble ?? (this.#isFull ? fullOf(this.#options.where) : undefined);
  }

  start(): void {
    this.#tnc.start();
  }

  stop(): Promise<void> {
    this.#endInit();
    return this.#tnc.stop();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#commands === undefined) return this.#tnc.write(bytes);
    if (this.trouble !== undefined) return false;
    this.#waiting.push(bytes);
    return true;
  }

  opened(): void {
    this.#watch.reset();
    this.#startedMs = LONG_AGO_MS;
    if (this.#options.init.length === 0) this.#listener.opened();
    else this.#beginInit();
  }

  bytes(chunk: Uint8Array): void {
    const said = this.#watch.push(chunk);
    // A TNC that is already in KISS mode may bring an answer meanwhile.
    this.#listener.bytes(chunk);
    if (said === undefined) return;
    if (this.#commands === undefined) this.#inCommandMode(said);
    else if (this.#commands.length > 0) this.#nextCommand(this.#commands);
  }

  lost(trouble: TncTrouble): void {
    this.#endInit();
    this.#listener.lost(trouble);
  }

  notSent(trouble: TncTrouble): void {
    this.#listener.notSent(trouble);
  }

  #inCommandMode(said: string): void {
    const { where, init } = this.#options;
    const seen = `the TNC at ${where} is in command mode (it says "${said}") and sends nothing`;
    const isSoon = monoMs() - this.#startedMs < this.#times.againMs;
    if (init.length === 0) {
      this.#notSent(`${seen}: write tnc.init, such as [KISS ON, RESTART], or set it to KISS mode for good`);
    } else if (isSoon) {
      this.#notSent(`${seen}, after "${init.join('", "')}" as well: write in tnc.init what its manual says`);
    } else {
      this.#beginInit();
      this.#notSent(`${seen}: tnc.init has been sent to it`);
    }
  }

  #notSent(detail: string): void {
    this.#listener.notSent({ reason: 'unreachable', detail });
  }

  #beginInit(): void {
    this.#startedMs = monoMs();
    this.#commands = [...this.#options.init];
    this.#nextCommand(this.#commands);
  }

  #nextCommand(commands: string[]): void {
    clearTimeout(this.#timer);
    const command = commands.shift();
    if (command === undefined) return;
    const { lineMs, settleMs } = this.#times;
    this.#timer = setTimeout(
      () => (commands.length > 0 ? this.#nextCommand(commands) : this.#inKissMode()),
      commands.length > 0 ? lineMs : settleMs,
    );
    this.#tnc.write(Buffer.from(`${command}\r`, 'latin1'));
  }

  #inKissMode(): void {
    const frames = this.#waiting;
    this.#endInit();
    this.#watch.reset();
    this.#listener.opened();
    for (const frame of frames) this.#tnc.write(frame);
  }

  #endInit(): void {
    clearTimeout(this.#timer);
    this.#commands = undefined;
    this.#waiting = [];
  }

  get #isFull(): boolean {
    return this.#waiting.reduce((sum, { length }) => sum + length, 0) >= WAITING_BYTES_MAX;
  }
}
