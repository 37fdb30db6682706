import type { MonoMs, WallMs } from '../../protocol/clocks.ts';
import type {
  AlertDocument,
  AlertPathState,
  DeviceDocument,
  DoorDocument,
  DrillDocument,
  EventDocument,
  InputDocument,
  PathDocument,
  Timeline,
  TroubleDocument,
  TroubleSubject,
} from '../../protocol/mqtt-documents.ts';
import type { PressPattern } from '../../protocol/press-pattern.ts';
import type { AlertState, DoorState, LinkState, PointState, Supervised } from '../../protocol/states.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import type { Step } from './alert-progress.ts';
import type { Report, UnsecuredDoor } from './report.ts';
import type { InputCounters, Reception } from './signal.ts';
import type { AlertKind, Button, Device, Door, Location, Point, Site } from './site.ts';
import { TROUBLE_RANKS } from './trouble-ranks.ts';
import type { TroubleTypeName } from './trouble-types.ts';

/*
 * The documents that MQTT clients read, made from the state of the deciders. Nothing is decided
 * here.
 */

/** What an alert's document is made from. */
export interface AlertView {
  readonly id: string;
  readonly kind: AlertKind;
  readonly device: Device;
  readonly button: Button;
  readonly pattern: PressPattern;
  readonly authenticated: boolean;
  readonly report: Report;
  readonly raisedWallMs: WallMs;
  readonly ageSecondsMax: number | undefined;
  /** Monotonic; `undefined` for an alert raised before this run. */
  readonly capturedMs: MonoMs | undefined;
  readonly sent: Step | undefined;
  readonly acknowledged: Step | undefined;
  readonly durable: Step | undefined;
  readonly published: Step | undefined;
  readonly deliveries: Iterable<readonly [path: string, progress: DeliveryView]>;
  readonly doors: readonly UnsecuredDoor[] | undefined;
  readonly closed: { readonly by: string; readonly reason: string } | undefined;
}

export interface DeliveryView {
  readonly state: AlertPathState['state'] | 'gathered';
  readonly attempts: number;
  readonly sequence: number;
}

export function alertDocument(alert: AlertView, state: AlertState, notConfirmed: boolean): AlertDocument {
  const { location } = alert.device;
  // Of a settled alert it is made anew each time.
  const { exercise, text } = alert.report;
  // Field by field: objects that are spread cost a tenth of a press.
  const document: { -readonly [field in keyof AlertDocument]: AlertDocument[field] } = {
    id: alert.id,
    state,
    not_confirmed: notConfirmed,
    kind: alert.kind.id,
    kind_name: alert.kind.name,
    silent: alert.kind.silent,
    mode: exercise ?? 'live',
    device: alert.device.id,
    button: alert.button.id,
    pattern: alert.pattern,
    building: location.building,
    floor: location.floor,
    room: location.room,
    building_name: location.names.building,
    floor_name: location.names.floor,
    room_name: location.names.room,
    text,
    authenticated: alert.authenticated,
    raised_at: isoTime(alert.raisedWallMs),
    timeline: timeline(alert),
    paths: pathStates(alert.deliveries),
  };
  if (alert.ageSecondsMax !== undefined) document.age_seconds_max = alert.ageSecondsMax;
  if (alert.doors !== undefined) {
    document.doors_not_secured = alert.doors.map((door) => ({ door: door.id, name: door.name, state: door.state }));
  }
  if (alert.closed !== undefined) {
    document.closed_by = alert.closed.by;
    document.closed_reason = alert.closed.reason;
  }
  return document;
}

function timeline({ capturedMs, sent, acknowledged, durable, published }: AlertView): Timeline {
  const steps: { captured: 0 } & { -readonly [step in keyof Timeline]: Timeline[step] } = { captured: 0 };
  if (capturedMs === undefined) return steps;
  if (sent?.atMs !== undefined) steps.sent = microseconds(sent.atMs - capturedMs);
  if (acknowledged?.atMs !== undefined) steps.acknowledged = microseconds(acknowledged.atMs - capturedMs);
  if (durable?.atMs !== undefined) steps.journalled = microseconds(durable.atMs - capturedMs);
  if (published?.atMs !== undefined) steps.published = microseconds(published.atMs - capturedMs);
  return steps;
}

