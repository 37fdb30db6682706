import type { Report, ReportClass } from '../report.ts';

/** One report on its way over one path. */
export interface Delivery {
  readonly report: Report;
  /** Order of submission, over all paths. */
  readonly order: number;
  readonly sequence: number;
  state: 'queued' | 'gathered' | 'sending' | 'waiting' | 'acknowledged' | 'handedOver' | 'refused' | 'withdrawn';
  attempts: number;
  /** Attempts in a row that ended without an answer. */
  failures: number;
  /** Refusals of our time stamp in a row. */
  wrongTimes: number;
  format: number;
  /**
   * True if the alarm is sent immediately. On a slow link that is only the first of each kind and building; the rest wait for a digest.
   */
  leading: boolean;
  /** Sent by itself: a receiver that may have it is not told it again among others. */
  alone: boolean;
  /** Of a digest: the deliveries it stands for. */
  readonly members?: readonly Delivery[];
}

/** What the journal kept of a report that was on its way when the gateway stopped. */
export interface KeptDelivery {
  readonly attempts: number;
  readonly format: number;
  /** The far end said that it has it. */
  readonly done?: 'acknowledged' | 'handedOver';
}

export function newDelivery(
  report: Report,
  order: number,
  sequence: number,
  kept?: { readonly attempts: number; readonly format: number },
): Delivery {
  return {
    report,
    order,
    sequence,
    state: 'queued',
    attempts: kept?.attempts ?? 0,
    failures: 0,
    wrongTimes: 0,
    format: kept?.format ?? 0,
    leading: true,
    alone: false,
  };
}

/** What a delivery stands for: the alarms of a digest, or itself. */
export function partsOf(delivery: Delivery): readonly Delivery[] {
  return delivery.members ?? [delivery];
}

/** A supervision poll: a NULL message, or a periodic test event where the receiver refuses NULL. */
export interface Probe {
  readonly sequence: number;
  readonly report?: Report;
}

const URGENCY: Record<ReportClass, number> = {
  alarm: 0,
  cancel: 1,
  restore: 2,
  update: 3,
  trouble: 4,
  troubleRestore: 5,
  test: 6,
};

/** Most urgent first; among alarms those that were never tried; then in the order they were made. */
export function goesBefore(a: Delivery, b: Delivery): boolean {
  const [first, second] = [rank(a), rank(b)];
  return first < second || (first === second && a.order < b.order);
}

/** An alarm that this path has not tried yet: its first byte is owed at once. */
export function isFreshAlarm({ report, attempts, leading }: Delivery): boolean {
  return report.class === 'alarm' && attempts === 0 && leading;
}

function rank(delivery: Delivery): number {
  return isFreshAlarm(delivery) ? -1 : URGENCY[delivery.report.class];
}
