import type { Effect } from '../../../gateway/core/effect.ts';
import type { JournalRecord } from '../../../gateway/core/journal-record.ts';
import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';

type Trouble = Extract<JournalRecord, { t: 'trouble' }>;

/** A loss is known to the supervisions that long after its window at the latest. */
const SLACK_MS = 5_000;

/**
 * Promise 3: every loss is a trouble, once, until it is over; and once all is well, none stands
 * whose cause is gone.
 */
export class LossesAreToldOnce implements Checker {
  readonly promise = 'every loss is told within its window, and once';
  readonly #deps: CheckerDeps;
  readonly #standing = new Map<string, string>();
  #unpluggedMs = new Map<string, number>();

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation, nowMs: number): void {
    if (observation.type === 'down') {
      // A restart writes what stands again; what was not durable it finds out anew.
      this.#standing.clear();
      this.#unpluggedMs.clear();
    } else if (observation.type === 'effect') this.#carried(observation.effect, nowMs);
    else if (observation.type === 'input' && observation.input.type === 'inputHealth') {
      const { input, state } = observation.input.health;
      if (state === 'down') this.#unpluggedMs.set(input, nowMs);
      else this.#unpluggedMs.delete(input);
    } else if (observation.type === 'reloaded') this.#unpluggedMs.clear();
    for (const [input, atMs] of this.#unpluggedMs) {
      if (nowMs - atMs < SLACK_MS) break;
      this.#unpluggedMs.delete(input);
      const isKnown = [...this.#standing.keys()].some((key) => key === `inputDown ${input}`);
      if (!isKnown && this.#deps.ledger.stalledToMs < atMs)
        this.#deps.broken(this.promise, `${input} has been down for ${SLACK_MS} ms, and nobody was told`);
    }
  }

  #carried(effect: Effect, nowMs: number): void {
    if (effect.type !== 'journal' || effect.entry.record.t !== 'trouble') return;
    const { type, subject, state, id }: Trouble = effect.entry.record;
    const key = `${type} ${subject}`;
    if (state === 'restored') this.#standing.delete(key);
    if (state !== 'standing') return;
    const before = this.#standing.get(key);
    if (before !== undefined && before !== id)
      this.#deps.broken(this.promise, `${key} was told as ${before} and again as ${id} at ${nowMs} ms`);
    this.#standing.set(key, id);
  }

  end(): void {
    for (const key of this.#standing.keys()) {
      const [type = '', subject = ''] = key.split(' ');
      // A device whose numbers are refused is not heard any more, rightly.
      const isRefused = subject === '' || this.#deps.ledger.unnumbered.has(subject);
      if (LASTING.has(type) || isRefused || this.#isUnproven(type, subject)) continue;
      this.#deps.broken(this.promise, `all has been well for long, and ${key} still stands`);
    }
  }

  /** Only a report that is accepted ends it, or a proof that the path does not ask for. */
  #isUnproven(type: string, subject: string): boolean {
    const path = this.#deps.ledger.site?.paths.find(({ id }) => id === subject);
    if (path === undefined) return false;
    const { mode } = path.supervision;
    if (type === 'pathRefuses' || type === 'clockRefused') return mode !== 'test' || path.liveOnly;
    return mode === 'off';
  }
}

/** What stands until a person does something, or a day has passed. */
const LASTING: ReadonlySet<string> = new Set([
  ...['unknownPress', 'stalePress', 'notProven', 'unknownDevice', 'journalDegraded', 'doorForced', 'doorHeldOpen'],
  ...['clockDiffers', 'bridgeClock', 'stuckButton', 'deviceFault', 'canaryFailed', 'wireFault', 'tamper', 'lowBattery'],
  ...['availabilityOff'],
]);
