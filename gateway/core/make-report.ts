import type { WallMs } from '../../protocol/clocks.ts';
import type { EarlierReport, Exercise, Report, ReportClass, ReportedAlert, UnsecuredDoor } from './report.ts';
import { unknownLocks } from './report-text.ts';
import type { AlertKind, Button, Device } from './site.ts';
import { TROUBLE_TYPES, type TroubleTypeName } from './trouble-types.ts';

/** Contact ID 406 / SIA OC: cancel by a user. */
const CANCEL = { sia: 'OC', contactId: '406' } as const;
/**
 * Contact ID 601 / SIA RX: manual test. However a receiver handles a drill, the code is never an
 * alarm's.
 */
const EXERCISE = { sia: 'RX', contactId: '601' } as const;
const UNTYPED = { sia: 'YX', siaRestore: 'YZ', contactId: '380' } as const;
/** Contact ID 602 / SIA RP: periodic test. */
const PERIODIC_TEST = { sia: 'RP', contactId: '602' } as const;

/** Contact ID 607: walk test mode. */
const WALK_TEST_MODE = '607';

interface AlarmDetails {
  readonly id: string;
  readonly kind: AlertKind;
  readonly device: Device;
  readonly button: Button;
  readonly authenticated: boolean;
  /** It may have waited for so long; absent: it is fresh. */
  readonly ageSecondsMax?: number | undefined;
  readonly occurredMs: WallMs;
  readonly exercise: Exercise | undefined;
  /** If the kind of alert asks for doors: those that are not secured. */
  readonly doors: readonly UnsecuredDoor[] | undefined;
}

/** Comes before everything else in the text, so that nobody takes the report for real. */
export function exerciseMark(exercise: Exercise | undefined): string {
  return exercise === undefined ? '' : `${exercise.toUpperCase()}: `;
}

/**
 * Plain language, most important first. The text says that a report has no proof of its sender
 * where that is a reason for doubt: the device could have proved itself. A bare contact never can.
 */
export function alarmReport(details: AlarmDetails): Report {
  const { exercise, kind, device, authenticated } = details;
  const isDoubtful = device.marksUnauthenticated ?? device.keyFingerprint !== undefined;
  const doubt = !authenticated && isDoubtful ? ' (unauthenticated)' : '';
  const { sia, contactId } = exercise === undefined ? kind : EXERCISE;
  const report: { -readonly [field in keyof Report]: Report[field] } = {
    id: details.id,
    class: 'alarm',
    sia,
    contactId,
    qualifier: 1,
    zone: details.button.zone,
    area: device.area,
    text: `${exerciseMark(exercise)}${kind.name}, ${device.location.text}${doubt}${lateMark(details)}`,
    occurredMs: details.occurredMs,
    alert: reportedAlert(details),
  };
  if (exercise !== undefined) report.exercise = exercise;
  return report;
}

/** A younger press is not worth a word: somebody is on the way either way. */
const LATE_SECONDS = 10;

/** Whoever comes should know that it may have happened a while ago. */
function lateMark({ ageSecondsMax = 0 }: AlarmDetails): string {
  if (ageSecondsMax < LATE_SECONDS) return '';
  const minutes = Math.ceil(ageSecondsMax / 60);
  return ` (may be up to ${ageSecondsMax <= 120 ? `${ageSecondsMax} s` : `${minutes} min`} old)`;
}

function reportedAlert({ id, kind, device, authenticated, ageSecondsMax, doors }: AlarmDetails): ReportedAlert {
  const { building, floor, room, text: place } = device.location;
  // Field by field: objects that are spread cost a tenth of a press.
  const alert: { -readonly [field in keyof ReportedAlert]: ReportedAlert[field] } = {
    id,
    kind: kind.id,
    kindName: kind.name,
    category: kind.category,
    device: device.id,
    building,
    floor,
    room,
    place,
    authenticated,
    earlier: [],
  };
  if (kind.action !== undefined) alert.action = kind.action;
  if (ageSecondsMax !== undefined) alert.ageSecondsMax = ageSecondsMax;
  if (doors !== undefined) alert.doors = doors;
  return alert;
}

/** A later report about the same alert. `earlier`: the reports about it so far, the alarm first. */
interface News {
  readonly earlier: readonly EarlierReport[];
  readonly atMs: WallMs;
}

/** The doors of the alert's building have changed. */
export function doorsReport(alarm: Report, id: string, doors: readonly UnsecuredDoor[], news: News): Report {
  const { alert, exercise, text } = alarm;
  const mark = exerciseMark(exercise);
  return {
    ...alarm,
    id,
    class: 'update',
    text: `${mark}${doorsInShort(doors)}: ${text.slice(mark.length)}`,
    occurredMs: news.atMs,
    follows: alarm.id,
    ...(alert === undefined ? {} : { alert: { ...alert, doors, earlier: news.earlier } }),
  };
}

