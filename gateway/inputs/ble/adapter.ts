import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import { monoMs } from '../../system/clock.ts';
import type { RadioTrouble } from './adapter-presence.ts';
import { Radio, type RadioListener } from './radio.ts';
import type { RadioLimits } from './radio-limits.ts';
import { ReceptionFigures } from './reception-figures.ts';
import { ReceptionProof } from './reception-proof.ts';
import type { ScannerLink } from './scanner-link.ts';
import {
  type Heard,
  type HeardEntry,
  type HeardStranger,
  parseHeard,
  parseStranger,
  type Watch,
} from './scanner-messages.ts';
import type { BleAdapter } from './settings.ts';
import { SilenceWatch } from './silence-watch.ts';

interface AdapterSettings {
  readonly adapter: BleAdapter;
  readonly watch: Watch;
  /** Capitals. */
  readonly beacons: ReadonlySet<string>;
  readonly known: ReadonlySet<string>;
  readonly silenceMs: number;
  /** What each stage of a restart is given. */
  readonly stageMs: number;
  readonly limits: RadioLimits;
}

export interface AdapterHealth {
  readonly up: boolean;
  readonly detail: string;
}

interface AdapterStrangers {
  readonly strangers: readonly HeardStranger[];
  readonly leftOut: number;
}

const NO_STRANGERS: AdapterStrangers = { strangers: [], leftOut: 0 };

interface AdapterListener {
  /** Returns the device's id if it is a known one's. */
  heard(heard: Heard): string | undefined;
  /** A change of state, or news while it is up. */
  health(health: AdapterHealth): void;
  counted(advertisements: number, dropped: number): void;
}

/**
 * While a known device was heard this short a time ago, a repeat or a second press may be under
 * way.
 */
const QUIET_MS = 2_000;
/** A process that has grown is not left to grow for longer than this for want of a quiet moment. */
const QUIET_WAIT_MS_MAX = 60_000;
const MB = 1024 * 1024;

/** One radio as the input sees it: whether it listens, whether it hears, and how well. */
export class Adapter implements RadioListener {
  readonly figures = new ReceptionFigures();
  readonly #settings: AdapterSettings;
  readonly #listener: AdapterListener;
  readonly #radio: Radio;
  readonly #watch: SilenceWatch;
  readonly #proof: ReceptionProof;
  #trouble: RadioTrouble['kind'] | undefined;
  #reported: AdapterHealth | undefined;
  #silentSinceMs = LONG_AGO_MS;
  #knownHeardMs = LONG_AGO_MS;
  #grownSinceMs: MonoMs | undefined;
  #asking: ((answer: AdapterStrangers) => void)[] = [];

  constructor(settings: AdapterSettings, listener: AdapterListener) {
    const { adapter, watch, beacons, silenceMs, stageMs, limits } = settings;
    this.#settings = settings;
    this.#listener = listener;
    this.#radio = new Radio(adapter, watch, limits, this);
    this.#watch = new SilenceWatch(silenceMs, stageMs);
    this.#proof = new ReceptionProof(beacons, silenceMs);
  }

  get health(): AdapterHealth | undefined {
    return this.#reported;
  }

  start(): void {
    this.#radio.start();
  }

  stop(): Promise<void> {
    return this.#radio.stop();
  }

