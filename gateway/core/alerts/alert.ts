import type { MonoMs, WallMs } from '../../../protocol/clocks.ts';
import type { AlertDocument } from '../../../protocol/mqtt-documents.ts';
import type { PressPattern } from '../../../protocol/press-pattern.ts';
import { type AlertProgress, alertState, isNotConfirmed, type Step, type StepOnPath } from '../alert-progress.ts';
import { type AlertView, alertDocument } from '../documents.ts';
import { alarmReport, type Closing } from '../make-report.ts';
import type { EarlierReport, Exercise, Report, UnsecuredDoor } from '../report.ts';
import type { Identity, WallStatus } from '../signal.ts';
import type { AlertKind, Button, Device } from '../site.ts';
import { type DeliveryProgress, FinishedDeliveries } from './finished-deliveries.ts';
import type { AlertGroup } from './open-alerts.ts';

export interface Press {
  readonly device: Device;
  readonly button: Button;
  readonly kind: AlertKind;
  readonly pattern: PressPattern;
  readonly identity: Identity;
  /** Position among the presses of one message; 0 for nearly all. */
  readonly part?: number;
  readonly authenticated: boolean;
  /** `undefined`: real. */
  readonly exercise?: Exercise | undefined;
  /** Monotonic; `undefined`: in an earlier run. */
  readonly capturedMs: MonoMs | undefined;
  /** It may have waited for so long; absent: it is fresh. */
  readonly ageSecondsMax?: number | undefined;
  /** The alert was raised before the device got its present key. */
  readonly ofEarlierKey?: true;
}

/**
 * CAP requires a reference to each earlier message. After a long evening the list keeps the alarm
 * and the newest updates.
 */
const UPDATES_NAMED_MAX = 15;
const NO_UPDATES: readonly EarlierReport[] = [];
const NO_PATHS: readonly string[] = [];
const NO_DELIVERIES: readonly DeliveryProgress[] = [];

/** One press and its history. Steps are separate facts: no step is inferred from another. */
export class Alert implements AlertView, AlertProgress {
  readonly id: string;
  readonly kind: AlertKind;
  readonly device: Device;
  readonly button: Button;
  readonly pattern: PressPattern;
  readonly identity: Identity;
  readonly ofEarlierKey: boolean;
  readonly authenticated: boolean;
  readonly exercise: Exercise | undefined;
  readonly raisedWallMs: WallMs;
  readonly ageSecondsMax: number | undefined;
  readonly capturedMs: MonoMs | undefined;
  /** The progress of each path that has joined. */
  deliveries: Iterable<DeliveryProgress> = NO_DELIVERIES;
  /** Paths that attempted it in an earlier run. */
  attemptedBefore: readonly string[] = NO_PATHS;
  /**
   * Doors of its building that are not secured now; `undefined`: its kind does not ask for them.
   */
  doors: readonly UnsecuredDoor[] | undefined;
  /** Number of the journal record that makes the press durable. */
  recordNumber = 0;
  /** Number of its first publication, until it is over. */
  publication: number | undefined = undefined;
  /** First byte handed to the network on any path. */
  sent: Step | undefined = undefined;
  /** The first receiver that acknowledged. */
  acknowledged: StepOnPath | undefined = undefined;
  /** A paging terminal or another relay has the alert, and that completes its plan. */
  handedOver: StepOnPath | undefined = undefined;
  durable: Step | undefined = undefined;
  published: Step | undefined = undefined;
  notConfirmed = false;
  /** Every path has finished with it, and no receiver has acknowledged. */
  undeliverable = false;
  closed: Closing | undefined = undefined;
  /** A step of it waits to be published. */
  isGathered = false;
  /** The group it is counted in. */
  group: AlertGroup | undefined = undefined;
  /** The last status sent to the wall. */
  wallStatus: WallStatus | undefined = undefined;
  #updates = NO_UPDATES;
  /** `undefined`: rebuilt on demand. */
  #report: Report | undefined;

  constructor(press: Press, report: Report, raisedWallMs: WallMs) {
    this.id = report.id;
    // Copied field by field: spreading them costs as much as the rest of raising an alert.
    this.kind = press.kind;
    this.device = press.device;
    this.button = press.button;
    this.pattern = press.pattern;
    this.identity = press.identity;
    this.ofEarlierKey = press.ofEarlierKey === true;
    this.authenticated = press.authenticated;
    this.exercise = report.exercise;
    this.capturedMs = press.capturedMs;
    this.raisedWallMs = raisedWallMs;
    this.ageSecondsMax = report.alert?.ageSecondsMax;
    this.doors = report.alert?.doors;
    this.#report = report;
  }

