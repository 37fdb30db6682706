import type { Core } from '../../gateway/core/core.ts';
import type { Effect } from '../../gateway/core/effect.ts';
import type { CoreInput } from '../../gateway/core/input.ts';
import type { JournalEntry } from '../../gateway/core/journal-record.ts';
import type { Attempt, Outcome } from '../../gateway/core/report.ts';
import { compacted } from '../../gateway/core/restart/journal-replay.ts';
import type { Site } from '../../gateway/core/site.ts';
import type { Now } from '../../gateway/core/time.ts';
import { after } from '../../protocol/clocks.ts';
import type { GraphHash } from './graph-hash.ts';
import { Ledger } from './ledger.ts';

/** How often each may happen in one history. */
export interface Budget {
  readonly presses: number;
  /** A node that was not answered, or whose answer was lost, repeats. */
  readonly repeats: number;
  /** A far end, or the way to it or back, is slow: perhaps for ever. */
  readonly slow: number;
  readonly refusals: number;
  readonly crashes: number;
  readonly diskFailures: number;
  readonly cancels: number;
  /** The search follows time for so long after the start, ms. */
  readonly horizonMs: number;
}

interface Flight {
  readonly attempt: Attempt;
  /** The far end has it. */
  arrived: boolean;
  /** Time may pass before the next step. */
  slow: boolean;
}

interface Pending {
  readonly number: number;
  readonly entry: JournalEntry;
}

const START: Now = { monoMs: 1_000, wallMs: Date.UTC(2026, 0, 5, 8) } as Now;
/** The gateway is up again so long after a crash, ms. */
const RESTART_MS = 50;
const SETTLED_MS = 3_000;
const NODE_REPEATS = 3;
/** Few alerts are kept: the state is small. */
const BOUNDS = { openMax: 16, fullMax: 4 };

/**
 * A gateway in which nothing happens by itself: each press, answer, write, fault and passing of
 * time is a choice. The same choices give the same world.
 */
export class SmallWorld {
  readonly ledger = new Ledger();
  readonly #site: Site;
  readonly #CoreClass: typeof Core;
  readonly #left: Record<keyof Budget, number>;
  #now = START;
  #core: Core;
  #durable: JournalEntry[] = [];
  #pending: Pending[] = [];
  #isDiskBroken = false;
  #flights: Flight[] = [];
  /** Counters of the presses made so far, by device: each is 1. */
  readonly #pressed: string[] = [];

  constructor(site: Site, budget: Budget, CoreClass: typeof Core) {
    this.#site = site;
    this.#CoreClass = CoreClass;
    this.#left = { ...budget };
    this.#core = this.#started();
    this.settle(START.monoMs + SETTLED_MS);
    this.#left.horizonMs += this.#now.monoMs;
    this.ledger.forgetTrace();
  }

