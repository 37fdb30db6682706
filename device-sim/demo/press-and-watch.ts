import type { AlertDocument } from '../../protocol/mqtt-documents.ts';
import type { Demo } from './demo.ts';
import { isComplete } from './timeline.ts';

const HELD_MS = 300;

export interface Press {
  readonly device: string;
  /** Number of the button. */
  readonly button: string;
}

const TIMELINE_WITHIN_MS = 15_000;

/**
 * Makes one press. Resolves with the latest document of its alert: with a complete timeline, NOT
 * CONFIRMED, or its state when time was up.
 */
export async function pressAndWatch(
  { simulator, watch, patience }: Demo,
  { device, button }: Press,
): Promise<AlertDocument | undefined> {
  return new Promise((resolve) => {
    let last: AlertDocument | undefined;
    let own: string | undefined;
    const before = new Set(watch.alerts.keys());
    const timeout = setTimeout(() => finish(), TIMELINE_WITHIN_MS * patience);
    const stop = watch.onAlert((alert) => {
      // A wire without frame numbers leaves the alert's id to the gateway: the device's next new
      // alert is ours.
      own ??= alert.device === device && !before.has(alert.id) ? alert.id : undefined;
      if (alert.id !== own) return;
      last = alert;
      if (isComplete(alert) || alert.not_confirmed) finish();
    });
    const finish = () => {
      clearTimeout(timeout);
      stop();
      resolve(last);
    };
    own = simulator.press(device, button, 'single')?.alert;
    setTimeout(() => simulator.release(device, button), HELD_MS).unref();
  });
}
