import type { AlertDocument } from '../../../protocol/mqtt-documents.ts';
import type { PressPattern } from '../../../protocol/press-pattern.ts';
import type { AlertState } from '../../../protocol/states.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { Dispatch } from '../delivery/dispatcher.ts';
import { alertDocument } from '../documents.ts';
import type { EarlierReport, Exercise, Report, UnsecuredDoor } from '../report.ts';
import type { Identity, WallStatus } from '../signal.ts';
import type { AlertKind, Button, Device } from '../site.ts';

export interface Press {
  readonly device: Device;
  readonly button: Button;
  readonly kind: AlertKind;
  readonly pattern: PressPattern;
  readonly identity: Identity;
  /** Place among the presses of one message; 0 for nearly all. */
  readonly part?: number;
  readonly authenticated: boolean;
  /** Absent: real. */
  readonly exercise?: Exercise;
  readonly capturedMs: number;
  /** Raised before the device was given the key it has now. */
  readonly ofEarlierKey?: true;
}

/** One press and what became of it. Steps are separate facts: none is ever inferred from another. */
export interface Alert {
  readonly id: string;
  readonly kind: AlertKind;
  readonly device: Device;
  readonly button: Button;
  readonly pattern: PressPattern;
  readonly identity: Identity;
  readonly ofEarlierKey: boolean;
  readonly authenticated: boolean;
  readonly report: Report;
  readonly raisedWallMs: number;
  /** Monotonic; `undefined` for an alert raised before this run. */
  readonly capturedMs: number | undefined;
  readonly deliveries: ReadonlyMap<string, Delivery>;
  /** Paths that tried to deliver it in an earlier run. */
  reachedBefore: readonly string[];
  /** Reports about it so far, the alarm first. */
  readonly told: EarlierReport[];
  /** Doors of its building that are not secured now; `undefined`: its kind does not ask for them. */
  doors: readonly UnsecuredDoor[] | undefined;
  /** Number of the journal record that makes the press durable; 0: already durable. */
  recordNumber: number;
  publication: number | undefined;
  sentMs: number | undefined;
  acknowledgedMs: number | undefined;
  journalledMs: number | undefined;
  publishedMs: number | undefined;
  acknowledged: boolean;
  sent: boolean;
  durable: boolean;
  notConfirmed: boolean;
  /** Path whose receiver was the first to acknowledge. */
  acknowledgedBy: string | undefined;
  /** Content with it, the plan says: a pager terminal or the like has it. */
  handedOver: boolean;
  /** Every path has done with it, and no receiver has acknowledged. */
  undeliverable: boolean;
  closed: { readonly state: 'resolved' | 'cancelled'; readonly by: string; readonly reason: string } | undefined;
  /** Last status told to the wall. */
  wallTold: WallStatus | undefined;
}

type MaybeCaptured = Omit<Press, 'capturedMs'> & { readonly capturedMs: number | undefined };

export function newAlert(
  press: MaybeCaptured,
  report: Report,
  dispatch: Dispatch | undefined,
  raisedWallMs: number,
  recordNumber: number,
): Alert {
  return {
    id: report.id,
    // One by one: spreading them costs as much as the rest of raising an alert.
    kind: press.kind,
    device: press.device,
    button: press.button,
    pattern: press.pattern,
    identity: press.identity,
    ofEarlierKey: press.ofEarlierKey === true,
    authenticated: press.authenticated,
    capturedMs: press.capturedMs,
    report,
    raisedWallMs,
    recordNumber,
    deliveries: dispatch?.deliveries ?? new Map(),
    reachedBefore: [],
    told: [{ id: report.id, occurredMs: report.occurredMs }],
    doors: report.alert?.doors,
    publication: undefined,
    sentMs: undefined,
    acknowledgedMs: undefined,
    journalledMs: undefined,
    publishedMs: undefined,
    acknowledged: false,
    sent: false,
    durable: false,
    notConfirmed: false,
    acknowledgedBy: undefined,
    handedOver: false,
    undeliverable: false,
    closed: undefined,
    wallTold: undefined,
  };
}

/** CAP wants the earlier messages named; after a long evening the alarm and the newest do. */
const TOLD_MOST = 16;

/** Another report about the alert was made. */
export function noteTold({ told }: Alert, { id, occurredMs }: EarlierReport): void {
  told.push({ id, occurredMs });
  if (told.length > TOLD_MOST) told.splice(1, 1);
}

/** The alert as MQTT clients see it. */
export function publishedAlert(alert: Alert): AlertDocument {
  return alertDocument(alert, alertState(alert), isNotConfirmed(alert));
}

export function alertState(alert: Alert): AlertState {
  if (alert.closed !== undefined) return alert.closed.state;
  if (alert.acknowledged) return 'acknowledged';
  return alert.sent ? 'sent' : 'raised';
}

/**
 * What the wall may show. `heard` and `sent` promise that the press survives a crash, so they wait for the journal; `accepted` needs
 * no journal, because a receiver has it; `notConfirmed` promises nothing.
 */
export function wallStatus(alert: Alert): WallStatus | undefined {
  if (alert.acknowledged) return 'accepted';
  if (isNotConfirmed(alert)) return 'notConfirmed';
  if (!alert.durable) return undefined;
  return alert.sent ? 'sent' : 'heard';
}

/** Its deadline has passed, and what counts as done has not happened since. */
export function isNotConfirmed({ notConfirmed, acknowledged, handedOver }: Alert): boolean {
  return notConfirmed && !acknowledged && !handedOver;
}

export function timelineComplete(alert: Alert): boolean {
  return (
    alert.sentMs !== undefined &&
    alert.acknowledgedMs !== undefined &&
    alert.journalledMs !== undefined &&
    alert.publishedMs !== undefined
  );
}

/** Paths that may have brought it to a receiver: those that tried, but for the ones whose receiver refused it. */
export function reachedPaths({ deliveries, reachedBefore }: Alert): readonly string[] {
  const now = [...deliveries].filter(([, { attempts, state }]) => attempts > 0 && state !== 'refused');
  return [...new Set([...now.map(([path]) => path), ...reachedBefore])];
}

/** Nothing more is owed to any receiver. */
export function isSettled({ acknowledged, handedOver, undeliverable }: Alert): boolean {
  return acknowledged || handedOver || undeliverable;
}
