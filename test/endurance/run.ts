import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICE_FLAGS } from '../rig/service-flags.ts';
import { until } from '../rig/waiting.ts';
import { CleanSamples } from './clean-samples.ts';
import { CLEAN_FIGURES, FIGURES } from './figures.ts';
import { GatewayLog } from './gateway-log.ts';
import { Loops } from './loops.ts';
import { People } from './people.ts';
import { type EnduranceResult, loadOf, pressResult } from './result.ts';
import { Sampler } from './sampler.ts';
import { EnduranceStand, type Parts } from './stand.ts';
import { judge } from './verdict.ts';
import { Weather } from './weather.ts';

/** Longest warm-up. In a shorter run a third is warm-up. */
const WARM_UP_MOST_S = 600;
const WARM_UP_SHARE = 1 / 3;
const SETTLED_WITHIN_MS = 300_000;
/** Time by which a wrong repeat would have come. */
const QUIET_MS = 5_000;
/** A few more alerts than are usually being handled. */
const CALM_OPEN = 25;
const MOST_FAULTS = 50;

interface RunOptions {
  readonly minutes: number;
  readonly sampleS: number;
  readonly seed: number;
  /**
   * Directory for heap snapshots of each thread, after the warm-up and at the end. Such a run
   * judges neither memory nor delay.
   */
  readonly snapshots?: string;
  readonly progress: (line: string) => void;
}

/** The activities during the run, which end in this order. */
interface Going {
  /** Weather, presses, doors, drills. */
  readonly outside: Loops;
  /** The operator. */
  readonly office: Loops;
  readonly sampling: Loops;
}

/** One endurance run. */
export class EnduranceRun {
  readonly #options: RunOptions;
  readonly #stand = new EnduranceStand();
  readonly #log = new GatewayLog((fault) => this.#fault(fault));
  readonly #faults: string[] = [];
  readonly #interrupt = new AbortController();

  constructor(options: RunOptions) {
    this.#options = options;
  }

  /** Ends the run early. The results so far are judged. */
  interrupt(): void {
    this.#interrupt.abort();
  }

  /** @throws Error if something around the gateway could not be started or stopped */
  async run(): Promise<EnduranceResult> {
    const { sampleS, seed, progress } = this.#options;
    try {
      progress('starting the gateway and everything around it …');
      const parts = await this.#stand.start({
        ...{ seed, sampleMs: sampleS * 1000 },
        onLog: (line) => this.#log.take(line),
        onTrouble: (trouble) => this.#fault(trouble),
      });
      return await this.#endure(parts);
    } finally {
      progress('stopping …');
      await this.#stand.stop();
    }
  }

  /** Stops the run at once, without a result. */
  stop(): Promise<void> {
    return this.#stand.stop();
  }

  async #endure(parts: Parts): Promise<EnduranceResult> {
    const { minutes, sampleS, seed, snapshots, progress } = this.#options;
    const failed = (error: unknown) => this.#giveUp(error instanceof Error ? (error.stack ?? '') : String(error));
    const going: Going = { outside: new Loops(failed), office: new Loops(failed), sampling: new Loops(failed) };
    void parts.gateway.ended.then((how) => {
      if (!going.sampling.isOver) this.#giveUp(`the gateway ended by itself: ${how}`);
    });
    const forMs = minutes * 60_000;
    const warmUpS = Math.min(WARM_UP_MOST_S, minutes * 60 * WARM_UP_SHARE);
    const weather = new Weather(parts);
    const people = new People({ ...parts, data: parts.site.data, isPathUp: () => isAnyUp(parts, weather) });
    const sampler = new Sampler(parts);
    const clean = new CleanSamples(parts.probe, parts.gateway.pid, () => isCalm(parts), snapshots);
    sampler.begin(going.sampling, sampleS, progress);
    clean.begin(going.sampling, () => sampler.seconds, warmUpS, minutes * 60);
    weather.begin(going.outside, seed * 1000);
    people.begin(going.outside, seed * 1000 + 500, forMs);
    people.attend(going.office, seed * 1000 + 900);
    await sleep(forMs, undefined, { signal: this.#interrupt.signal }).catch(() => undefined);
    const ranMinutes = sampler.seconds / 60;
    await going.outside.stop();
    const samples = [...sampler.samples];
    if (!this.#interrupt.signal.aborted) await this.#settle(parts, weather);
    const interrupted = this.#interrupt.signal.aborted;
    await going.office.stop();
    await going.sampling.stop();
    if (parts.probe.latest.size > 0) await clean.take(sampler.seconds, 'last');
    const afterWarmUp = samples.filter(({ atS }) => atS > warmUpS);
    // A run that was stopped during the warm-up is shown, but is too short to be judged.
    const seen = afterWarmUp.length > 0 ? afterWarmUp : samples;
    const isDisturbed = snapshots !== undefined;
    return {
      ...{ node: process.version, nodeFlags: SERVICE_FLAGS, seed, minutes: ranMinutes, warmUpS, interrupted },
      figures: [
        ...FIGURES.map((figure) => judge(figure, seen, isDisturbed)),
        ...CLEAN_FIGURES.map((figure) => judge(figure, clean.taken, isDisturbed)),
      ],
      presses: pressResult(parts.ledger, people.noRoom, sampler.latencies),
      load: loadOf(parts, people),
      weather: Object.fromEntries([...weather.happened].sort()),
      log: this.#log.counts,
      faults: this.#faults,
      samples,
      cleanSamples: clean.taken,
    };
  }

  /** Waits after the last fault until every press has reached a receiver and its wall shows it. */
  async #settle(parts: Parts, weather: Weather): Promise<void> {
    const { walls } = parts;
    this.#options.progress('no more presses; all is well again; waiting for what is owed …');
    await weather.clear();
    const isSettled = () => isCalm(parts) && walls.waiting().length === 0;
    await until(() => isSettled() || this.#interrupt.signal.aborted, SETTLED_WITHIN_MS);
    if (this.#interrupt.signal.aborted) return;
    await sleep(QUIET_MS);
    const deaf = walls.waiting();
    if (deaf.length > 0) this.#fault(`walls not told that a receiver has their press: ${deaf.join(', ')}`);
  }

  #giveUp(fault: string): void {
    this.#fault(fault);
    this.interrupt();
  }

  #fault(fault: string): void {
    if (this.#faults.length < MOST_FAULTS) this.#faults.push(fault);
    this.#options.progress(`! ${fault}`);
  }
}

/**
 * Returns true if one of the first paths answers and the gateway knows it: a press made now need
 * not wait.
 */
function isAnyUp({ watch }: Parts, weather: Weather): boolean {
  return ['centre', 'hook'].some((path) => weather.isWell(path) && !watch.missing().includes(`link/${path}/status`));
}

/** Returns true if every press has reached a receiver and the operator has handled most. */
function isCalm({ ledger }: Parts): boolean {
  return ledger.unsettled.length === 0 && ledger.open().length <= CALM_OPEN;
}
