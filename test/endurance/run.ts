import { setTimeout as sleep } from 'node:timers/promises';
import { type Quantiles, quantiles } from '../rig/quantiles.ts';
import { until } from '../rig/waiting.ts';
import { FIGURES } from './figures.ts';
import { Loops } from './loops.ts';
import { People } from './people.ts';
import { latencyOf, ProcessFigures, type Sample } from './samples.ts';
import { EnduranceStand, NODE_FLAGS } from './stand.ts';
import { type Judged, judge } from './verdict.ts';
import { Weather } from './weather.ts';

/** Code that is not compiled yet, caches, the first storm: longer than half of the hour's first quarter. */
const WARM_UP_S = 600;
/** Of a shorter run, this share is warm-up. */
const WARM_UP_SHARE = 1 / 3;
const SETTLED_WITHIN_MS = 300_000;
/** A repeat that should not come would have come by then. */
const QUIET_MS = 5_000;
const TOLD_EVERY_MS = 60_000;

export interface RunOptions {
  readonly minutes: number;
  readonly sampleS: number;
  readonly seed: number;
  /** Where each thread's heap is written to after the warm-up and at the end. */
  readonly snapshots?: string;
  readonly progress: (line: string) => void;
}

export interface EnduranceResult {
  readonly node: string;
  readonly nodeFlags: readonly string[];
  readonly seed: number;
  /** Of presses and weather. */
  readonly minutes: number;
  readonly warmUpS: number;
  readonly interrupted: boolean;
  readonly figures: readonly Judged[];
  /** What each thread's heap holds after all garbage is collected, MB: after the warm-up and at the end. */
  readonly liveMb: Readonly<Record<string, { readonly start?: number; readonly end?: number }>>;
  readonly presses: PressResult;
  readonly load: Readonly<Record<string, number>>;
  readonly weather: Readonly<Record<string, number>>;
  /** Warnings and errors of the gateway's log, by event. */
  readonly log: Readonly<Record<string, number>>;
  /** What must not happen, in words. */
  readonly faults: readonly string[];
  readonly samples: readonly Sample[];
}

export interface PressResult {
  readonly made: number;
  readonly lost: number;
  /** Shown by a receiver, and never said to be acknowledged. */
  readonly notAcknowledged: number;
  readonly doubled: number;
  readonly phantoms: number;
  readonly noRoom: number;
  readonly firstByteMs: Quantiles;
  readonly stormFirstByteMs: Quantiles;
}

/** One endurance run. */
export class EnduranceRun {
  readonly #options: RunOptions;
  readonly #stand = new EnduranceStand();
  readonly #samples: Sample[] = [];
  readonly #log = new Map<string, number>();
  readonly #faults: string[] = [];
  readonly #live = new Map<string, { start?: number; end?: number }>();
  readonly #interrupt = new AbortController();
  #all: number[] = [];

  constructor(options: RunOptions) {
    this.#options = options;
  }

  /** What was measured so far is judged. */
  interrupt(): void {
    this.#interrupt.abort();
  }