function pathStates(deliveries: AlertView['deliveries']): Record<string, AlertPathState> {
  const states: Record<string, AlertPathState> = {};
  for (const [path, { state, attempts, sequence }] of deliveries) {
    states[path] = { state: state === 'gathered' ? 'sending' : state, attempts, sequence };
  }
  return states;
}

/** A button event. */
export interface ButtonEvent {
  readonly id: string;
  readonly device: string;
  readonly type: 'press' | 'release';
  /** Its name in the configuration. */
  readonly button: string;
  readonly pattern?: PressPattern;
  /** The alert that the press raised. */
  readonly alert?: { readonly id: string; readonly kind: AlertKind; readonly report: Report };
  readonly capturedMs: MonoMs;
}

export function eventDocument(event: ButtonEvent, atMs: WallMs): EventDocument {
  const { id, device, type, button, pattern, alert, capturedMs } = event;
  const document: { -readonly [field in keyof EventDocument]: EventDocument[field] } = {
    event_id: id,
    device,
    type,
    button,
    at: isoTime(atMs),
    mono_ms: microseconds(capturedMs),
  };
  if (pattern !== undefined) document.pattern = pattern;
  if (alert === undefined) return document;
  document.alert = alert.id;
  document.kind = alert.kind.id;
  document.kind_name = alert.kind.name;
  document.mode = alert.report.exercise ?? 'live';
  document.text = alert.report.text;
  return document;
}

/** What a device has reported of itself. `null`: nothing yet. */
export interface ConditionValues {
  readonly tamper: boolean | null;
  readonly lowBattery: boolean | null;
  readonly batteryMv: number | null;
  readonly batteryPercent: number | null;
  readonly supplyMv: number | null;
  readonly silentMode: boolean | null;
}

interface DeviceKnown {
  readonly supervised: Supervised;
  readonly lastProvenWallMs: WallMs | undefined;
  readonly condition: ConditionValues;
  /** Messages with a value that the configuration does not name. */
  readonly notUnderstood: number;
  /** The latest reception at each input that hears it by radio. */
  readonly reception: Iterable<Reception>;
  stateOf(point: Point): PointState;
}

export function deviceDocument(
  device: Device,
  kinds: ReadonlyMap<string, AlertKind>,
  known: DeviceKnown,
): DeviceDocument {
  const { condition } = known;
  const { location } = device;
  return {
    device: device.id,
    input: device.input,
    buttons: Object.fromEntries(
      [...device.buttons.values()].map(({ id, kind }) => [id, { kind, kind_name: kinds.get(kind)?.name ?? kind }]),
    ),
    supervised: known.supervised,
    last_proven_at: isoOrNull(known.lastProvenWallMs),
    tamper: condition.tamper,
    low_battery: condition.lowBattery,
    battery_mv: condition.batteryMv,
    battery_percent: condition.batteryPercent,
    supply_mv: condition.supplyMv,
    silent_mode: condition.silentMode,
    wires_supervised: device.wiresSupervised,
    not_understood: known.notUnderstood,
    reception: Object.fromEntries(
      [...known.reception].map(({ input, rssiDbm, perMinute, trend }) => {
        return [input, { rssi_dbm: rssiDbm, per_minute: perMinute, trend }];
      }),
    ),
    points: Object.fromEntries(
      [...device.points.values()].map((point) => [point.id, { type: point.type, state: known.stateOf(point) }]),
    ),
    building: location.building,
    floor: location.floor,
    room: location.room,
    ...namesOf(location),
  };
}

/** The names beside the configuration ids. */
function namesOf({ names }: Location): Required<Pick<TroubleSubject, 'building_name' | 'floor_name' | 'room_name'>> {
  return { building_name: names.building, floor_name: names.floor, room_name: names.room };
}

