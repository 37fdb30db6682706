import type { ChildProcess } from 'node:child_process';
import { messageOf } from '../../../protocol/errors.ts';
import { type PortIdentity, sameIdentity } from '../../serial/port-identity.ts';
import { monoMs } from '../../system/clock.ts';
import { forkModule } from '../../system/fork-module.ts';
import { radioAddress } from '../kernel-radios.ts';
import {
  isSerial,
  isSought,
  type KnownAdapter,
  kernelNumber,
  presenceTrouble,
  type RadioTrouble,
  radioIdentity,
  stateTrouble,
  wentAway,
} from './adapter-presence.ts';
import type { RadioLimits } from './radio-limits.ts';
import {
  type FromScanner,
  type HeardEntry,
  parseFromScanner,
  plain,
  type ScannerState,
  type ToScanner,
  type Watch,
} from './scanner-messages.ts';
import type { BleAdapter } from './settings.ts';

export interface RadioListener {
  listening(): void;
  /** It does not listen, and why. Maybe again and again. */
  trouble(trouble: RadioTrouble): void;
  heard(entries: readonly HeardEntry[]): void;
  /** Advertisements of all devices, and how many of them were lost, since the last call. */
  counted(advertisements: number, dropped: number): void;
  /** Answers `askStrangers`; unchecked. */
  heardStrangers(entries: readonly unknown[], leftOut: number): void;
  /** The process has grown to this and should be replaced. False: not now. */
  mayReplace(residentBytes: number): boolean;
}

/** Of the listening process; it needs a tenth of it. */
const HEAP_MB = 128;
const END_MS = 500;
/** A process begins within this, however busy the machine is. */
const BEGIN_MS = 30_000;
const OUTPUT_LENGTH_MAX = 2_000;
/** Without a number noble takes the first radio, which may be another than the one that went. */
const NO_RADIO = '65534';
const EVERYTHING_COUNTED = { advertisements: 0, dropped: 0 };
/** A process that listened for this long was well: the next failure is a first one. */
const STEADY_MS = 30_000;

/** One radio: keeps a process listening to it, for ever until `stop`. */
export class Radio {
  readonly #configured: BleAdapter;
  readonly #watch: Watch;
  readonly #limits: RadioLimits;
  readonly #listener: RadioListener;
  #adapter: KnownAdapter;
  #child: ChildProcess | undefined;
  /** Of the radio the process was started for. */
  #identity: PortIdentity | undefined;
  #phase: 'waiting' | 'starting' | 'listening' | 'ending' = 'waiting';
  #timer: NodeJS.Timeout | undefined;
  #looks: NodeJS.Timeout | undefined;
  /** The process has said a first word. */
  #begun = false;
  #unanswered = 0;
  #failures = 0;
  #listeningSinceMs = monoMs();
  #words = '';
  #counted = EVERYTHING_COUNTED;
  #stopped = false;

  constructor(adapter: BleAdapter, watch: Watch, limits: RadioLimits, listener: RadioListener) {
    this.#configured = adapter;
    this.#adapter = adapter;
    this.#watch = watch;
    this.#limits = limits;
    this.#listener = listener;
  }

  /** Of the process that listens, while there is one. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    this.#attempt();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#looks);
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise<void>((resolve) => {
      const waited = setTimeout(resolve, 2 * END_MS);
      child.once('exit', () => {
        clearTimeout(waited);
        resolve();
      });
    });
    this.#end(child);
    await ended;
  }

  rescan(): void {
    this.#tell({ type: 'rescan' });
  }

  reset(): void {
    this.#tell({ type: 'reset' });
  }

  /** Answered by the listener's `strangers`, unless the process does not listen. */
  askStrangers(): boolean {
    if (this.#phase !== 'listening') return false;
    this.#tell({ type: 'strangers' });
    return true;
  }

  /** Opens the radio anew, in a new process, without a word about it. */
  replace(): void {
    if (this.#child === undefined || this.#phase === 'ending') return;
    this.#phase = 'ending';
    this.#end(this.#child);
  }

  #attempt(): void {
    this.#phase = 'waiting';
    void presenceTrouble(this.#adapter).then((trouble) => {
      if (this.#stopped) return;
      if (trouble === undefined) return this.#launchOrRetry();
      this.#failures = 0;
      this.#listener.trouble(trouble);
      this.#timer = setTimeout(() => this.#attempt(), this.#limits.pollMs);
    });
  }

  #launchOrRetry(): void {
    try {
      this.#launch();
    } catch (error) {
      // For example out of memory: reported, and tried again.
      this.#ended(messageOf(error));
    }
  }

