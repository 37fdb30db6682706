import type { KeptDelivery } from '../delivery/delivery.ts';
import type { Route } from '../delivery/route.ts';
import type { AlertRaised } from '../journal-record.ts';
import type { Closing } from '../make-report.ts';
import type { EarlierReport, Report } from '../report.ts';
import { Alert, isSettled, type Press } from './alert.ts';

/** The journal's copy of an alert that was not finished when the gateway stopped. */
export interface KeptAlert {
  readonly raised: AlertRaised;
  readonly deliveries: ReadonlyMap<string, KeptDelivery>;
  readonly acknowledged: { readonly path: string } | undefined;
  /** That completed its plan. */
  readonly handedOver: { readonly path: string } | undefined;
  readonly notConfirmed: boolean;
  readonly closed: Closing | undefined;
  /** Updates sent about it, oldest first. */
  readonly earlier: readonly EarlierReport[];
  readonly lastUpdate: Report | undefined;
  /** The report of its end was made. The journal keeps that report separately. */
  readonly closingReported: boolean;
}

/** This run's clock can't express the time of a step of an earlier run. */
const EARLIER = { atMs: undefined } as const;

/** The alert as it stood when the gateway stopped. Its deliveries continue with `route`. */
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
  // A closed test was withdrawn, and the crash lost only the record that says so.
  const isWithdrawn = alert.exercise === 'test' && alert.closed !== undefined;
  alert.undeliverable = !isSettled(alert) && (isWithdrawn || isHandedOverEverywhere(kept, route));
  return alert;
}

/**
 * The path whose hand-over completes the alert's plan. The journal records it once the alert is
 * complete. A crash may have cut that record off, and journals of earlier versions never have it.
 * In both cases the plan decides.
 */
function handOverOf({ handedOver, deliveries }: KeptAlert, { done }: Route): { path: string } | undefined {
  if (handedOver !== undefined || done !== 'handedOver') return handedOver;
  for (const [path, delivery] of deliveries) if (delivery.done === 'handedOver') return { path };
  return undefined;
}

/** Every path of the plan has handed the alert over: no remaining path could do more. */
function isHandedOverEverywhere({ deliveries }: KeptAlert, { steps }: Route): boolean {
  return steps.length > 0 && steps.every(({ path }) => deliveries.get(path.id)?.done === 'handedOver');
}
