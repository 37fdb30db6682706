import { after } from '../../../protocol/clocks.ts';
import type { Publication } from '../../../protocol/mqtt-documents.ts';
import type { Context } from '../context.ts';
import { type Alert, publishedAlert } from './alert.ts';

/**
 * Nearly always a press that was sent is acknowledged within this time, and the acknowledgement's
 * document says that it was sent.
 */
const GATHER_MS = 25;

const DUE = { type: 'alertDocuments' } as const;

/**
 * Publishes alerts: at once when one is raised, acknowledged or not confirmed, or ends. A crash may
 * follow, and no later run may know of it. The other steps are published together.
 */
export class AlertDocuments {
  readonly #context: Context;
  readonly #gathered = new Set<Alert>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** The first document of an alert. A `published` input will name the returned number. */
  publishFirst(alert: Alert): number {
    return this.#context.publishTracked(alertPublication(alert));
  }

  publish(alert: Alert): void {
    this.#gathered.delete(alert);
    alert.isGathered = false;
    this.#context.publish(alertPublication(alert));
  }

  /** The alert has taken another step. */
  publishSoon(alert: Alert): void {
    // It may be forgotten before long.
    if (alert.closed !== undefined) {
      this.publish(alert);
      return;
    }
    alert.isGathered = true;
    if (this.#gathered.size === 0) this.#context.timers.set(DUE, after(this.#context.now.monoMs, GATHER_MS));
    this.#gathered.add(alert);
  }

  /** The time is over, or the gateway ends. */
  due(): void {
    for (const alert of this.#gathered) this.publish(alert);
  }
}

/** The newest documents of those that are not closed. */
export function* openDocuments(alerts: Iterable<Alert>): Generator<Publication> {
  for (const alert of alerts) if (alert.closed === undefined) yield alertPublication(alert);
}

function alertPublication(alert: Alert): Publication {
  return { kind: 'alert', document: publishedAlert(alert) };
}