  #launch(): void {
    const child = forkModule(
      new URL('./scanner-process', import.meta.url),
      import.meta.url,
      this.#environment(),
      HEAP_MB,
    );
    this.#child = child;
    this.#identity = radioIdentity(this.#adapter);
    this.#phase = 'starting';
    this.#begun = false;
    this.#unanswered = 0;
    this.#words = '';
    this.#counted = EVERYTHING_COUNTED;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (bytes: Buffer) => {
        this.#words = `${this.#words}${bytes}`.slice(-OUTPUT_LENGTH_MAX);
      });
    }
    let over = false;
    const ended = (how: string) => {
      if (over) return;
      over = true;
      if (this.#child === child) this.#ended(how);
    };
    child.on('error', (error) => {
      // The process runs, and a message could not be sent to it. Its end says more.
      if (child.pid === undefined) ended(error.message);
    });
    child.on('exit', (code, signal) => ended(signal === null ? `exit code ${code}` : `killed by ${signal}`));
    child.on('message', (message) => {
      if (this.#child === child && !this.#stopped) this.#message(message);
    });
    this.#tell({ type: 'listen', watch: this.#watch });
    this.#timer = setTimeout(() => this.#neverListened(), BEGIN_MS);
    this.#looks = setInterval(() => this.#look(), this.#limits.pollMs);
  }

  #environment(): NodeJS.ProcessEnv {
    const { name, baudRate } = this.#adapter;
    const radio = isSerial(this.#adapter)
      ? { BLUETOOTH_HCI_SOCKET_UART_PORT: name, BLUETOOTH_HCI_SOCKET_UART_BAUDRATE: String(baudRate) }
      : { NOBLE_HCI_DEVICE_ID: kernelNumber(this.#adapter) ?? NO_RADIO, RADIO_ADDRESS: radioAddress(name) };
    // Without it the first advertisement of a connectable device is held back.
    return { NOBLE_REPORT_ALL_HCI_EVENTS: '1', ...radio };
  }

  #message(raw: unknown): void {
    const message = parseFromScanner(raw);
    if (message === undefined) return;
    if (message.type === 'heard') this.#listener.heard(message.heard);
    else if (message.type === 'status') this.#status(message);
    else if (message.type === 'found') this.#found(message.radio);
    else if (message.type === 'strangers') this.#listener.heardStrangers(message.strangers, message.leftOut);
    else if (message.state === 'absent' || message.state === 'ambiguous') this.#notFound(message.state, message.detail);
    else this.#state(message.state, message.detail);
  }

  #found(radio: string): void {
    if (!isSought(this.#adapter)) return;
    this.#adapter = { ...this.#configured, found: radio };
    this.#identity = radioIdentity(this.#adapter);
  }

  /** The process looks on by itself; it is given up only if it falls silent. */
  #notFound(state: ScannerState, detail: string): void {
    if (!isSought(this.#adapter) || this.#phase !== 'starting') return;
    this.#failures = 0;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#neverListened(), this.#limits.startMs);
    this.#listener.trouble(stateTrouble(this.#adapter, state, detail));
  }

  #state(state: ScannerState, detail: string): void {
    if (state === 'listening') {
      clearTimeout(this.#timer);
      if (this.#phase === 'starting') {
        this.#phase = 'listening';
        this.#listeningSinceMs = monoMs();
      }
      if (this.#phase === 'listening') this.#listener.listening();
      return;
    }
    // Off, without a reason, is how noble begins; and from off it does not find its way back.
    const begins = this.#phase === 'starting' && state === 'poweredOff' && detail === '';
    if (!begins) this.#giveUp(stateTrouble(this.#adapter, state, detail));
  }

  #status(status: Extract<FromScanner, { type: 'status' }>): void {
    this.#unanswered = 0;
    if (this.#phase === 'starting' && !this.#begun) {
      this.#begun = true;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#neverListened(), this.#limits.startMs);
    }
    const { advertisements, dropped } = this.#counted;
    this.#counted = status;
    if (this.#phase !== 'listening') return;
    if (monoMs() - this.#listeningSinceMs > STEADY_MS) this.#failures = 0;
    this.#listener.counted(status.advertisements - advertisements, status.dropped - dropped);
    if (status.residentBytes > this.#limits.residentBytesMax && this.#listener.mayReplace(status.residentBytes)) {
      this.replace();
    }
  }

  #look(): void {
    // Nobody knows yet which one it is.
    if (isSought(this.#adapter)) return;
    const identity = radioIdentity(this.#adapter);
    const isSame = identity !== undefined && this.#identity !== undefined && sameIdentity(identity, this.#identity);
    if (!isSame) this.#giveUp(wentAway(this.#adapter));
    else this.#ping();
  }

  #ping(): void {
    // Counted in our own turns of the event loop: a stall of ours is not its fault.
    if (this.#phase !== 'listening') return;
    if (this.#unanswered >= this.#limits.unanswered) {
      const detail = `the process that listens to ${this.#adapter.name} does not answer: it is started anew`;
      this.#giveUp({ kind: 'ended', detail });
      return;
    }
    this.#unanswered += 1;
    this.#tell({ type: 'ping' });
  }

  #neverListened(): void {
    const { name } = this.#adapter;
    const detail = `the process that looks for ${name} does not answer: it is started anew`;
    this.#giveUp(isSought(this.#adapter) ? { kind: 'ended', detail } : stateTrouble(this.#adapter, 'poweredOff', ''));
  }

  #giveUp(trouble: RadioTrouble): void {
    if (this.#child === undefined || this.#phase === 'ending') return;
    this.#phase = 'ending';
    this.#failures += 1;
    this.#child.kill('SIGKILL');
    // Unplugged says more than off.
    void presenceTrouble(this.#adapter).then((absence) => {
      if (!this.#stopped) this.#listener.trouble(absence ?? trouble);
    });
  }

  #ended(how: string): void {
    clearTimeout(this.#timer);
    clearInterval(this.#looks);
    this.#child = undefined;
    if (this.#stopped) return;
    if (this.#phase !== 'ending') {
      this.#failures += 1;
      void this.#diedByItself(how);
    }
    this.#adapter = this.#configured;
    const waitMs =
      this.#failures <= 1 ? 0 : Math.min(this.#limits.retryMs * 2 ** (this.#failures - 2), this.#limits.retryMsMax);
    this.#phase = 'waiting';
    this.#timer = setTimeout(() => this.#attempt(), waitMs);
  }

  async #diedByItself(how: string): Promise<void> {
    const absence = await presenceTrouble(this.#adapter);
    if (this.#stopped) return;
    const words = lastWords(this.#words);
    const detail = `the process that listens to ${this.#adapter.name} ended (${words || how}): it is started anew`;
    this.#listener.trouble(absence ?? { kind: 'ended', detail });
  }

  #tell(message: ToScanner): void {
    // Its answer counts: a message that can't be sent ends in missed pings or in its exit.
    if (this.#child?.connected === true) this.#child.send(message, () => undefined);
  }

  /** Asks it to go: it then stops the scan. */
  #end(child: ChildProcess): void {
    if (child.connected) child.disconnect();
    const kill = setTimeout(() => child.kill('SIGKILL'), END_MS);
    child.once('exit', () => clearTimeout(kill));
  }
}

/** The error that ended a process, of what it printed last. */
function lastWords(words: string): string {
  const lines = words.split('\n').map(plain);
  return lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.findLast((line) => line !== '') ?? '';
}
