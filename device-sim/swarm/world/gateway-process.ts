import type { GatewaySettings } from '../../../gateway/config/settings.ts';
import { Core } from '../../../gateway/core/core.ts';
import type { Effect } from '../../../gateway/core/effect.ts';
import type { CoreInput } from '../../../gateway/core/input.ts';
import type { Reopened } from '../../../gateway/core/reopened.ts';
import type { Recovered } from '../../../gateway/journal/recovered-records.ts';
import type { Random } from '../../random.ts';
import type { Observation } from '../observation.ts';
import { between } from '../streams.ts';
import type { WorldClock } from '../world-clock.ts';
import { type DiskPace, JournalThread } from './journal-thread.ts';
import type { PageCacheDisk } from './page-cache-disk.ts';
import type { PathEnd } from './path-end.ts';
import type { Wire } from './wire.ts';

/** Segments are small, so that a life fills many. */
const SEGMENT_BYTES = 65_536;
const BROKER_MS_MAX = 20;

interface GatewayDeps {
  readonly clock: WorldClock;
  readonly random: Random;
  readonly disk: PageCacheDisk;
  readonly pace: DiskPace;
  readonly wires: ReadonlyMap<string, Wire>;
  readonly paths: ReadonlyMap<string, PathEnd>;
  /** The broker takes publications. */
  readonly broker: { isUp: boolean };
  readonly observe: (observation: Observation) => void;
}

/**
 * One start of the gateway, until it ends: the core, and the runtime's part without its timers and
 * threads. What comes from outside while it is stalled waits.
 */
export class GatewayProcess {
  readonly #deps: GatewayDeps;
  readonly #journal: JournalThread;
  readonly #waiting: CoreInput[] = [];
  #settings: GatewaySettings;
  #core: Core | undefined;
  #isBusy = false;
  #isOver = false;
  #armedMs = Number.POSITIVE_INFINITY;
  #stalledToMs = 0;
  readonly #held: (() => void)[] = [];
  /** Effects that are carried out before it ends, and what ends it. */
  #end: { left: number; readonly die: () => void } | undefined;

