import type { KeptDelivery } from '../delivery/delivery.ts';
import type { Route } from '../delivery/route.ts';
import type { AlertRaised } from '../journal-record.ts';
import type { EarlierReport, Report } from '../report.ts';
import type { Alert } from './alert.ts';

/** What the journal kept of an alert that was not finished when the gateway stopped. */
export interface KeptAlert {
  readonly raised: AlertRaised;
  readonly deliveries: ReadonlyMap<string, KeptDelivery>;
  readonly acknowledged: boolean;
  readonly acknowledgedBy: string | undefined;
  readonly notConfirmed: boolean;
  readonly closed: Alert['closed'];
  /** Updates told about it, oldest first. */
  readonly earlier: readonly EarlierReport[];
  readonly lastUpdate: Report | undefined;
  /** The report that it is over was made, and is kept by itself. */
  readonly closingReported: boolean;
}

/** `handedOver`: its plan is content with that; `everywhere`: no path is left that could do more. */
export function handOver({ acknowledged, deliveries }: KeptAlert, { done, steps }: Route) {
  const has = (path: string) => deliveries.get(path)?.done === 'handedOver';
  const handedOver = done === 'handedOver' && [...deliveries.keys()].some(has);
  const everywhere = !acknowledged && !handedOver && steps.length > 0 && steps.every(({ path }) => has(path.id));
  return { handedOver, everywhere };
}
