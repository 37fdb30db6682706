import { messageOf } from '../../../protocol/errors.ts';
import { type PortIdentity, sameIdentity } from '../../serial/port-identity.ts';
import { monoMs } from '../../system/clock.ts';
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
import { END_MS, type ScannerLink, startScanner } from './scanner-link.ts';
import {
  type FromScanner,
  type HeardEntry,
  plain,
  type ScannedRadio,
  type ScannerState,
  type Watch,
} from './scanner-messages.ts';
import type { BleAdapter } from './settings.ts';

export interface RadioListener {
  /** @param startedBy who started the process */
  listening(startedBy: ScannerLink['startedBy']): void;
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

/** Without a number noble takes the first radio, which may be another than the one that went. */
const NO_RADIO = 65_534;
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
  #link: ScannerLink | undefined;
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
  #whenEnded: () => void = () => undefined;
  #counted = EVERYTHING_COUNTED;
  #stopped = false;

  constructor(adapter: BleAdapter, watch: Watch, limits: RadioLimits, listener: RadioListener) {
    this.#configured = adapter;
    this.#adapter = adapter;
    this.#watch = watch;
    this.#limits = limits;
    this.#listener = listener;
  }

  start(): void {
    this.#attempt();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#looks);
    const link = this.#link;
    if (link === undefined) return;
    await new Promise<void>((resolve) => {
      const waited = setTimeout(resolve, 2 * END_MS);
      this.#whenEnded = () => {
        clearTimeout(waited);
        resolve();
      };
      link.end();
    });
  }

  rescan(): void {
    this.#link?.send({ type: 'rescan' });
  }

  reset(): void {
    this.#link?.send({ type: 'reset' });
  }

  /** Answered by the listener's `strangers`, unless the process does not listen. */
  askStrangers(): boolean {
    if (this.#phase !== 'listening') return false;
    this.#link?.send({ type: 'strangers' });
    return true;
  }

  /** Opens the radio anew, in a new process, without a word about it. */
  replace(): void {
    if (this.#link === undefined || this.#phase === 'ending') return;
    this.#phase = 'ending';
    this.#link.end();
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
      this.#ended(messageOf(error), 'ended');
    }
  }

  #launch(): void {
    const current = (act: () => void) => {
      if (this.#link === link) act();
    };
    const link = startScanner(
      {
        message: (message) => current(() => this.#message(message)),
        fault: (what) => current(() => this.#faulty(what)),
        ended: (how, kind) => current(() => this.#ended(how, kind)),
      },
      this.#adapter.radioSocket,
    );
    this.#link = link;
    this.#identity = radioIdentity(this.#adapter);
    this.#phase = 'starting';
    this.#begun = false;
    this.#unanswered = 0;
    this.#counted = EVERYTHING_COUNTED;
    link.send({ type: 'listen', radio: this.#scanned(), watch: this.#watch });
    this.#timer = setTimeout(() => this.#neverBegan(), this.#limits.beginMs);
    this.#looks = setInterval(() => this.#look(), this.#limits.pollMs);
  }

  #scanned(): ScannedRadio {
    const { name, baudRate } = this.#adapter;
    if (isSerial(this.#adapter)) return { type: 'serial', path: name, baudRate };
    const address = radioAddress(name);
    if (address !== undefined) return { type: 'address', address };
    const number = kernelNumber(this.#adapter);
    return { type: 'kernel', number: number === undefined ? NO_RADIO : Number(number) };
  }

  #message(message: FromScanner): void {
    if (this.#stopped) return;
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
      if (this.#phase === 'listening' && this.#link !== undefined) this.#listener.listening(this.#link.startedBy);
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
    const isSteady = monoMs() - this.#listeningSinceMs > STEADY_MS;
    if (isSteady) this.#failures = 0;
    // Counts only grow, in a process that is well.
    this.#listener.counted(Math.max(0, status.advertisements - advertisements), Math.max(0, status.dropped - dropped));
    if (status.residentBytes > this.#limits.residentBytesMax && this.#listener.mayReplace(status.residentBytes)) {
      // One that is too large from the start would be replaced without end.
      if (!isSteady) this.#failures += 1;
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
    this.#link?.send({ type: 'ping' });
  }

  #neverListened(): void {
    const { name } = this.#adapter;
    const detail = `the process that looks for ${name} does not answer: it is started anew`;
    this.#giveUp(isSought(this.#adapter) ? { kind: 'ended', detail } : stateTrouble(this.#adapter, 'poweredOff', ''));
  }

  #neverBegan(): void {
    const detail = `the process for ${this.#adapter.name} says nothing: it is started anew`;
    this.#giveUp({ kind: 'ended', detail });
  }

  #faulty(what: string): void {
    const detail = `the process that listens to ${this.#adapter.name} sent ${plain(what)}: it is started anew`;
    this.#giveUp({ kind: 'ended', detail });
  }

  #giveUp(trouble: RadioTrouble): void {
    if (this.#link === undefined || this.#phase === 'ending') return;
    this.#phase = 'ending';
    this.#failures += 1;
    this.#link.kill();
    // Unplugged says more than off.
    void presenceTrouble(this.#adapter).then((absence) => {
      if (!this.#stopped) this.#listener.trouble(absence ?? trouble);
    });
  }

  #ended(how: string, kind: 'ended' | 'failed'): void {
    clearTimeout(this.#timer);
    clearInterval(this.#looks);
    this.#link = undefined;
    this.#whenEnded();
    if (this.#stopped) return;
    if (this.#phase !== 'ending') {
      this.#failures += 1;
      void this.#diedByItself(how, kind);
    }
    this.#adapter = this.#configured;
    const waitMs =
      this.#failures <= 1 ? 0 : Math.min(this.#limits.retryMs * 2 ** (this.#failures - 2), this.#limits.retryMsMax);
    this.#phase = 'waiting';
    this.#timer = setTimeout(() => this.#attempt(), waitMs);
  }

  async #diedByItself(how: string, kind: 'ended' | 'failed'): Promise<void> {
    const absence = await presenceTrouble(this.#adapter);
    if (this.#stopped) return;
    const { name } = this.#adapter;
    const ended = `the process that listens to ${name} ended (${how}): it is started anew`;
    this.#listener.trouble(absence ?? { kind, detail: kind === 'failed' ? `${name}: ${how}` : ended });
  }
}