export function doorDocument({ id, name, building }: Door, state: DoorState, sinceWallMs: WallMs): DoorDocument {
  return { door: id, name, building, state, since_at: isoTime(sinceWallMs) };
}

interface DrillKnown {
  readonly scope: string;
  readonly startedAt: WallMs;
  /** When it ends, or ended. */
  readonly endsAt: WallMs;
  readonly by: string;
  readonly reason: string;
}

export function drillDocument(drill: DrillKnown, state: DrillDocument['state']): DrillDocument {
  const { scope, startedAt, endsAt, by, reason } = drill;
  return { scope, state, started_at: isoTime(startedAt), ends_at: isoTime(endsAt), by, reason };
}

interface PathKnown {
  readonly state: LinkState;
  readonly lastProvenWallMs: WallMs | undefined;
  readonly lastCanaryWallMs: WallMs | undefined;
  readonly rttMs: number | undefined;
  readonly queued: number;
  readonly detail: string;
}

export function pathDocument(path: string, known: PathKnown): PathDocument {
  return {
    path,
    state: known.state,
    last_proven_at: isoOrNull(known.lastProvenWallMs),
    last_canary_at: isoOrNull(known.lastCanaryWallMs),
    rtt_ms: known.rttMs === undefined ? null : microseconds(known.rttMs),
    queued: known.queued,
    detail: known.detail,
  };
}

export function inputDocument(
  input: string,
  { state, detail }: { readonly state: LinkState; readonly detail: string },
  { framesHeard, framesRejected }: InputCounters,
  bridges: readonly { readonly topic: string; readonly state: LinkState }[],
): InputDocument {
  const states = Object.fromEntries(bridges.map(({ topic, state }) => [topic, state]));
  const known = { input, state, detail, frames_heard: framesHeard, frames_rejected: framesRejected };
  return bridges.length === 0 ? known : { ...known, bridges: states };
}

interface TroubleKnown {
  readonly id: string;
  readonly type: TroubleTypeName;
  readonly subject: string;
  readonly text: string;
  readonly detail?: string;
  readonly sinceWallMs: WallMs;
}

/** @param restoredWallMs absent: the trouble stands */
export function troubleDocument(trouble: TroubleKnown, site: Site, restoredWallMs?: WallMs): TroubleDocument {
  const { id, type, subject, text, detail, sinceWallMs } = trouble;
  const base = {
    id,
    type,
    ...subjectFields(type, subject, site),
    text,
    ...(detail === undefined ? {} : { detail }),
    since_at: isoTime(sinceWallMs),
  };
  if (restoredWallMs === undefined) return { ...base, state: 'standing' };
  return { ...base, state: 'restored', restored_at: isoTime(restoredWallMs) };
}

/** What the trouble is about, as far as the configuration still has it. */
function subjectFields(type: TroubleTypeName, subject: string, { devices, doors }: Site): TroubleSubject {
  // A trouble kept by another version of the gateway may be of a type this one does not know.
  if (!Object.hasOwn(TROUBLE_RANKS, type)) return { severity: 'major' };
  const [about, severity] = TROUBLE_RANKS[type];
  const [id = subject] = subject.split('.', 1);
  if (about === 'gateway') return { severity };
  if (about === 'device') {
    const location = devices.get(id)?.location;
    if (location === undefined) return { severity, device: id };
    const { building, floor, room } = location;
    return { severity, device: id, building, floor, room, ...namesOf(location) };
  }
  if (about !== 'door') return { severity, [about]: id };
  const building = doors.find((door) => door.id === id)?.building;
  return building === undefined ? { severity, door: id } : { severity, door: id, building };
}

function isoOrNull(wallMs: WallMs | undefined): string | null {
  return wallMs === undefined ? null : isoTime(wallMs);
}

/** Rounded to microseconds: the clock is no finer. */
function microseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
