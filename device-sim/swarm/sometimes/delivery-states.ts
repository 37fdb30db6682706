import type { Effect } from '../../../gateway/core/effect.ts';
import type { Attempt, Outcome } from '../../../gateway/core/report.ts';
import type { Plan } from '../../../gateway/core/site.ts';
import type { Observation } from '../observation.ts';
import type { StateWatcher, WatcherDeps } from './state-watcher.ts';

interface Flight {
  readonly attempt: Attempt;
  isDropped: boolean;
}

/** What becomes of attempts on their paths. */
class DeliveryStates {
  readonly #ledger: WatcherDeps['ledger'];
  readonly #reached: WatcherDeps['reached'];
  #flights = new Map<string, Flight>();
  readonly #down = new Set<string>();
  /** Outcomes of each report on each path, in order. */
  readonly #history = new Map<string, string[]>();
  readonly #displays = new Map<string, number>();
  readonly #forgot = new Set<string>();
  readonly #polls = new Set<string>();

  constructor({ ledger, reached }: WatcherDeps) {
    this.#ledger = ledger;
    this.#reached = reached;
  }

  see(observation: Observation): void {
    switch (observation.type) {
      case 'effect':
        this.#carried(observation.effect);
        break;
      case 'input':
        if (observation.input.type === 'outcome')
          this.#outcome(observation.input.path, observation.input.attempt, observation.input.outcome);
        break;
      case 'displayed':
        this.#displayed(observation.path, observation.report);
        break;
      case 'event':
        if (observation.event.do === 'amnesia') this.#forgot.add(observation.event.path);
        break;
      case 'down':
        if ([...this.#flights.values()].some((each) => each.attempt.report?.id.startsWith('digest.') === true))
          this.#reached('a digest is under way when the gateway ends');
        this.#flights = new Map();
        this.#down.clear();
        break;
    }
  }

  #carried(effect: Effect): void {
    if (effect.type === 'send') this.#send(effect.attempt);
    else if (effect.type === 'log') this.#logged(effect);
    else if (effect.type === 'abandon') {
      const flight = this.#flights.get(`${effect.path} ${effect.attempt}`);
      if (flight === undefined) return;
      flight.isDropped = true;
      this.#reached('an attempt is dropped for want of an answer');
    }
  }

  #send(attempt: Attempt): void {
    const { path, report, attempt: number } = attempt;
    this.#flights.set(`${path} ${number}`, { attempt, isDropped: false });
    if (report === undefined) return;
    if (report.id.startsWith('digest.')) this.#reached('a digest is sent');
    if (report.class === 'update') this.#reached('an update about doors is sent');
    if (report.class !== 'alarm') return;
    const { site } = this.#ledger;
    if (this.#down.size === site?.paths.length) this.#reached('an alarm is sent while every far end is cut off');
    const step = this.#planOf(attempt)?.steps.find((each) => each.path === path);
    if ((step?.afterMs ?? 0) > 0) this.#reached('the second path of a plan joins');
  }

  #accepted(attempt: Attempt, how: Outcome['type']): void {
    const { path, report, format, clockOffsetMs } = attempt;
    if (report === undefined) return;
    const before = this.#history.get(`${path} ${report.id}`) ?? [];
    const isAlarm = report.class === 'alarm';
    if (format > 0) this.#reached('a report falls back to the next format');
    if (clockOffsetMs !== 0) this.#reached('a corrected time is accepted');
    if (report.class === 'test') this.#reached('a test event is acknowledged');
    if (this.#polls.delete(path)) this.#reached('a poll fails, and a report is accepted after it');
    const nak = before.indexOf('wrongTime');
    if (nak >= 0 && before.indexOf('notUnderstood', nak) > nak) this.#reached('NAK, then DUH, then success');
    if (before.includes('asked')) this.#reached('a far end asks for a wait, and accepts later');
    if (isAlarm && before.includes('notUnderstood')) this.#reached('a refused alarm is accepted in the end');
    const isContent = isAlarm && this.#planOf(attempt)?.done === 'handedOver';
    if (how === 'handedOver' && isContent) this.#reached('a hand-over completes a plan');
  }

  #outcome(path: string, number: number, is: Outcome): void {
    const flight = this.#flights.get(`${path} ${number}`);
    if (flight === undefined) return;
    const { report } = flight.attempt;
    this.#flights.delete(`${path} ${number}`);
    if (report === undefined && is.type === 'failed') this.#polls.add(path);
    if (is.type === 'receiverAcknowledged' || is.type === 'handedOver') this.#accepted(flight.attempt, is.type);
    if (report === undefined) return;
    const known = this.#history.get(`${path} ${report.id}`) ?? [];
    this.#history.set(`${path} ${report.id}`, known);
    known.push(is.type === 'failed' && is.retryAfterMs !== undefined ? 'asked' : is.type);
  }

  #logged({ event, fields }: Extract<Effect, { type: 'log' }>): void {
    const { path: written } = fields;
    const path = String(written);
    const { site, alerts } = this.#ledger;
    if (event === 'path.down') {
      this.#down.add(path);
      if (this.#down.size === site?.paths.length) this.#reached('every path is down at once');
    } else if (event === 'path.up' && this.#down.delete(path)) {
      const waits = [...alerts.values()].some(({ document: { state } }) => state === 'raised' || state === 'sent');
      if (waits) this.#reached('a path comes back with an alarm waiting');
    }
  }

  #displayed(path: string, report: string): void {
    const key = `${path} ${report}`;
    const count = (this.#displays.get(key) ?? 0) + 1;
    this.#displays.set(key, count);
    if (count === 2) this.#reached('a receiver gets one report twice');
    if (count > 1 && this.#forgot.delete(path)) this.#reached('a receiver that has forgotten displays a report again');
    if (this.#ledger.displays.get(report)?.size === 2 && count === 1) this.#reached('two receivers display one alert');
    if (report.startsWith('digest.')) this.#reached('a digest is displayed');
    const isDropped = [...this.#flights.values()].some(
      (each) => each.isDropped && each.attempt.path === path && each.attempt.report?.id === report,
    );
    if (isDropped) this.#reached('an answer comes after its attempt was dropped');
  }

  #planOf({ report }: Attempt): Plan | undefined {
    const { site } = this.#ledger;
    return site?.plans.get(report?.alert?.kind ?? '') ?? site?.plan;
  }
}

export function deliveryStates(deps: WatcherDeps): StateWatcher {
  const states = new DeliveryStates(deps);
  return (observation) => states.see(observation);
}
