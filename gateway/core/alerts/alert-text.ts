import type { MonoMs, WallMs } from '../../../protocol/clocks.ts';
import type { PressPattern } from '../../../protocol/press-pattern.ts';
import type { Step, StepOnPath } from '../alert-progress.ts';
import { known } from '../invariant.ts';
import { alarmReport } from '../make-report.ts';
import type { EarlierReport } from '../report.ts';
import type { Identity, WallStatus } from '../signal.ts';
import type { Site } from '../site.ts';
import { Alert } from './alert.ts';
import { FinishedDeliveries } from './finished-deliveries.ts';
import type { OpenAlerts } from './open-alerts.ts';

/** What of a settled alert does not follow from the site. */
interface AlertText {
  readonly device: string;
  readonly button: number;
  readonly kind: string;
  readonly pattern: PressPattern;
  readonly identity: Identity;
  readonly ofEarlierKey?: true;
  readonly authenticated: boolean;
  readonly raisedWallMs: WallMs;
  readonly ageSecondsMax?: number;
  readonly capturedMs?: MonoMs;
  readonly deliveries: readonly (string | number)[];
  readonly attemptedBefore: readonly string[];
  readonly recordNumber: number;
  readonly publication?: number;
  readonly sent?: Step;
  readonly acknowledged?: StepOnPath;
  readonly handedOver?: StepOnPath;
  readonly durable?: Step;
  readonly published?: Step;
  readonly notConfirmed: boolean;
  readonly undeliverable: boolean;
  readonly wallStatus?: WallStatus;
  readonly updates: readonly EarlierReport[];
}

/**
 * The text of a compact alert that nobody walks by: alerts of drills end with their drill, and
 * those with doors are told when these change.
 *
 * @returns `undefined` if it has to stay as it is
 */
export function textOfAlert(alert: Alert, site: Site): string | undefined {
  const { device, button, kind, exercise, doors, closed, deliveries, durable } = alert;
  if (exercise !== undefined || doors !== undefined || closed !== undefined || durable === undefined) return undefined;
  if (!alert.isCompact || !(deliveries instanceof FinishedDeliveries)) return undefined;
  // The configuration may have lost where it came from.
  if (site.devices.get(device.id) !== device || site.kinds.get(kind.id) !== kind) return undefined;
  if (device.buttons.get(button.number) !== button) return undefined;
  const { pattern, identity, ofEarlierKey, authenticated, raisedWallMs, ageSecondsMax, capturedMs, attemptedBefore } =
    alert;
  const { recordNumber, publication, sent, acknowledged, handedOver, published } = alert;
  const { notConfirmed, undeliverable, wallStatus, updates } = alert;
  const text: { [name in keyof AlertText]: AlertText[name] | undefined } = {
    device: device.id,
    button: button.number,
    kind: kind.id,
    pattern,
    identity,
    ofEarlierKey: ofEarlierKey || undefined,
    authenticated,
    raisedWallMs,
    ageSecondsMax,
    capturedMs,
    deliveries: deliveries.flat,
    attemptedBefore,
    recordNumber,
    publication,
    sent,
    acknowledged,
    handedOver,
    durable,
    published,
    notConfirmed,
    undeliverable,
    wallStatus,
    updates,
  };
  return JSON.stringify(text);
}

/** The same alert again. */
export function alertOfText(id: string, json: string, site: Site, counts: Pick<OpenAlerts, 'groupOf'>): Alert {
  const text = JSON.parse(json) as AlertText;
  const device = known(site.devices, text.device, 'device');
  const button = known(device.buttons, text.button, 'button');
  const kind = known(site.kinds, text.kind, 'kind');
  const { pattern, identity, authenticated, ofEarlierKey, capturedMs, raisedWallMs, ageSecondsMax } = text;
  const earlier = ofEarlierKey === undefined ? {} : { ofEarlierKey };
  const press = { device, button, kind, pattern, identity, authenticated, capturedMs, ...earlier };
  const occurredMs = raisedWallMs;
  const report = alarmReport({
    id,
    kind,
    device,
    button,
    authenticated,
    ageSecondsMax,
    exercise: undefined,
    occurredMs,
    doors: undefined,
  });
  const alert = new Alert(press, report, raisedWallMs);
  alert.deliveries = new FinishedDeliveries(text.deliveries);
  alert.attemptedBefore = text.attemptedBefore;
  alert.recordNumber = text.recordNumber;
  alert.publication = text.publication;
  alert.sent = text.sent === undefined ? undefined : stepOf(text.sent);
  alert.acknowledged = text.acknowledged === undefined ? undefined : stepOnPathOf(text.acknowledged);
  alert.handedOver = text.handedOver === undefined ? undefined : stepOnPathOf(text.handedOver);
  alert.durable = text.durable === undefined ? undefined : stepOf(text.durable);
  alert.published = text.published === undefined ? undefined : stepOf(text.published);
  alert.notConfirmed = text.notConfirmed;
  alert.undeliverable = text.undeliverable;
  alert.wallStatus = text.wallStatus;
  for (const update of text.updates) alert.noteUpdate(update);
  // It has been counted there all the time.
  alert.group = counts.groupOf(alert);
  alert.compact();
  return alert;
}

/** JSON leaves out what is `undefined`: the time of a step of an earlier run. */
function stepOf({ atMs }: Step): Step {
  return { atMs };
}

function stepOnPathOf({ path, atMs }: StepOnPath): StepOnPath {
  return { path, atMs };
}
