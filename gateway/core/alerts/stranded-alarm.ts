import type { Context } from '../context.ts';
import type { Dispatcher } from '../delivery/dispatcher.ts';
import { isSettled } from './alert.ts';
import type { AlertBook } from './alert-book.ts';

interface Parts {
  readonly alerts: Pick<AlertBook, 'counts' | 'open'>;
  readonly dispatcher: Pick<Dispatcher, 'isOpen' | 'queue'>;
  readonly context: Pick<Context, 'timers'>;
}

/**
 * An alarm that no receiver has acknowledged in time, and that no attempt, wait or timer will carry
 * any further; `undefined`: there is none. Only a defect strands one. A restart sends it again: it
 * is in the journal.
 *
 * @returns its id
 */
export function strandedAlarm({ alerts, dispatcher, context }: Parts): string | undefined {
  const { timers } = context;
  // Thousands of settled alerts may be open. They are not looked at while all is confirmed.
  if (!alerts.counts.some(({ notConfirmed }) => notConfirmed)) return undefined;
  for (const alert of alerts.open()) {
    const { id } = alert;
    if (isSettled(alert)) continue;
    const isJoining = timers.has({ type: 'joinPath', report: id });
    const goesOn = isJoining || [...alert.deliveries].some(([path]) => dispatcher.queue(path).goesOn(id));
    if (!goesOn || !dispatcher.isOpen(id)) return id;
  }
  return undefined;
}
