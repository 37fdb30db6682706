import type { MonoMs, WallMs } from '../../../protocol/clocks.ts';
import type { PressPattern } from '../../../protocol/press-pattern.ts';
import type { Step, StepOnPath } from '../alert-progress.ts';
import type { DeliveryView } from '../documents.ts';
import { invariant, known } from '../invariant.ts';
import { alarmReport } from '../make-report.ts';
import type { WallStatus } from '../signal.ts';
import type { Site } from '../site.ts';
import { Alert, type Press } from './alert.ts';
import { type DeliveryProgress, FinishedDeliveries } from './finished-deliveries.ts';
import type { OpenAlerts } from './open-alerts.ts';
import { PackedReader, PackedWriter } from './packed-fields.ts';

/** In place of what is `undefined`. */
const NONE = Number.NaN;
/** In place of the time of a step of an earlier run. */
const EARLIER_RUN = Number.NEGATIVE_INFINITY;
const NO_NAME = 0;

const AUTHENTICATED = 1;
const OF_EARLIER_KEY = 2;
const NOT_CONFIRMED = 4;
const UNDELIVERABLE = 8;
const HANDED_OVER = 16;
const OF_LATER_KEY = 32;

/** An alert with more paths, or a site with more names than the fields can tell, stays as it is. */
const PATHS_MAX = 100;
const SHORT_MAX = 65_535;
const WHOLE_MAX = 4_294_967_294;

/** Packs what of a settled alert does not follow from the site, and makes it an alert again. */
export class AlertPacker {
  readonly #writer = new PackedWriter();
  /** Ids of the configuration, and the few states and patterns. The first means none. */
  readonly #names = [''];
  readonly #numbers = new Map<string, number>();

