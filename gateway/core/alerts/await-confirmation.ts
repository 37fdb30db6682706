import { after } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { Alert } from './alert.ts';

/**
 * Waits for the rest of the deadline of an alert of an earlier run, counted from the time the alert
 * was raised.
 */
export function awaitConfirmation({ id, raisedWallMs }: Alert, { now, site, timers }: Context): void {
  const { notConfirmedMs } = site.deadlines;
  const elapsed = now.wallMs - raisedWallMs;
  // If the wall clock is wrong, no time is left.
  const left = elapsed >= 0 && elapsed < notConfirmedMs ? notConfirmedMs - elapsed : 0;
  timers.set({ type: 'notConfirmed', alert: id }, after(now.monoMs, left));
}
