import type { Effect } from '../../../gateway/core/effect.ts';
import type { Attempt, Outcome } from '../../../gateway/core/report.ts';
import type { Observation } from '../observation.ts';
import type { StateWatcher, WatcherDeps } from './state-watcher.ts';

interface Flight {
  readonly attempt: Attempt;
  isDropped: boolean;
}

/** What becomes of attempts on their paths. */
export function deliveryStates({ ledger, reached }: WatcherDeps): StateWatcher {
  let flights = new Map<string, Flight>();
  const down = new Set<string>();
  /** Outcomes of each report on each path, in order. */
  const history = new Map<string, string[]>();
  const displays = new Map<string, number>();
  const forgot = new Set<string>();
  const polls = new Set<string>();

  const send = (attempt: Attempt) => {
    const { path, report, attempt: number } = attempt;
    flights.set(`${path} ${number}`, { attempt, isDropped: false });
    if (report === undefined) return;
    if (report.id.startsWith('digest.')) reached('a digest is sent');
    if (report.class === 'update') reached('an update about doors is sent');
    const paths = ledger.site?.paths ?? [];
    if (report.class === 'alarm' && down.size === paths.length)
      reached('an alarm is sent while every far end is cut off');
    const plan = ledger.site?.plans.get(report.alert?.kind ?? '') ?? ledger.site?.plan;
    const step = plan?.steps.findIndex((each) => each.path === path) ?? 0;
    if (report.class === 'alarm' && step > 0 && (plan?.steps[step]?.afterMs ?? 0) > 0)
      reached('the second path of a plan joins');
  };

  const accepted = ({ path, report, format, clockOffsetMs }: Attempt, how: Outcome['type']) => {
    if (report === undefined) return;
    const before = history.get(`${path} ${report.id}`) ?? [];
    if (format > 0) reached('a report falls back to the next format');
    if (clockOffsetMs !== 0) reached('a corrected time is accepted');
    if (report.class === 'test') reached('a test event is acknowledged');
    if (polls.has(path)) reached('a poll fails, and a report is accepted after it');
    polls.delete(path);
    const nak = before.indexOf('wrongTime');
    if (nak >= 0 && before.indexOf('notUnderstood', nak) > nak) reached('NAK, then DUH, then success');
    if (before.includes('asked')) reached('a far end asks for a wait, and accepts later');
    if (report.class === 'alarm' && before.includes('notUnderstood')) reached('a refused alarm is accepted in the end');
    const plan = ledger.site?.plans.get(report.alert?.kind ?? '') ?? ledger.site?.plan;
    if (how === 'handedOver' && report.class === 'alarm' && plan?.done === 'handedOver')
      reached('a hand-over completes a plan');
  };

  const outcome = (path: string, number: number, is: Outcome) => {
    const flight = flights.get(`${path} ${number}`);
    if (flight === undefined) return;
    const { report } = flight.attempt;
    flights.delete(`${path} ${number}`);
    if (report === undefined && is.type === 'failed') polls.add(path);
    if (is.type === 'receiverAcknowledged' || is.type === 'handedOver') accepted(flight.attempt, is.type);
    if (report === undefined) return;
    const known = history.get(`${path} ${report.id}`) ?? [];
    history.set(`${path} ${report.id}`, known);
    known.push(is.type === 'failed' && is.retryAfterMs !== undefined ? 'asked' : is.type);
  };

  const logged = ({ event, fields }: Extract<Effect, { type: 'log' }>) => {
    const { path: written } = fields;
    const path = String(written);
    if (event === 'path.down') {
      down.add(path);
      if (down.size === ledger.site?.paths.length) reached('every path is down at once');
    } else if (event === 'path.up' && down.delete(path)) {
      const waits = [...ledger.alerts.values()].some(
        ({ document: { state } }) => state === 'raised' || state === 'sent',
      );
      if (waits) reached('a path comes back with an alarm waiting');
    }
  };

  const displayed = (path: string, report: string) => {
    const key = `${path} ${report}`;
    const count = (displays.get(key) ?? 0) + 1;
    displays.set(key, count);
    if (count === 2) reached('a receiver gets one report twice');
    if (count > 1 && forgot.delete(path)) reached('a receiver that has forgotten displays a report again');
    if (ledger.displays.get(report)?.size === 2 && count === 1) reached('two receivers display one alert');
    if (report.startsWith('digest.')) reached('a digest is displayed');
    const isDropped = [...flights.values()].some(
      (each) => each.isDropped && each.attempt.path === path && each.attempt.report?.id === report,
    );
    if (isDropped) reached('an answer comes after its attempt was dropped');
  };

  return (observation: Observation) => {
    switch (observation.type) {
      case 'effect': {
        const { effect } = observation;
        if (effect.type === 'send') send(effect.attempt);
        else if (effect.type === 'log') logged(effect);
        else if (effect.type === 'abandon') {
          const flight = flights.get(`${effect.path} ${effect.attempt}`);
          if (flight === undefined) break;
          flight.isDropped = true;
          reached('an attempt is dropped for want of an answer');
        }
        break;
      }
      case 'input':
        if (observation.input.type === 'outcome')
          outcome(observation.input.path, observation.input.attempt, observation.input.outcome);
        break;
      case 'displayed':
        displayed(observation.path, observation.report);
        break;
      case 'event':
        if (observation.event.do === 'amnesia') forgot.add(observation.event.path);
        break;
      case 'down':
        if ([...flights.values()].some((each) => each.attempt.report?.id.startsWith('digest.') === true))
          reached('a digest is under way when the gateway ends');
        flights = new Map();
        down.clear();
        break;
    }
  };
}