  /** Resolves when the process has answered; without one, or when it ends, with nobody. */
  strangers(): Promise<AdapterStrangers> {
    return new Promise((resolve) => {
      this.#asking.push(resolve);
      if (!this.#radio.askStrangers()) this.#answerStrangers(NO_STRANGERS);
    });
  }

  /** To be called now and then: acts on silence. */
  tick(): void {
    const nowMs = monoMs();
    const step = this.#watch.due(nowMs);
    if (step === undefined) return;
    const { name } = this.#settings.adapter;
    if (step === 'rescan') {
      this.#silentSinceMs = nowMs;
      this.#radio.rescan();
      this.#up(`${name} has heard ${this.#missing()} for ${seconds(this.#settings.silenceMs)} s: scan started anew`);
    } else if (step === 'reset') {
      this.#radio.reset();
      this.#up(`${name} still hears ${this.#missing()}: radio reset`);
    } else if (step === 'restart') {
      if (!this.#watch.isDeaf) this.#up(`${name} still hears ${this.#missing()}: radio opened anew`);
      this.#reopen();
    } else this.#deaf(nowMs);
  }

  listening(startedBy: ScannerLink['startedBy']): void {
    this.#watch.listening(monoMs());
    if (this.#watch.isDeaf) return;
    const wasReplaced = this.#trouble === undefined && this.#reported?.up === true;
    this.#trouble = undefined;
    if (wasReplaced) return;
    const by = startedBy === 'systemd' ? ', in a process of callpoint-radio.socket' : '';
    this.#up(`${this.#settings.adapter.name} listens${by}`);
  }

  trouble({ kind, detail }: RadioTrouble): void {
    this.#watch.pause();
    this.#answerStrangers(NO_STRANGERS);
    if (kind === this.#trouble) return;
    this.#trouble = kind;
    this.#tell({ up: false, detail });
  }

  heard(entries: readonly HeardEntry[]): void {
    const nowMs = monoMs();
    for (const entry of entries) {
      const heard = parseHeard(entry, nowMs);
      if (heard === undefined) continue;
      const device = this.#listener.heard(heard);
      if (device !== undefined) {
        this.figures.heard(device, heard.rssiDbm);
        this.#knownHeardMs = nowMs;
      }
      const proves = this.#settings.known.has(heard.address)
        ? this.#proof.known(heard.address, nowMs)
        : this.#proof.anybody(nowMs);
      if (proves) this.#proven(nowMs);
    }
  }

  counted(advertisements: number, dropped: number): void {
    const nowMs = monoMs();
    if (advertisements > 0 && this.#proof.anybody(nowMs)) this.#proven(nowMs);
    this.#listener.counted(advertisements, dropped);
  }

  /** Of radio.ts. */
  heardStrangers(entries: readonly unknown[], leftOut: number): void {
    this.#answerStrangers({ strangers: entries.flatMap((entry) => parseStranger(entry) ?? []), leftOut });
  }

  #answerStrangers(answer: AdapterStrangers): void {
    for (const resolve of this.#asking.splice(0)) resolve(answer);
  }

  mayReplace(residentBytes: number): boolean {
    const nowMs = monoMs();
    this.#grownSinceMs ??= nowMs;
    const quiet = nowMs - this.#knownHeardMs > QUIET_MS;
    if (!quiet && nowMs - this.#grownSinceMs < QUIET_WAIT_MS_MAX) return false;
    this.#grownSinceMs = undefined;
    this.#watch.pause();
    const { name } = this.#settings.adapter;
    this.#up(`${name} listens; its process was replaced, it had grown to ${Math.round(residentBytes / MB)} MB`);
    return true;
  }

  #proven(nowMs: MonoMs): void {
    const wasDeaf = this.#watch.isDeaf;
    if (!this.#watch.proof(nowMs)) return;
    if (wasDeaf) this.#trouble = undefined;
    this.#up(`${this.#settings.adapter.name} hears again`);
  }

  #reopen(): void {
    this.#watch.pause();
    this.#radio.replace();
  }

  #deaf(nowMs: MonoMs): void {
    const hearsOthers = this.#proof.heardSince(this.#silentSinceMs);
    if (hearsOthers && !this.#proof.hasBeacons) {
      this.#proof.giveUpRegular();
      this.#proven(nowMs);
      return;
    }
    this.#trouble = 'silent';
    const { name } = this.#settings.adapter;
    const nothing = `${name} hears nothing, also after it was opened anew: is it jammed, shielded or defective?`;
    const detail = hearsOthers
      ? `${name} hears other devices but none of the beacons: are they in their places and powered?`
      : this.#proof.hasBeacons
        ? nothing
        : `${nothing} Or is nobody here? A beacon near it, listed under beacons:, tells these apart`;
    this.#tell({ up: false, detail });
  }

  #missing(): string {
    return this.#proof.hasBeacons ? 'no beacon' : 'nothing known';
  }

  /** News, unless something worse stands. */
  #up(detail: string): void {
    if (this.#trouble === undefined) this.#tell({ up: true, detail });
  }

  #tell(health: AdapterHealth): void {
    this.#reported = health;
    this.#listener.health(health);
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
