import type { Context } from '../context.ts';
import type { WallStatus } from '../signal.ts';
import { type Alert, wallStatus } from './alert.ts';

/** Ended alerts whose walls still get an answer. */
const OVER_MAX = 256;

/** Tells the walls how far their presses have come: heard, sent, accepted, NOT CONFIRMED. */
export class AlertWalls {
  readonly #context: Context;
  /** The answer to a wall that still repeats the press of an ended alert. */
  readonly #over = new Map<string, WallStatus>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** The alert has ended, but the gateway still remembers the press. */
  remembers(id: string): boolean {
    return this.#over.has(id);
  }

  /**
   * The answers to a repeated press. Without an answer the wall keeps repeating. `notConfirmed`
   * does not say that the press was heard. A durable press gets both: `heard` ends the repeats, and
   * the wall shows `notConfirmed`.
   */
  statusesOf(id: string, alert: Alert | undefined): readonly WallStatus[] {
    if (alert === undefined) return [this.#over.get(id) ?? 'heard'];
    const status = wallStatus(alert);
    if (status === undefined) return [];
    return status === 'notConfirmed' && alert.durable !== undefined ? ['heard', status] : [status];
  }

  /** Tells the wall how far the press has come, if that has changed. */
  tell(alert: Alert): void {
    const status = wallStatus(alert);
    if (status === undefined || status === alert.wallStatus) return;
    alert.wallStatus = status;
    // A node with the present key may use the same numbers. It would take the answer for one to its
    // own press.
    if (alert.ofEarlierKey) return;
    const { input, id } = alert.device;
    // The configuration no longer has the device there: nobody is left to answer.
    if (this.#context.site.devices.get(id)?.input !== input) return;
    this.#context.emit({ type: 'answer', input, device: id, identity: alert.identity, status });
  }

  over(alert: Alert): void {
    this.#over.set(alert.id, lastStatus(alert));
    for (const oldest of this.#over.keys()) {
      if (this.#over.size <= OVER_MAX) break;
      this.#over.delete(oldest);
    }
  }
}

function lastStatus({ acknowledged, handedOver, exercise }: Alert): WallStatus {
  if (acknowledged !== undefined) return 'accepted';
  return handedOver !== undefined || exercise !== undefined ? 'sent' : 'notConfirmed';
}
