import type { Report, ReportClass } from '../report.ts';

/**
 * How far an attempt came that was not accepted. `unreached`: no connection was made. `unanswered`:
 * no answer came, so the gateway does not know whether the far end accepted the report. `refused`:
 * the far end answered, and did not accept the report now. `content`: it can't process this report
 * in any of the path's formats.
 */
export type FailedEnd = 'unreached' | 'unanswered' | 'refused' | 'content';

/** Nobody answered: any answer shows that the link is back. */
export function isLinkEnd(end: FailedEnd | undefined): boolean {
  return end === 'unreached' || end === 'unanswered';
}

/** One report on its way over one path. */
export interface Delivery {
  readonly report: Report;
  /** Order of submission, over all paths. */
  readonly order: number;
  readonly sequence: number;
  state: 'queued' | 'gathered' | 'sending' | 'waiting' | 'acknowledged' | 'handedOver' | 'refused' | 'withdrawn';
  attempts: number;
  /** Attempts of this run whose first byte left, and of an earlier run all. */
  transmissions: number;
  /** The first byte of its last attempt has left. */
  wasSent: boolean;
  /** Attempts that ended without acceptance; each lengthens the next wait. */
  failures: number;
  /**
   * Which failure on its path its last one was; 0: none since the path last recovered. The report
   * that has waited longest since its last try goes first. (By the number of its failures, an alarm
   * that was tried for an hour would wait until each newer one was tried as often.)
   */
  turn: number;
  /** How the last attempt ended, unless it was accepted. */
  lastEnd: FailedEnd | undefined;
  /** Negative acknowledgements (DC-09 NAK) in a row. */
  naks: number;
  /** Rounds through all formats in which the far end refused the content. */
  contentRefusals: number;
  format: number;
  /** Distinguishes its present place in the queue from earlier ones. */
  queuedAs: number;
  /**
   * True if the alarm is sent immediately. On a slow link that is only the first of each kind and
   * building; the rest wait for a digest.
   */
  leading: boolean;
  /** Sent by itself. A receiver that may have it does not get it again in a digest. */
  alone: boolean;
  /** Of a digest: the deliveries in it. */
  readonly members?: readonly Delivery[];
}

/** The journal's copy of a report that was on its way when the gateway stopped. */
export interface KeptDelivery {
  readonly attempts: number;
  readonly format: number;
  /** The far end confirmed it. */
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
    transmissions: kept?.attempts ?? 0,
    wasSent: false,
    failures: 0,
    turn: 0,
    lastEnd: undefined,
    naks: 0,
    contentRefusals: 0,
    format: kept?.format ?? 0,
    queuedAs: 0,
    leading: true,
    alone: false,
  };
}

/** A reload begins the path of the delivery anew, with this many formats. Its number stays. */
export function beginAnew(delivery: Delivery, formats: number): void {
  const { report, order, sequence, attempts, transmissions, format } = delivery;
  const kept = { attempts, format: format < formats ? format : 0 };
  Object.assign(delivery, newDelivery(report, order, sequence, kept), { transmissions });
}

/** The deliveries that one stands for: the alarms of a digest, or itself. */
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

/** 0 is the most urgent. */
export function urgency({ report }: Delivery): number {
  return URGENCY[report.class];
}

export function isAlarm({ report }: Delivery): boolean {
  return report.class === 'alarm';
}

/** An alarm that this path has not tried yet: its first byte is owed at once. */
export function isFreshAlarm({ report, attempts, leading }: Delivery): boolean {
  return report.class === 'alarm' && attempts === 0 && leading;
}
