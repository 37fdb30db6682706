import type { MonoMs } from '../../../protocol/clocks.ts';
import type { Sequences } from '../journal-record.ts';
import type { Report } from '../report.ts';
import type { Delivery, KeptDelivery } from './delivery.ts';
import type { Route } from './route.ts';

/** What became of a report, for whoever made it. */
export interface DispatchEvents {
  /**
   * Paths on which the alert was attempted, and may have reached a receiver: where its end is to be
   * told.
   */
  attemptedPaths(alert: string): readonly string[] | undefined;
  /** First byte on any path, once a report. */
  sent(report: Report, atMs: MonoMs): void;
  /** Every path has been refused the alarm, in each format. It is tried on. */
  refusedSoFar(report: Report): void;
  /** It is done, or every path has done what it can: once a report. */
  ended(report: Report, end: ReportEnd): void;
  /** A path has done with a report that others still carry, or have carried to its end before. */
  progressed(report: Report, delivery: Delivery, path: string): void;
  /** One of the paths of a report that goes to each of them has done with it. */
  doneOn(report: Report, delivery: Delivery, path: string): void;
}

/** How a report ends. */
export type ReportEnd =
  /** A receiver acknowledged it; or a path handed it over, and the plan is content with that. */
  | { readonly how: 'acknowledged' | 'handedOver'; readonly path: string }
  /** Each path that was to have it has done with it. */
  | { readonly how: 'doneEverywhere' }
  /**
   * Every path's receiver said that it can't process it. Of an alarm only once its alert is closed:
   * until then it is tried.
   */
  | { readonly how: 'refusedEverywhere' }
  /**
   * No receiver has acknowledged, and none will: every path has handed it over, or (of an alarm
   * once its alert is closed) its receiver can't process it.
   */
  | { readonly how: 'handedOverEverywhere' };

/** One report over all the paths that have joined so far. */
export interface Dispatch {
  readonly report: Report;
  readonly order: number;
  readonly sequences: Sequences;
  readonly kept: ReadonlyMap<string, KeptDelivery>;
  readonly deliveries: Map<string, Delivery>;
  /**
   * `undefined` until it begins: where the end of an alert is to be told is known when the alert
   * itself is settled.
   */
  route: Route | undefined;
  readonly to: readonly string[] | undefined;
  /** The steps that joined together last, by place. */
  lastJoined: number;
  sent: boolean;
  /** Its alert is closed: the alarm ends once every path has refused its content. */
  isClosed: boolean;
}

export function isDone({ state }: Delivery): boolean {
  return state === 'acknowledged' || state === 'handedOver' || state === 'refused' || state === 'withdrawn';
}

/**
 * Every path has joined, and has handed it over or refused its content in every format, at least
 * once in this run.
 */
export function isRefusedSoFar({ deliveries, route }: Dispatch): boolean {
  if (deliveries.size < (route?.steps.length ?? 0)) return false;
  const all = [...deliveries.values()];
  return all.some(isRefused) && all.every((each) => each.state === 'handedOver' || isRefused(each));
}

function isRefused({ contentRefusals }: Delivery): boolean {
  return contentRefusals > 0;
}
