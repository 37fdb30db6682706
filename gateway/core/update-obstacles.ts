import { isoTime } from '../../protocol/wall-time.ts';
import type { Alert } from './alerts/alert.ts';
import type { CoreParts } from './core-parts.ts';
import { invariant } from './invariant.ts';

type Parts = Pick<CoreParts, 'alerts' | 'drills' | 'signals' | 'walkTest'>;

/**
 * Why the gateway can't stop for an update now, for a person; empty: it can.
 *
 * An alert is in the way until it is resolved or cancelled, also after a receiver has acknowledged
 * it: responders may be inside, and whoever is in the room may press again. Only a person knows
 * when that is over. Nothing is in the way for ever: an operator can end each of these, and the
 * gateway resolves an acknowledged alert after the site's hours. A closed alert that a receiver is
 * still owed is not in the way: the journal keeps it, and the update may mend the path.
 */
export function obstaclesToUpdate({ alerts, drills, signals, walkTest }: Parts): readonly string[] {
  const found: string[] = [];
  const open = alerts.counts.count(({ exercise }) => exercise === undefined);
  if (open > 0) found.push(alertText(firstReal(alerts.all()), open - 1));
  for (const { scope, startedAt, endsAt } of drills.running()) {
    const until = `since ${isoTime(startedAt)}, until ${isoTime(endsAt)}`;
    found.push(`a drill runs in ${scope} ${until}: callpoint drill stop ends it`);
  }
  const test = walkTest.tests.running;
  if (test !== undefined) {
    const until = `since ${isoTime(test.startedAt)}, until ${isoTime(test.endsAt)}`;
    found.push(`a walk test runs in ${test.scope} ${until}: callpoint walk-test stop ends it`);
  }
  // It is an alert in a moment, or nothing.
  const isHearing = signals.held.isHolding || signals.presses.isWaiting;
  if (found.length === 0 && isHearing) found.push('a press is being heard just now: try again in 5 s');
  return found;
}

/** Reads no further: thousands may be open, and packed. */
function firstReal(alerts: Iterable<Alert>): Alert {
  for (const alert of alerts) if (alert.closed === undefined && alert.exercise === undefined) return alert;
  invariant(false, 'a real alert is counted as open, and there is none');
}

function alertText({ id, report, raisedWallMs }: Alert, others: number): string {
  const open = `alert ${id} (${report.text}) is open since ${isoTime(raisedWallMs)}`;
  const more = others === 0 ? '' : `, and ${others} more`;
  return `${open}${more}: when it is over, callpoint resolve ${id} --reason "..." ends it`;
}