  async run(): Promise<EnduranceResult> {
    const { minutes, sampleS, seed, progress } = this.#options;
    try {
      progress('starting the gateway and everything around it …');
      const parts = await this.#stand.start({
        ...{ seed, sampleMs: sampleS * 1000 },
        onLog: (line) => this.#logged(line),
        onTrouble: (trouble) => this.#fault(trouble),
      });
      const failed = (error: unknown) => {
        this.#fault(String(error instanceof Error ? error.stack : error));
        this.interrupt();
      };
      const loops = { weather: new Loops(failed), office: new Loops(failed), sampling: new Loops(failed) };
      const weather = new Weather(parts);
      const isUp = (path: string) => weather.isWell(path) && !parts.watch.missing().includes(`link/${path}/status`);
      const people = new People({
        ...parts,
        ...{ weather, data: parts.site.data, isPathUp: () => isUp('centre') || isUp('hook') },
      });
      void parts.gateway.ended.then((how) => {
        if (loops.sampling.isOver) return;
        this.#fault(`the gateway ended by itself: ${how}`);
        this.interrupt();
      });
      const forMs = minutes * 60_000;
      const beganMs = performance.now();
      const secondsSince = () => (performance.now() - beganMs) / 1000;
      const warmUpS = Math.min(WARM_UP_S, minutes * 60 * WARM_UP_SHARE);
      const process = new ProcessFigures(parts.gateway.pid, parts.site.data);
      loops.sampling.start(async (pause) => {
        for (;;) {
          await pause(sampleS * 1000);
          const latencies = parts.ledger.takeLatencies();
          this.#all.push(...latencies);
          this.#samples.push({
            atS: secondsSince(),
            ...process.read(),
            isolates: Object.fromEntries(parts.probe.latest),
            firstByteMs: latencyOf(latencies),
            openAlerts: parts.ledger.open().length,
            unsettled: parts.ledger.unsettled.length,
          });
        }
      });
      loops.sampling.start(async (pause) => {
        for (;;) {
          await pause(TOLD_EVERY_MS);
          progress(this.#minute(secondsSince(), parts.ledger.presses.length));
        }
      });
      loops.sampling.start(async (pause) => {
        await pause(warmUpS * 1000);
        await this.#mark('start');
      });
      weather.begin(loops.weather, seed * 1000);
      people.begin(loops.weather, seed * 1000 + 500, forMs);
      people.attend(loops.office, seed * 1000 + 900);
      await sleep(forMs, undefined, { signal: this.#interrupt.signal }).catch(() => undefined);
      const ranMin = secondsSince() / 60;
      await loops.weather.stop();
      await weather.clear();
      const interrupted = this.#interrupt.signal.aborted;
      if (!interrupted) {
        progress('no more presses; all is well again; waiting for what is owed …');
        const isSettled = () => parts.ledger.unsettled.length === 0 && parts.walls.waiting().length === 0;
        await until(() => isSettled() || this.#interrupt.signal.aborted, SETTLED_WITHIN_MS);
        await sleep(QUIET_MS);
        await this.#mark('end');
        const deaf = parts.walls.waiting();
        if (deaf.length > 0) this.#fault(`walls not told that a receiver has their press: ${deaf.join(', ')}`);
      }
      await loops.office.stop();
      await loops.sampling.stop();
      const { ledger, radio, fleet, display } = parts;
      const storm = ledger.presses.flatMap(({ storm, firstMs, pressedMs }) =>
        storm && firstMs !== undefined ? [firstMs - pressedMs] : [],
      );
      const judgedSamples = this.#samples.filter(({ atS }) => atS > warmUpS);
      return {
        ...{ node: globalThis.process.version, nodeFlags: NODE_FLAGS, seed, minutes: ranMin, warmUpS, interrupted },
        figures: FIGURES.map((figure) => judge(figure, judgedSamples)),
        liveMb: Object.fromEntries(this.#live),
        presses: {
          made: ledger.presses.length,
          lost: ledger.lost.length,
          notAcknowledged: ledger.unsettled.filter(({ shown }) => shown > 0).length,
          doubled: ledger.doubled,
          phantoms: ledger.phantoms.size,
          noRoom: people.noRoom,
          firstByteMs: quantiles(this.#all),
          stormFirstByteMs: quantiles(storm),
        },
        load: {
          'advertisements heard': radio.crowd.heard,
          'addresses that advertised': radio.crowd.addresses,
          'MQTT messages of devices': fleet.messages,
          'MQTT logins of devices': fleet.connections,
          'messages at the display': display.heard,
          'logins of the display': display.connections,
          resolved: people.resolved,
          cancelled: people.cancelled,
          'too late to close': people.refused,
          drills: people.drills,
        },
        weather: Object.fromEntries([...weather.happened].sort()),
        log: Object.fromEntries([...this.#log].sort()),
        faults: this.#faults,
        samples: this.#samples,
      };
    } finally {
      progress('stopping …');
      await this.#stand.stop();
    }
  }

  /** @throws whatever could not be stopped */
  async stop(): Promise<void> {
    await this.#stand.stop();
  }

  async #mark(when: 'start' | 'end'): Promise<void> {
    const { probe } = this.#stand.parts;
    for (const [thread, live] of await probe.collect()) {
      this.#live.set(thread, { ...this.#live.get(thread), [when]: live });
    }
    const { snapshots } = this.#options;
    if (snapshots !== undefined) await probe.snapshot(`${snapshots}/${when}`);
  }

  #minute(seconds: number, presses: number): string {
    const last = this.#samples.at(-1);
    const number = (value: number | undefined, digits = 1) => (value ?? Number.NaN).toFixed(digits);
    const { main } = last?.isolates ?? {};
    return [
      `${(seconds / 60).toFixed(0).padStart(3)} min`,
      `${number(last?.residentMb)} + ${number(last?.childResidentMb)} MB`,
      `heap ${number(main?.heap.used)}`,
      `${last?.descriptors} fd`,
      `disk ${number(last?.diskMb)} MB`,
      `loop p99 ${number(main?.p99Ms)} max ${number(main?.maxMs)} ms`,
      `first byte p50 ${number(last?.firstByteMs.p50)} ms`,
      `CPU ${number(last?.cpuPercent, 0)} %`,
      `${presses} presses, ${last?.unsettled} not acknowledged, ${last?.openAlerts} open`,
    ].join('  ');
  }

  #logged(line: string): void {
    let words: { level?: unknown; event?: unknown };
    try {
      words = JSON.parse(line) as typeof words;
    } catch {
      this.#fault(`the gateway printed: ${line.slice(0, 300)}`);
      return;
    }
    const level = String(words.level);
    if (!['warn', 'error', 'fatal', '40', '50', '60'].includes(level)) return;
    const event = `${level} ${String(words.event)}`;
    this.#log.set(event, (this.#log.get(event) ?? 0) + 1);
    if (/defect|fatal|60/i.test(event)) this.#fault(line.slice(0, 500));
  }

  #fault(fault: string): void {
    if (this.#faults.length < 50) this.#faults.push(fault);
    this.#options.progress(`! ${fault}`);
  }
}