  get isSent(): boolean {
    return this.sent !== undefined;
  }

  /** The alarm. */
  get report(): Report {
    return this.#report ?? this.#alarm(undefined);
  }

  /** It keeps nothing that can be made again. */
  get isCompact(): boolean {
    return this.#report === undefined && this.deliveries instanceof FinishedDeliveries;
  }

  /** Updates sent about it so far, oldest first. */
  get updates(): readonly EarlierReport[] {
    return this.#updates;
  }

  /** Reports about it so far, the alarm first. */
  get earlier(): readonly EarlierReport[] {
    return [{ id: this.id, occurredMs: this.report.occurredMs }, ...this.#updates];
  }

  /** An update about it was made. */
  noteUpdate({ id, occurredMs }: EarlierReport): void {
    this.#updates = [...this.#updates, { id, occurredMs }].slice(-UPDATES_NAMED_MAX);
  }

  /** A path has finished with it. */
  noteFinished(progress: DeliveryProgress): void {
    if (this.deliveries instanceof FinishedDeliveries) this.deliveries = this.deliveries.with(progress);
  }

  /**
   * Drops what can be rebuilt, because a settled alert stays open for a day: the alarm, which
   * follows from the press and the site, and the queues' deliveries.
   *
   * @returns false if an attempt is still under way: try again later
   */
  compact(): boolean {
    if (!(this.deliveries instanceof FinishedDeliveries)) {
      const finished = FinishedDeliveries.of(this.deliveries);
      if (finished === undefined) return false;
      this.deliveries = finished;
    }
    const report = this.#report;
    if (report === undefined) return true;
    // After a change of the configuration, receivers still get the alert as they know it.
    const isSame = this.capturedMs !== undefined || isAlike(this.#alarm(report.alert?.doors), report);
    if (isSame) this.#report = undefined;
    return true;
  }

  /**
   * @param doors as they were when the alert was raised; reports about a settled alert name them as
   * they are now
   */
  #alarm(doors: readonly UnsecuredDoor[] | undefined): Report {
    const { id, kind, device, button, authenticated, ageSecondsMax, exercise, raisedWallMs: occurredMs } = this;
    return alarmReport({ id, kind, device, button, authenticated, ageSecondsMax, exercise, occurredMs, doors });
  }
}

/** The alert as MQTT clients see it. */
export function publishedAlert(alert: Alert): AlertDocument {
  return alertDocument(alert, alertState(alert), isNotConfirmed(alert));
}

/**
 * What the wall may show. `heard` and `sent` promise that the press survives a crash, so they wait
 * for the journal. `accepted` does not wait, because a receiver has the alert. `notConfirmed`
 * promises nothing.
 */
export function wallStatus(alert: Alert): WallStatus | undefined {
  if (alert.acknowledged !== undefined) return 'accepted';
  if (isNotConfirmed(alert)) return 'notConfirmed';
  if (alert.durable === undefined) return undefined;
  return alert.isSent ? 'sent' : 'heard';
}

/** Every step of the timeline has been taken in this run. */
export function timelineComplete({ sent, acknowledged, durable, published }: Alert): boolean {
  return isTimed(sent) && isTimed(acknowledged) && isTimed(durable) && isTimed(published);
}

function isTimed(step: Step | undefined): boolean {
  return step?.atMs !== undefined;
}

function isAlike(one: Report, other: Report): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * Paths that may have brought the alert to a receiver: those that attempted it, except those whose
 * receiver refused it.
 */
export function attemptedPaths({ deliveries, attemptedBefore }: Alert): readonly string[] {
  const paths = new Set<string>();
  for (const [path, { attempts, state }] of deliveries) if (attempts > 0 && state !== 'refused') paths.add(path);
  for (const path of attemptedBefore) paths.add(path);
  return [...paths];
}

/** No receiver is owed anything more. */
export function isSettled({ acknowledged, handedOver, undeliverable }: Alert): boolean {
  return acknowledged !== undefined || handedOver !== undefined || undeliverable;
}