  /** What may happen next. */
  choices(): string[] {
    const { presses, repeats, slow, refusals, crashes, diskFailures, cancels, horizonMs } = this.#left;
    const choices: string[] = [];
    if (presses > 0) choices.push(`press ${this.#pressed.length}`);
    if (repeats > 0) choices.push(...this.#pressed.map((_, at) => `repeat ${at}`));
    for (const flight of this.#flights) {
      const name = `${flight.attempt.path} ${flight.attempt.attempt}`;
      choices.push(`${flight.arrived ? 'answer' : 'arrive'} ${name}`);
      if (slow > 0 && !flight.slow) choices.push(`delay ${name}`);
      if (refusals > 0 && !flight.arrived) choices.push(`refuse ${name}`);
    }
    if (this.#pending.length > 0 && !this.#isDiskBroken) choices.push('durable');
    if (crashes > 0) for (let kept = 0; kept <= this.#writable(); kept++) choices.push(`crash ${kept}`);
    if (diskFailures > 0) choices.push('diskFails');
    if (this.#isDiskBroken) choices.push('diskWorks');
    if (cancels > 0 && this.ledger.firstOpen() !== undefined) choices.push('cancel');
    if (this.#mayWait() && (this.#core.nextWakeMs() ?? Number.POSITIVE_INFINITY) <= horizonMs) choices.push('tick');
    return choices;
  }

  /** A crash may come after so many of the records that wait. */
  #writable(): number {
    return this.#isDiskBroken ? 0 : this.#pending.length;
  }

  /** What is not slow takes less time than any timer of the core. */
  #mayWait(): boolean {
    const isWriting = this.#pending.length > 0 && !this.#isDiskBroken;
    return !isWriting && this.#flights.every(({ slow }) => slow);
  }

  /** @throws Error with the promise that is broken */
  apply(choice: string): void {
    this.ledger.chose(`${this.#now.monoMs} ${choice}`);
    const [what, first = '', second = ''] = choice.split(' ');
    switch (what) {
      case 'press':
        this.#left.presses -= 1;
        this.#press(Number(first));
        break;
      case 'repeat':
        this.#left.repeats -= 1;
        this.#say(Number(first));
        break;
      case 'arrive':
        this.#arrive(first, Number(second));
        break;
      case 'answer':
        this.#end(first, Number(second), { type: 'receiverAcknowledged' });
        break;
      case 'refuse':
        this.#left.refusals -= 1;
        this.#end(first, Number(second), { type: 'failed', reason: 'refused', detail: 'refused' });
        break;
      case 'delay':
        this.#left.slow -= 1;
        this.#flight(first, Number(second)).slow = true;
        break;
      case 'durable':
        this.#write();
        break;
      case 'crash':
        this.#left.crashes -= 1;
        this.#crash(Number(first));
        break;
      case 'diskFails':
        this.#left.diskFailures -= 1;
        this.#isDiskBroken = true;
        this.#give({ type: 'journalHealth', state: 'failed', detail: 'no space' });
        break;
      case 'diskWorks':
        this.#isDiskBroken = false;
        this.#give({ type: 'journalHealth', state: 'ok', detail: '' });
        break;
      case 'cancel':
        this.#left.cancels -= 1;
        this.#cancel();
        break;
      case 'tick':
        this.#tick();
        break;
      default:
        throw new Error(`no such choice: ${choice}`);
    }
    const wakeMs = this.#core.nextWakeMs();
    // Before the core has been called nothing is late.
    if (wakeMs === undefined || wakeMs > this.#now.monoMs) {
      this.ledger.checkDeadlines(this.#now, this.#site, this.#busyPaths());
    }
  }

  #busyPaths(): ReadonlySet<string> {
    const underWay = (id: string) => this.#flights.filter(({ attempt }) => attempt.path === id).length;
    return new Set(this.#site.paths.filter(({ id, parallel }) => underWay(id) >= parallel).map(({ id }) => id));
  }

  /**
   * From here on all is well until this time: everything arrives and is answered, every record is
   * written, and nodes repeat what was not answered.
   */
  settle(untilMs: number): void {
    if (this.#isDiskBroken) this.apply('diskWorks');
    for (let repeat = 0; repeat < NODE_REPEATS; repeat++) {
      this.#pressed.forEach((_, at) => {
        if (!this.ledger.isAnswered(at)) this.#say(at);
      });
      this.#settleUntil(this.#now.monoMs + (untilMs - this.#now.monoMs) / (NODE_REPEATS - repeat));
    }
  }

  #settleUntil(untilMs: number): void {
    for (;;) {
      const [flight] = this.#flights;
      if (this.#pending.length > 0) this.#write();
      else if (flight !== undefined) {
        const { path, attempt } = flight.attempt;
        if (!flight.arrived) this.#arrive(path, attempt);
        if (this.#flights.includes(flight)) this.#end(path, attempt, { type: 'receiverAcknowledged' });
      } else if ((this.#core.nextWakeMs() ?? Number.POSITIVE_INFINITY) <= untilMs) this.#tick();
      else break;
    }
    this.#now = later(this.#now, untilMs);
  }

  get nowMs(): number {
    return this.#now.monoMs;
  }

  /** Two worlds with the same hash have the same future. */
  hash(hash: GraphHash): string {
    // What nothing can read any more is the same as if it were not there.
    const disk = this.#left.crashes > 0 ? this.#recovered() : undefined;
    const pending = this.#pending.map(({ number, entry }) => (this.#left.crashes > 0 ? [number, entry] : number));
    const flights = this.#flights.map(({ attempt, arrived, slow }) => [attempt, arrived, slow]);
    const rest = [this.#now, this.#left, this.#isDiskBroken, this.#pressed, this.ledger.state()];
    return hash.of([this.#core, disk, pending, flights, rest], new Set([this.#site]));
  }

  #recovered(): unknown {
    const records = this.#durable.map(({ record }) => record);
    return [compacted(records), records.at(-1)?.at];
  }

  #started(): Core {
    const records = this.#durable.map(({ record }) => record);
    const core = new this.#CoreClass(this.#site, records, this.#now, BOUNDS);
    this.#core = core;
    this.#perform(core.start(this.#now));
    for (const { id } of this.#site.inputs) {
      this.#give({ type: 'inputHealth', health: { input: id, state: 'up', detail: '' } });
    }
    return core;
  }

  #press(at: number): void {
    const device = [...this.#site.devices.keys()][at];
    if (device === undefined) throw new Error('there are more presses than devices');
    this.#pressed.push(device);
    this.ledger.pressed(at, `${device}.1.1`);
    this.#say(at);
  }

  #say(at: number): void {
    const device = this.#pressed[at] ?? '';
    const input = this.#site.devices.get(device)?.input ?? '';
    const signal = {
      input,
      device,
      authenticated: true,
      capturedMs: this.#now.monoMs,
      identity: { epoch: 1, counter: 1 },
      body: { type: 'press', button: 1, pattern: 'single' },
    } as const;
    this.#give({ type: 'signal', signal });
  }

  #cancel(): void {
    const alert = this.ledger.firstOpen();
    if (alert === undefined) throw new Error('nothing is open');
    this.#give({ type: 'command', command: { command: 'cancel', alert, reason: 'false alarm', by: 'cli:maria' } });
  }

  #tick(): void {
    this.#now = later(this.#now, this.#core.nextWakeMs() ?? this.#now.monoMs);
    this.#give({ type: 'tick' });
  }

  #write(): void {
    const last = this.#pending.at(-1)?.number;
    this.#durable.push(...this.#pending.map(({ entry }) => entry));
    this.#pending = [];
    if (last !== undefined) this.#give({ type: 'durable', number: last });
  }

  #crash(kept: number): void {
    this.#durable.push(...this.#pending.slice(0, kept).map(({ entry }) => entry));
    for (const { entry } of this.#pending.slice(kept)) this.ledger.lost(entry.record);
    this.#pending = [];
    this.#flights = [];
    this.#isDiskBroken = false;
    this.#now = later(this.#now, this.#now.monoMs + RESTART_MS);
    this.ledger.crashed();
    this.#core = this.#started();
  }

  #arrive(path: string, number: number): void {
    const flight = this.#flight(path, number);
    flight.arrived = true;
    this.ledger.displayed(flight.attempt);
    this.#give({ type: 'sent', path, attempt: number, atMs: this.#now.monoMs });
  }

  #end(path: string, attempt: number, outcome: Outcome): void {
    const flight = this.#flight(path, attempt);
    this.#flights = this.#flights.filter((each) => each !== flight);
    this.#give({ type: 'outcome', path, attempt, outcome });
  }

  #flight(path: string, number: number): Flight {
    const flight = this.#flights.find(({ attempt }) => attempt.path === path && attempt.attempt === number);
    if (flight === undefined) throw new Error(`no attempt ${number} over ${path}`);
    return flight;
  }

  #give(input: CoreInput): void {
    this.#perform(this.#core.handle(input, this.#now));
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'send') {
        this.ledger.sent(effect.attempt);
        this.#flights.push({ attempt: effect.attempt, arrived: false, slow: false });
      } else if (effect.type === 'abandon') {
        this.#flights = this.#flights.filter(({ attempt }) => attempt.attempt !== effect.attempt);
      } else if (effect.type === 'journal') this.#pending.push(effect);
      else if (effect.type === 'answer') {
        this.ledger.answered(effect, (id) =>
          this.#durable.some(({ record }) => record.t === 'alert' && record.id === id),
        );
      } else if (effect.type === 'publish') this.ledger.published(effect.publication);
      else if (effect.type === 'log') this.ledger.logged(effect);
    }
  }
}

function later({ monoMs, wallMs }: Now, untilMs: number): Now {
  const passedMs = Math.max(0, untilMs - monoMs);
  return { monoMs: after(monoMs, passedMs), wallMs: after(wallMs, passedMs) };
}
