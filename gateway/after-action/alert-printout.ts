import type { AlertAccount, AlertMode } from '../../protocol/after-action-document.ts';
import type { Block, Cell, Row, Table } from '../print/printout.ts';
import { byFloor } from './floors.ts';
import type { LocalTimes } from './local-times.ts';
import { afterPress, commander, NOT_RECORDED, pathLine } from './printed-values.ts';

/** One row for each alert, by building and floor. */
export function alertTable(caption: string, alerts: readonly AlertAccount[], times: LocalTimes): Table {
  const isOneDay = new Set(alerts.map(({ raised_at }) => times.date(raised_at))).size === 1;
  return {
    kind: 'table',
    caption,
    columns: [
      { title: 'Room and button', weight: 22 },
      { title: 'Pressed', weight: 13 },
      { title: 'First acknowledged', weight: 15 },
      { title: 'Each path', weight: 30 },
      { title: 'Ended', weight: 20 },
    ],
    rows: byFloor(alerts, (alert, room) => [
      `${room}\n${alert.kind_name}\n${alert.device} ${alert.button}`,
      isOneDay ? times.time(alert.raised_at) : `${times.date(alert.raised_at)}\n${times.time(alert.raised_at)}`,
      acknowledgement(alert),
      alert.paths.length === 0 ? noPath(alert) : alert.paths.map(pathLine).join('\n'),
      ending(alert, times),
    ]),
  };
}

function acknowledgement({ acknowledged, handed_over, not_confirmed }: AlertAccount): Cell {
  const late = not_confirmed === null ? '' : '\nNOT CONFIRMED at the deadline';
  if (acknowledged !== null) {
    const text = `${afterPress(acknowledged)}\nby ${acknowledged.path}${late}`;
    return { text, tone: late === '' ? 'good' : 'bad' };
  }
  if (handed_over !== null) {
    return { text: `never\nhanded over ${afterPress(handed_over)} by ${handed_over.path}${late}`, tone: 'unknown' };
  }
  return { text: `never${late}`, tone: 'bad' };
}

function noPath({ mode }: AlertAccount): Cell {
  const text = 'no attempt on any path';
  return mode === 'live' ? { text, tone: 'bad' } : `${text} (all of them may be for real alerts only)`;
}

function ending({ closed, state }: AlertAccount, times: LocalTimes): Cell {
  if (closed === null) return { text: 'open', tone: 'unknown' };
  return `${state} ${times.time(closed.at)}\nby ${commander(closed.by)}: ${closed.reason}`;
}

const CALLED: Readonly<Record<AlertMode, string>> = { live: 'Real alert', drill: 'Drill', test: 'Test' };

/** More names than this hide the rest of the page. JSON has all of them. */
const DOORS_MAX = 20;

interface Happened {
  readonly at: string;
  readonly after: string;
  readonly what: Cell;
}

/** Everything that the journal has of one alert, in the order of time. */
export function alertTimeline(alert: AlertAccount, times: LocalTimes): Block[] {
  const { id, mode, place, kind_name, authenticated, device, button, pattern, text } = alert;
  const happened = timeline(alert).toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return [
    { kind: 'heading', text: `${CALLED[mode]}: ${kind_name}, ${place.text || device}` },
    {
      kind: 'facts',
      rows: [
        { label: 'Alert', value: id },
        { label: 'Text to the receivers', value: text },
        { label: 'Button', value: `${device} ${button}, pressed: ${pattern}` },
        { label: 'Sender', value: authenticated ? 'proven by the device’s key' : 'not proven by a key' },
      ],
    },
    {
      kind: 'table',
      caption: 'What happened when. The second column counts from the moment the press was raised as an alert.',
      columns: [
        { title: 'Time', weight: 16 },
        { title: 'After the press', weight: 16 },
        { title: 'What happened', weight: 68 },
      ],
      rows: [
        ...happened.map(({ at, after, what }) => [times.timeInTenths(at), after, what]),
        ...unrecorded(alert).map((what): Row => [NOT_RECORDED, '', what]),
      ],
    },
  ];
}

function timeline(alert: AlertAccount): Happened[] {
  const { raised_at, acknowledged, not_confirmed, doors, doors_secured, closed, state } = alert;
  const firstAck = acknowledged?.path;
  const all: Happened[] = [{ at: raised_at, after: '0', what: 'Pressed, and raised as an alert' }];
  const add = (step: { readonly at: string; readonly after_ms: number | null } | null, what: Cell) => {
    if (step !== null) all.push({ at: step.at, after: afterPress(step), what });
  };
  for (const { path, first_attempt, first_byte, acknowledged: ack, handed_over, failures } of alert.paths) {
    const ended = failures.map(
      ({ outcome, count, detail }) => `${outcome} ×${count}${detail === null ? '' : ` (${detail})`}`,
    );
    const failed = ended.length === 0 ? '' : `; attempts that failed: ${ended.join('; ')}`;
    add(first_attempt, `${path}: first attempt${failed}`);
    add(first_byte, `${path}: first byte sent`);
    add(handed_over, `${path}: handed over; that proves no reader`);
    const first = path === firstAck ? ' (the first acknowledgement)' : '';
    add(ack, { text: `${path}: acknowledged by the receiver${first}`, tone: 'good' });
  }
  add(not_confirmed, { text: 'NOT CONFIRMED: the deadline passed without an acknowledgement', tone: 'bad' });
  for (const step of doors ?? []) {
    if (step.not_secured.length === 0) continue;
    const names = step.not_secured.slice(0, DOORS_MAX).map(({ name, state: is }) => `${name} ${is}`);
    const more = step.not_secured.length - names.length;
    if (more > 0) names.push(`and ${more} more`);
    add(step, `Doors not secured: ${names.join(', ')}`);
  }
  add(doors_secured, { text: 'Doors: none left that is not secured', tone: 'good' });
  if (closed !== null)
    add(closed, `${state === 'cancelled' ? 'Cancelled' : 'Resolved'} by ${commander(closed.by)}: ${closed.reason}`);
  return all;
}

function unrecorded({ walls, doors, doors_secured, first_byte, first_attempt, closed }: AlertAccount): string[] {
  return [
    ...(walls === null ? ['What the wall showed: the journal does not keep it'] : []),
    ...(first_byte === null && first_attempt !== null ? ['When the first byte left'] : []),
    ...(doors === null ? ['Doors: this kind of alert lists none, or the building has none'] : []),
    ...(doors !== null && doors_secured === null ? ['When all doors were secured'] : []),
    ...(closed === null ? ['The end of the alert: it is open'] : []),
  ];
}

/** Needs more than a row: it was real, late or never acknowledged. */
export function needsTimeline({ mode, acknowledged, not_confirmed }: AlertAccount): boolean {
  return mode === 'live' || acknowledged === null || not_confirmed !== null;
}
