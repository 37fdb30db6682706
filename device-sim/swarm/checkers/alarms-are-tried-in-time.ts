import type { Attempt } from '../../../gateway/core/report.ts';
import type { Path } from '../../../gateway/core/site.ts';
import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';

/** The longest rest that a far end may ask for (hardware/links/README.md). */
const ASKED_MS_MAX = 300_000;
/** A refused content is tried again at most so seldom. */
const CONTENT_MS_MAX = 3_600_000;
const SLACK_MS = 5_000;
const LOOK_MS = 1_000;

/**
 * Promise 2, liveness: an alarm that nobody has acknowledged is tried again on some path within the
 * longest wait of the paths, whatever was said. No answer ends it.
 */
export class AlarmsAreTriedInTime implements Checker {
  readonly promise = 'an unacknowledged alarm is tried again in time, whatever was said';
  readonly #deps: CheckerDeps;
  /** When each open alarm was last tried. */
  readonly #triedMs = new Map<string, number>();
  #lookMs = 0;

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation, nowMs: number): void {
    if (observation.type === 'effect' && observation.effect.type === 'send')
      this.#sent(observation.effect.attempt, nowMs);
    else if (observation.type === 'effect' && observation.effect.type === 'journal') {
      const { record } = observation.effect.entry;
      if (record.t === 'attempt' && this.#triedMs.has(record.report)) this.#triedMs.set(record.report, nowMs);
    } else if (observation.type === 'down' || observation.type === 'reloaded') this.#triedMs.clear();
    if (nowMs < this.#lookMs) return;
    this.#lookMs = nowMs + LOOK_MS;
    for (const [alert, triedMs] of this.#triedMs) this.#look(alert, triedMs, nowMs);
  }

  #sent({ report }: Attempt, nowMs: number): void {
    if (report?.class === 'alarm' && !report.id.startsWith('digest.')) this.#triedMs.set(report.id, nowMs);
  }

  #look(alert: string, triedMs: number, nowMs: number): void {
    const { ledger, broken } = this.#deps;
    const document = ledger.alerts.get(alert)?.document;
    const isDone = document === undefined || (document.state !== 'raised' && document.state !== 'sent');
    const plan = ledger.site?.plans.get(document?.kind ?? '') ?? ledger.site?.plan;
    if (isDone || plan?.done === 'handedOver' || ledger.stalledToMs > triedMs) {
      this.#triedMs.delete(alert);
      return;
    }
    const paths = ledger.site?.paths.filter(({ id }) => plan?.steps.some(({ path }) => path === id)) ?? [];
    const mostMs = Math.max(0, ...paths.map(longestWaitMs));
    if (nowMs - triedMs <= mostMs) return;
    broken(this.promise, `${alert} was last tried at ${triedMs} ms, ${Math.round(nowMs - triedMs)} ms ago`);
    this.#triedMs.delete(alert);
  }
}

function longestWaitMs({ attemptTimeoutMsMax, retryMsMax, airTime, formats }: Path): number {
  const airMs = airTime === undefined ? 0 : airTime.windowMs + airTime.restMs;
  const contentMs = Math.min(CONTENT_MS_MAX, retryMsMax * 2 ** formats);
  return attemptTimeoutMsMax + Math.max(retryMsMax, contentMs, ASKED_MS_MAX) + airMs + SLACK_MS;
}
