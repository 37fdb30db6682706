import type { KeptDelivery } from '../delivery/delivery.ts';
import type { Route } from '../delivery/route.ts';
import type { AlertRaised } from '../journal-record.ts';
import type { Closing } from '../make-report.ts';
import type { EarlierReport, Report } from '../report.ts';
import { Alert, isSettled, type Press } from './alert.ts';

/** What the journal kept of an alert that was not finished when the gateway stopped. */
export interface KeptAlert {
  readonly raised: AlertRaised;
  readonly deliveries: ReadonlyMap<string, KeptDelivery>;
  readonly acknowledged: { readonly path: string } | undefined;
  /** Its plan was complete with that. */
  readonly handedOver: { readonly path: string } | undefined;
  readonly notConfirmed: boolean;
  readonly closed: Closing | undefined;
  /** Updates told about it, oldest first. */
  readonly earlier: readonly EarlierReport[];
  readonly lastUpdate: Report | undefined;
  /** The report that it is over was made, and is kept by itself. */
  readonly closingReported: boolean;
}

/** The time of a step of an earlier run is not known on this run's clock. */
const EARLIER = { atMs: undefined } as const;

/** The alert as it stood when the gateway stopped. Its deliveries go on with `route`. */
export function recoveredAlert(press: Omit<Press, 'capturedMs'>, kept: KeptAlert, route: Route): Alert {
  const { raised, deliveries, acknowledged } = kept;
  const handedOver = handOverOf(kept, route);
  const alert = new Alert({ ...press, capturedMs: undefined }, raised.report, raised.at);
  alert.attemptedBefore = [...deliveries].flatMap(([path, { attempts }]) => (attempts > 0 ? [path] : []));
  alert.durable = EARLIER;
  if (alert.attemptedBefore.length > 0) alert.sent = EARLIER;
  if (acknowledged !== undefined) alert.acknowledged = { ...EARLIER, path: acknowledged.path };
  if (handedOver !== undefined) alert.handedOver = { ...EARLIER, path: handedOver.path };
  alert.notConfirmed = kept.notConfirmed;
  alert.closed = kept.closed;
  for (const update of kept.earlier) alert.noteUpdate(update);
  alert.undeliverable = !isSettled(alert) && isHandedOverEverywhere(kept, route);
  return alert;
}

/**
 * The path that handed the alert over, where that completes its plan. The journal says so of an
 * alert that was complete before. A crash may have cut that off, and journals of earlier versions
 * never say it: then the plan does.
 */
function handOverOf({ handedOver, deliveries }: KeptAlert, { done }: Route): { path: string } | undefined {
  if (handedOver !== undefined || done !== 'handedOver') return handedOver;
  for (const [path, delivery] of deliveries) if (delivery.done === 'handedOver') return { path };
  return undefined;
}

/** Every path of the plan has handed the alert over: none is left that could do more. */
function isHandedOverEverywhere({ deliveries }: KeptAlert, { steps }: Route): boolean {
  return steps.length > 0 && steps.every(({ path }) => deliveries.get(path.id)?.done === 'handedOver');
}