  /**
   * Packs a compact alert that nobody walks by: alerts of drills end with their drill, and those
   * with doors are told when these change.
   *
   * @returns `undefined` if it has to stay as it is
   */
  pack(alert: Alert, site: Site): string | undefined {
    if (!isPackable(alert, site) || this.#names.length > SHORT_MAX - 4 * PATHS_MAX) return undefined;
    const { identity, acknowledged, handedOver, attemptedBefore } = alert;
    const deliveries = [...alert.deliveries];
    if (deliveries.length + attemptedBefore.length > PATHS_MAX) return undefined;
    const writer = this.#writer;
    this.#writeName(alert.device.id);
    writer.short(alert.button.number);
    this.#writeName(alert.kind.id);
    this.#writeName(alert.pattern);
    writer.whole(identity.epoch);
    writer.whole(identity.counter);
    writer.short(flagsOf(alert));
    if (identity.generation !== undefined) writer.whole(identity.generation);
    writer.number(alert.raisedWallMs);
    writer.whole(wholeOf(alert.ageSecondsMax));
    writer.number(alert.capturedMs ?? NONE);
    writer.whole(alert.recordNumber);
    writer.whole(wholeOf(alert.publication));
    this.#writeName(alert.wallStatus);
    writer.number(timeOf(alert.sent));
    this.#writeName(acknowledged?.path);
    writer.number(timeOf(acknowledged));
    if (handedOver !== undefined) this.#writeName(handedOver.path);
    if (handedOver !== undefined) writer.number(timeOf(handedOver));
    writer.number(timeOf(alert.durable));
    writer.number(timeOf(alert.published));
    writer.short(deliveries.length);
    for (const delivery of deliveries) this.#writeDelivery(delivery);
    writer.short(attemptedBefore.length);
    for (const path of attemptedBefore) this.#writeName(path);
    return writer.take();
  }

  /** The same alert again. */
  unpack(id: string, packed: string, site: Site, counts: Pick<OpenAlerts, 'groupOf'>): Alert {
    const reader = new PackedReader(packed);
    const device = known(site.devices, this.#readName(reader), 'device');
    const button = known(device.buttons, reader.short(), 'button');
    const kind = known(site.kinds, this.#readName(reader), 'kind');
    const pattern = this.#readName(reader) as PressPattern;
    const [epoch, counter, flags] = [reader.whole(), reader.whole(), reader.short()];
    const isOfLaterKey = (flags & OF_LATER_KEY) !== 0;
    const identity = isOfLaterKey ? { epoch, counter, generation: reader.whole() } : { epoch, counter };
    const occurredMs = reader.number() as WallMs;
    const ageSecondsMax = presentOf(reader.whole());
    const captured = reader.number();
    const capturedMs = Number.isNaN(captured) ? undefined : (captured as MonoMs);
    const authenticated = (flags & AUTHENTICATED) !== 0;
    const earlier = (flags & OF_EARLIER_KEY) === 0 ? {} : ({ ofEarlierKey: true } as const);
    const press: Press = { device, button, kind, pattern, identity, authenticated, capturedMs, ...earlier };
    const details = { id, kind, device, button, authenticated, ageSecondsMax, occurredMs };
    const alert = new Alert(press, alarmReport({ ...details, exercise: undefined, doors: undefined }), occurredMs);
    alert.notConfirmed = (flags & NOT_CONFIRMED) !== 0;
    alert.undeliverable = (flags & UNDELIVERABLE) !== 0;
    alert.recordNumber = reader.whole();
    alert.publication = presentOf(reader.whole());
    alert.wallStatus = this.#readName(reader) as WallStatus | undefined;
    alert.sent = stepOf(reader.number());
    alert.acknowledged = stepOnPathOf(this.#readName(reader), reader.number());
    const isHandedOver = (flags & HANDED_OVER) !== 0;
    if (isHandedOver) alert.handedOver = stepOnPathOf(this.#readName(reader), reader.number());
    alert.durable = stepOf(reader.number());
    alert.published = stepOf(reader.number());
    const deliveries = Array.from({ length: reader.short() }, () => this.#readDelivery(reader));
    alert.deliveries = FinishedDeliveries.of(deliveries) ?? deliveries;
    alert.attemptedBefore = Array.from({ length: reader.short() }, () => this.#readName(reader) ?? '');
    // It has been counted there all the time.
    alert.group = counts.groupOf(alert);
    alert.compact();
    return alert;
  }

  #writeDelivery([path, { state, attempts, sequence }]: DeliveryProgress): void {
    this.#writeName(path);
    this.#writeName(state);
    this.#writer.whole(attempts);
    this.#writer.short(sequence);
  }

  #readDelivery(reader: PackedReader): DeliveryProgress {
    const path = this.#readName(reader) ?? '';
    const state = this.#readName(reader) as DeliveryView['state'];
    return [path, { state, attempts: reader.whole(), sequence: reader.short() }];
  }

  #writeName(name: string | undefined): void {
    this.#writer.short(name === undefined ? NO_NAME : this.#numberOf(name));
  }

  #readName(reader: PackedReader): string | undefined {
    const number = reader.short();
    const name = this.#names[number];
    invariant(name !== undefined, `a packed alert has an unknown name: ${number}`);
    return number === NO_NAME ? undefined : name;
  }

  #numberOf(name: string): number {
    const present = this.#numbers.get(name);
    if (present !== undefined) return present;
    this.#numbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }
}

function isPackable(alert: Alert, { devices, kinds }: Site): boolean {
  const { device, button, kind, identity, exercise, doors, closed, durable, updates } = alert;
  if (exercise !== undefined || doors !== undefined || closed !== undefined || durable === undefined) return false;
  if (!alert.isCompact || updates.length > 0 || Math.max(identity.epoch, identity.counter) > WHOLE_MAX) return false;
  // The configuration may have lost where it came from.
  const isHere = devices.get(device.id) === device && kinds.get(kind.id) === kind;
  return isHere && device.buttons.get(button.number) === button && button.number <= SHORT_MAX;
}

function flagsOf({ authenticated, ofEarlierKey, notConfirmed, undeliverable, handedOver, identity }: Alert): number {
  return (
    (authenticated ? AUTHENTICATED : 0) +
    (ofEarlierKey ? OF_EARLIER_KEY : 0) +
    (notConfirmed ? NOT_CONFIRMED : 0) +
    (undeliverable ? UNDELIVERABLE : 0) +
    (handedOver === undefined ? 0 : HANDED_OVER) +
    (identity.generation === undefined ? 0 : OF_LATER_KEY)
  );
}

/** One more than the number; 0: it is `undefined`. */
function wholeOf(number: number | undefined): number {
  return number === undefined ? 0 : number + 1;
}

function presentOf(whole: number): number | undefined {
  return whole === 0 ? undefined : whole - 1;
}

function timeOf(step: Step | undefined): number {
  return step === undefined ? NONE : (step.atMs ?? EARLIER_RUN);
}

function stepOf(time: number): Step | undefined {
  if (Number.isNaN(time)) return undefined;
  return { atMs: time === EARLIER_RUN ? undefined : (time as MonoMs) };
}

function stepOnPathOf(path: string | undefined, time: number): StepOnPath | undefined {
  const step = stepOf(time);
  return step === undefined || path === undefined ? undefined : { path, atMs: step.atMs };
}