  constructor(settings: GatewaySettings, run: number, deps: GatewayDeps) {
    this.#settings = settings;
    this.#deps = deps;
    const { clock, random, disk, pace } = deps;
    const directories = settings.journal.directories;
    this.#journal = new JournalThread(
      { ...settings.journal, directories, segmentBytes: SEGMENT_BYTES },
      {
        ...{ clock, random, disk, pace },
        run: `run-${run}`,
        sink: {
          durable: (number) => {
            this.#deps.observe({ type: 'written', place: directories.indexOf(disk.writtenTo) });
            this.take({ type: 'durable', number });
          },
          health: (state, detail) => this.take({ type: 'journalHealth', state, detail }),
          late: ({ records }) => this.take({ type: 'lateRecords', records }),
        },
      },
    );
    this.#journal.open((recovered) => this.#begin(recovered));
  }

  get core(): Core | undefined {
    return this.#isOver ? undefined : this.#core;
  }

  get settings(): GatewaySettings {
    return this.#settings;
  }

  /** It stands still: nobody gets an answer. */
  get isStalled(): boolean {
    return this.#isStalled();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Records that wait for the disk. */
  get unwritten(): number {
    return this.#journal.waiting;
  }

  take(input: CoreInput): void {
    if (this.#isOver) return;
    this.#waiting.push(input);
    if (!this.#isBusy && this.#core !== undefined && !this.#isStalled()) this.#drain();
  }

  /** Bytes and answers from outside: those that come during a stall are read after it. */
  whenRunning(deliver: () => void): void {
    if (this.#isOver) return;
    if (this.#isStalled()) this.#held.push(deliver);
    else deliver();
  }

  /** The process stands still, as with SIGSTOP. */
  stall(forMs: number): void {
    const { clock, observe } = this.#deps;
    const untilMs = clock.nowMs + forMs;
    if (untilMs <= this.#stalledToMs) return;
    this.#stalledToMs = untilMs;
    observe({ type: 'stalled', forMs });
    clock.at(untilMs, () => {
      if (this.#isOver || this.#isStalled()) return;
      for (const deliver of this.#held.splice(0)) deliver();
      this.take({ type: 'tick' });
    });
  }

  /** Ends when so many more effects were carried out. `die` is called at that moment. */
  endAfter(effects: number, die: () => void): void {
    if (this.#isOver) return;
    if (effects === 0) die();
    else this.#end = { left: effects, die };
  }

  /** Acts like kill -9. */
  kill(): void {
    this.#journal.kill();
    this.#over();
  }

  /** Ends orderly: what waits for a record gets one. */
  stop(): void {
    for (const wire of this.#deps.wires.values()) wire.close();
    this.take({ type: 'stopping' });
    this.#journal.close();
    this.#over();
  }

  /** Nothing is in the way of these settings. */
  reload(settings: GatewaySettings, reopened: Reopened): void {
    this.#settings = settings;
    this.#deps.observe({ type: 'reloaded', site: settings.site });
    this.take({ type: 'reload', site: settings.site, reopened });
  }

  /** What a wire of this gateway needs. */
  openWire(wire: Wire): void {
    const settings = this.#settings.inputs.find(({ id }) => id === wire.id);
    if (settings === undefined || this.#core === undefined) return;
    const isOfNow = (take: () => void) => {
      if (!this.#isOver) take();
    };
    wire.open({
      settings,
      session: this.#core.session,
      answersWalls: () => this.#core?.answersWalls() === true,
      sink: {
        signal: (signal) => isOfNow(() => this.take({ type: 'signal', signal })),
        unknownSignal: (signal) => isOfNow(() => this.take({ type: 'unknownSignal', signal })),
        health: (health) => isOfNow(() => this.take({ type: 'inputHealth', health })),
        bridge: (state) => isOfNow(() => this.take({ type: 'bridge', state })),
        reception: (reception) => isOfNow(() => this.take({ type: 'reception', reception })),
      },
    });
  }

  startPath(path: PathEnd): void {
    const { id } = path;
    path.start({
      sent: (attempt, atMs) => this.take({ type: 'sent', path: id, attempt, atMs }),
      outcome: (attempt, outcome) => this.whenRunning(() => this.take({ type: 'outcome', path: id, attempt, outcome })),
      link: (up) => this.take({ type: 'pathLink', path: id, up }),
    });
  }

  #begin({ records, unread, damaged, detail }: Recovered): void {
    if (this.#isOver) return;
    const { clock, wires, paths, observe } = this.#deps;
    const { site } = this.#settings;
    this.#core = new Core(site, records, clock.now);
    observe({
      type: 'up',
      site,
      session: this.#core.session,
      isBlind: unread !== '',
      torn: damaged > 0 || detail !== '',
    });
    for (const { id } of this.#settings.paths) {
      const path = paths.get(id);
      if (path !== undefined) this.startPath(path);
    }
    this.#isBusy = true;
    this.#carryOut(this.#core.start(clock.now));
    this.#drain();
    const isUp = this.#deps.broker.isUp;
    // The MQTT driver tells each start how it finds the broker.
    this.take({ type: 'brokerHealth', state: isUp ? 'up' : 'down', detail: isUp ? 'answers' : 'no answer' });
    for (const wire of wires.values()) if (!this.#isOver) this.openWire(wire);
  }

  #isStalled(): boolean {
    return this.#deps.clock.nowMs < this.#stalledToMs;
  }

  #drain(): void {
    const { clock, observe } = this.#deps;
    this.#isBusy = true;
    // Inputs that are added meanwhile are handled too.
    for (const input of this.#waiting) {
      if (this.#isOver || this.#core === undefined) return;
      observe({ type: 'input', input });
      this.#carryOut(this.#core.handle(input, clock.now));
    }
    this.#waiting.length = 0;
    this.#isBusy = false;
    this.#arm();
  }

  #arm(): void {
    const { clock } = this.#deps;
    const wakeMs = this.#core?.nextWakeMs();
    if (this.#isOver || wakeMs === undefined || wakeMs >= this.#armedMs) return;
    this.#armedMs = wakeMs;
    clock.at(wakeMs, () => {
      if (this.#isOver || this.#armedMs !== wakeMs) return;
      this.#armedMs = Number.POSITIVE_INFINITY;
      this.take({ type: 'tick' });
    });
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (this.#isOver) return;
      this.#deps.observe({ type: 'effect', effect });
      this.#perform(effect);
      if (this.#end === undefined) continue;
      this.#end.left -= 1;
      if (this.#end.left <= 0) this.#end.die();
    }
  }

  #perform(effect: Effect): void {
    const { wires, paths } = this.#deps;
    switch (effect.type) {
      case 'send':
        paths.get(effect.attempt.path)?.send(effect.attempt);
        break;
      case 'abandon':
        paths.get(effect.path)?.abandon(effect.attempt);
        break;
      case 'answer':
        wires.get(effect.input)?.answer?.(effect.device, effect.identity, effect.status);
        break;
      case 'silence':
        wires.get(effect.input)?.silence?.(effect.device, effect.identity, effect.silent);
        break;
      case 'output':
        wires.get(effect.input)?.output?.(effect.output, effect.on);
        break;
      case 'journal':
        this.#journal.append(effect.number, effect.entry);
        break;
      case 'publish':
        if (effect.number !== undefined) this.#published(effect.number);
        break;
    }
  }

  #published(number: number): void {
    const { clock, random, broker } = this.#deps;
    if (!broker.isUp) return;
    clock.after(between(random, 1, BROKER_MS_MAX), () => {
      if (broker.isUp) this.whenRunning(() => this.take({ type: 'published', number, atMs: clock.nowMs }));
    });
  }

  #over(): void {
    this.#isOver = true;
    this.#core = undefined;
    this.#waiting.length = 0;
    for (const wire of this.#deps.wires.values()) wire.close();
    for (const path of this.#deps.paths.values()) path.stop();
  }
}
