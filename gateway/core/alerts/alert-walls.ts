import type { Context } from '../context.ts';
import type { WallStatus } from '../signal.ts';
import { type Alert, wallStatus } from './alert.ts';

const REMEMBERED_OVER = 256;

/** What the walls are told of their presses: heard, sent, accepted, NOT CONFIRMED. */
export class AlertWalls {
  readonly #context: Context;
  /** What a wall is told when it still asks about an alert that is over; the newest ones only. */
  readonly #over = new Map<string, WallStatus>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** The alert is over, but a repeat of its press can still be told from a press that was never heard. */
  remembers(id: string): boolean {
    return this.#over.has(id);
  }

  /**
   * What to tell the wall about a press it repeats; nothing yet: let it go on repeating. `notConfirmed` does not say that the press
   * was heard, so a press that is durable is told both: the first ends the repeats, the second is what the wall shows.
   */
  statusesOf(id: string, alert: Alert | undefined): readonly WallStatus[] {
    if (alert === undefined) return [this.#over.get(id) ?? 'heard'];
    const status = wallStatus(alert);
    if (status === undefined) return [];
    return status === 'notConfirmed' && alert.durable !== undefined ? ['heard', status] : [status];
  }

  /** Tells how far the press has come, if that is news. */
  tell(alert: Alert): void {
    const status = wallStatus(alert);
    if (status === undefined || status === alert.wallTold) return;
    alert.wallTold = status;
    // The node with the present key may be calling with the same numbers, and would take the answer for its own.
    if (alert.ofEarlierKey) return;
    const { input, id } = alert.device;
    this.#context.emit({ type: 'answer', input, device: id, identity: alert.identity, status });
  }

  over(alert: Alert): void {
    this.#over.set(alert.id, lastStatus(alert));
    for (const oldest of this.#over.keys()) {
      if (this.#over.size <= REMEMBERED_OVER) break;
      this.#over.delete(oldest);
    }
  }
}

function lastStatus({ acknowledged, handedOver, exercise }: Alert): WallStatus {
  if (acknowledged !== undefined) return 'accepted';
  return handedOver !== undefined || exercise !== undefined ? 'sent' : 'notConfirmed';
}
