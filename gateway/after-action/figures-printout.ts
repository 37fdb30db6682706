import type {
  AfterActionDocument,
  AlertFigures,
  AlertMode,
  DeviceProof,
  PathAccount,
} from '../../protocol/after-action-document.ts';
import type { Block, Cell, Table } from '../print/printout.ts';
import { byFloor } from './floors.ts';
import type { LocalTimes } from './local-times.ts';
import { counted, duration, MODE_NAMES, NOT_RECORDED, spread } from './printed-values.ts';

const MODES: readonly AlertMode[] = ['live', 'drill', 'test'];

/** Drill, test and real apart, beside what the site must hold. */
export function figuresBlocks({ figures, limits }: AfterActionDocument): Block[] {
  const deadline = limits === null ? undefined : limits.not_confirmed_ms;
  const row = (label: string, value: (of: AlertFigures, mode: AlertMode) => Cell) => {
    return [label, ...MODES.map((mode) => value(figures[mode], mode))];
  };
  const held = deadline === undefined ? 'the deadline (not known)' : duration(deadline);
  const rows = [
    row('Alerts', ({ alerts }) => String(alerts)),
    row('Acknowledged by a receiver', ({ acknowledged, alerts }) => `${acknowledged} of ${alerts}`),
    row(`Acknowledged within ${held}`, inTime),
    row('Handed over only (a pager’s terminal)', ({ handed_over }) => String(handed_over)),
    row('Neither', ({ unanswered }, mode) => bad(unanswered, mode === 'live')),
    row('NOT CONFIRMED at the deadline', ({ not_confirmed }) => bad(not_confirmed, true)),
    row('First acknowledgement after: fastest · median · slowest', ({ first_acknowledgement_ms: times }) =>
      spread(times),
    ),
  ];
  const limit =
    limits === null
      ? []
      : [
          `The site must hold: the next path joins after ${duration(limits.next_path_ms)} without an acknowledgement, and ` +
            `an alert without one after ${duration(limits.not_confirmed_ms)} is NOT CONFIRMED.`,
        ];
  return [
    { kind: 'heading', text: 'Figures' },
    ...limit.map((text): Block => ({ kind: 'paragraph', text })),
    {
      kind: 'table',
      caption: 'Real alerts, drills and tests, each by itself',
      columns: [{ title: '', weight: 40 }, ...MODES.map((mode) => ({ title: CAPTIONS[mode], weight: 20 }))],
      rows,
    },
  ];
}

const CAPTIONS: Readonly<Record<AlertMode, string>> = { live: 'Real', drill: 'Drill', test: 'Test' };

function inTime({ in_time, acknowledged, alerts }: AlertFigures): Cell {
  if (in_time === null) return NOT_RECORDED;
  const text = `${in_time} of ${alerts}`;
  if (alerts === 0) return text;
  return { text, tone: in_time === alerts && acknowledged === alerts ? 'good' : 'bad' };
}

function bad(count: number, isBad: boolean): Cell {
  return count > 0 && isBad ? { text: String(count), tone: 'bad' } : String(count);
}

export function pathBlocks({ paths, about }: AfterActionDocument, times: LocalTimes): Block[] {
  const over = about.kind === 'period' ? 'in the period' : 'in the 30 days up to the end of the report';
  const observed = paths[0]?.observed_ms ?? 0;
  const table: Table = {
    kind: 'table',
    caption: `Reports of all kinds, ${over}. Answers: fastest · median · slowest`,
    columns: [
      { title: 'Path', weight: 14 },
      { title: 'Available', weight: 14 },
      { title: 'Down or not proven', weight: 20 },
      { title: 'Attempts', weight: 20 },
      { title: 'Acknowledged after', weight: 16 },
      { title: 'Last acknowledged', weight: 16 },
    ],
    rows: paths.map((path) => [
      path.path,
      availability(path),
      outages(path),
      attempts(path),
      spread(path.answer_ms),
      path.last_acknowledged_at === null ? NOT_RECORDED : times.both(path.last_acknowledged_at),
    ]),
  };
  const known = `The journal shows that the gateway ran for ${duration(observed)} of this time. Availability is of that time.`;
  return [{ kind: 'heading', text: 'Paths' }, { kind: 'paragraph', text: known }, table];
}

function availability({ available_percent, is_down }: PathAccount): Cell {
  if (available_percent === null) return NOT_RECORDED;
  const text = `${available_percent} %${is_down ? '\ndown at the end' : ''}`;
  return is_down ? { text, tone: 'bad' } : text;
}

function outages({ outages: count, down_ms, longest_ms }: PathAccount): string {
  if (count === 0) return 'never';
  return `${counted(count, 'time')}, ${duration(down_ms)} in all, longest ${duration(longest_ms)}`;
}

function attempts({ attempts: count, acknowledged, handed_over, failed }: PathAccount): string {
  const ends = [
    `${acknowledged} acknowledged`,
    ...(handed_over > 0 ? [`${handed_over} handed over`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return `${count}: ${ends.join(', ')}`;
}

/** Devices that were never proven come first. */
export function deviceBlocks({ devices, journal }: AfterActionDocument, times: LocalTimes): Block[] {
  const never = devices.filter(({ last_acknowledged }) => last_acknowledged === null);
  const since = journal.first_at === null ? '' : ` since ${times.date(journal.first_at)}`;
  const columns = [
    { title: 'Room', weight: 34 },
    { title: 'Device', weight: 18 },
    { title: 'Last acknowledged press', weight: 26 },
    { title: 'By', weight: 22 },
  ];
  const summary =
    never.length === 0
      ? `Each of ${counted(devices.length, 'device')} has had a press that a receiver acknowledged.`
      : `${never.length} of ${counted(devices.length, 'device')} had no press that a receiver acknowledged${since}.`;
  const all = devices.toSorted((a, b) => (a.last_acknowledged?.at ?? '').localeCompare(b.last_acknowledged?.at ?? ''));
  return [
    { kind: 'heading', text: 'Last full test of each device' },
    { kind: 'paragraph', text: summary, ...(never.length > 0 && { tone: 'bad' as const }) },
    {
      kind: 'table',
      caption: 'From the press to a receiver’s acknowledgement, the longest ago first on each floor',
      columns,
      rows: byFloor(all, (device, room) => [room, device.device, ...proofCells(device, times)]),
    },
  ];
}

function proofCells({ last_acknowledged, last_press }: DeviceProof, times: LocalTimes): [Cell, Cell] {
  if (last_acknowledged === null) {
    const pressed = last_press === null ? '' : `, pressed ${times.both(last_press.at)}`;
    return [{ text: `none recorded${pressed}`, tone: 'bad' }, ''];
  }
  const { at, mode, path } = last_acknowledged;
  return [times.both(at), `${path} (${MODE_NAMES[mode]})`];
}