/** Says no more than is known: closed is not locked. */
function doorsInShort(doors: readonly UnsecuredDoor[]): string {
  if (doors.length === 0) return 'All doors secured';
  if (doors.some(({ state }) => state !== 'closed')) return 'Doors';
  return `All doors closed, ${unknownLocks(doors.length)}`;
}

/**
 * Tells the receivers that the alert of `alarm` has ended: a restore if it was resolved, a cancel
 * if it was raised in error.
 */
export function closingReport(alarm: Report, kind: AlertKind, closed: Closing, news: News): Report {
  const resolved = closed.state === 'resolved';
  const { exercise } = alarm;
  const mark = exerciseMark(exercise);
  const codes = resolved ? { sia: kind.siaRestore, contactId: kind.contactId } : CANCEL;
  return {
    ...alarm,
    id: `${alarm.id}.${resolved ? 'restore' : 'cancel'}`,
    class: resolved ? 'restore' : 'cancel',
    ...(exercise === undefined ? codes : EXERCISE),
    qualifier: resolved ? 3 : 1,
    text: `${mark}${resolved ? 'Resolved' : 'Cancelled'}: ${alarm.text.slice(mark.length)}`,
    occurredMs: news.atMs,
    follows: alarm.id,
    ...(alarm.alert === undefined ? {} : { alert: closedAlert(alarm.alert, closed, news) }),
  };
}

export interface Closing {
  readonly state: 'resolved' | 'cancelled';
  readonly by: string;
  readonly reason: string;
}

function closedAlert(alert: ReportedAlert, { by, reason }: Closing, { earlier }: News): ReportedAlert {
  const { doors: _, ...rest } = alert;
  return { ...rest, earlier, by, reason };
}

interface TroubleDetails {
  readonly id: string;
  readonly type: TroubleTypeName;
  readonly text: string;
  readonly zone: number;
  readonly area: number;
  readonly occurredMs: WallMs;
}

/** The id of the report about a trouble, its end or a notice. */
export function troubleReportId({ id, state }: { readonly id: string; readonly state: string }): string {
  return state === 'restored' ? `${id}.restore` : id;
}

export function troubleReport(details: TroubleDetails, state: 'standing' | 'restored'): Report {
  // A trouble kept by another version of the gateway may be of a type this one does not know.
  const type = Object.hasOwn(TROUBLE_TYPES, details.type) ? TROUBLE_TYPES[details.type] : UNTYPED;
  const restored = state === 'restored';
  const reportClass: ReportClass = restored ? 'troubleRestore' : 'trouble';
  return {
    id: troubleReportId({ id: details.id, state }),
    class: reportClass,
    sia: restored ? type.siaRestore : type.sia,
    contactId: type.contactId,
    qualifier: restored ? 3 : 1,
    zone: details.zone,
    area: details.area,
    text: restored ? `Restored: ${details.text}` : details.text,
    occurredMs: details.occurredMs,
    ...(restored ? { follows: details.id } : {}),
  };
}

export function periodicTestReport(id: string, occurredMs: WallMs): Report {
  return {
    id,
    class: 'test',
    ...PERIODIC_TEST,
    qualifier: 1,
    zone: 0,
    area: 0,
    text: 'TEST: periodic test',
    exercise: 'test',
    occurredMs,
  };
}

/** A drill begins or ends: SIA TS/TE, Contact ID 607 (test mode). */
export function drillReport(id: string, state: 'running' | 'ended', words: string, occurredMs: WallMs): Report {
  const running = state === 'running';
  const text = `DRILL: drill ${running ? 'started' : 'ended'}, ${words}`;
  const codes = { sia: running ? 'TS' : 'TE', contactId: WALK_TEST_MODE, qualifier: running ? 1 : 3 } as const;
  return { id, class: 'test', ...codes, zone: 0, area: 0, text, exercise: 'drill', occurredMs };
}

/** A walk test begins, gets another end, or ends: Contact ID 607 (walk test mode), SIA TS/TE. */
export function walkTestReport(
  id: string,
  event: 'started' | 'extended' | 'ended',
  detail: string,
  occurredMs: WallMs,
): Report {
  const isEnd = event === 'ended';
  const codes = { sia: isEnd ? 'TE' : 'TS', contactId: WALK_TEST_MODE, qualifier: isEnd ? 3 : 1 } as const;
  const text = `TEST: walk test ${event}, ${detail}`;
  return { id, class: 'test', ...codes, zone: 0, area: 0, text, exercise: 'test', occurredMs };
}

/** Is it the report of the beginning or end of a walk test? */
export function isWalkTestReport({ class: reportClass, contactId, exercise }: Report): boolean {
  return reportClass === 'test' && exercise === 'test' && contactId === WALK_TEST_MODE;
}

/** A canary press was heard. */
export function canaryReport(id: string, zone: number, place: string, occurredMs: WallMs): Report {
  const text = `TEST: canary press, ${place}`;
  return { id, class: 'test', ...EXERCISE, qualifier: 1, zone, area: 0, text, exercise: 'test', occurredMs };
}
