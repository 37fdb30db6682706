import type { Place } from '../../protocol/after-action-document.ts';
import type {
  ProofBattery,
  ProofDocument,
  ProofKind,
  ProofSignal,
  WalkTestItem,
  WalkTestPlace,
} from '../../protocol/walk-test-document.ts';
import type { WalkTestReport } from '../../protocol/walk-test-report.ts';
import type { Block, Cell, Fact, Printout } from '../print/printout.ts';
import { byFloor } from './floors.ts';
import { journalBlocks } from './journal-printout.ts';
import type { LocalTimes } from './local-times.ts';
import { commander, counted, duration } from './printed-values.ts';

interface PlacedItem {
  readonly place: Place;
  readonly item: WalkTestItem;
}

/** The report of a walk test as it is printed and signed: what was never tested first. */
export function walkTestPrintout(report: WalkTestReport, times: LocalTimes): Printout {
  const { site, made_at, made_by, version, walk_test: test, journal } = report;
  const items = test.places.flatMap((place) => place.items.map((item) => ({ place: placeOf(place), item })));
  return {
    title: 'Walk test report',
    subtitle: site,
    language: 'en',
    footer: `Made ${times.both(made_at)} by ${made_by} with Callpoint ${version} from a verified journal`,
    blocks: [
      { kind: 'facts', rows: headFacts(report, times) },
      ...untestedBlocks(items, times),
      ...testedBlocks(items, times),
      { kind: 'heading', text: 'Remarks' },
      { kind: 'blanks', fields: [{ label: 'Observations, defects and repairs', lines: 3 }] },
      ...journalBlocks(journal, times),
      { kind: 'signatures', people: ['Tester', 'For the site'] },
    ],
  };
}

/** A reader looks for a room, or for the things that are in none. */
function placeOf({ building = '', floor = '', room = '', text }: WalkTestPlace): Place {
  return { building, floor, room, text };
}

function headFacts({ gateway, walk_test: test }: WalkTestReport, times: LocalTimes): Fact[] {
  const { scope, tester, by, reason, started_at, ends_at, state, ended_by, ended_reason, counts } = test;
  const total = counts.tested + counts.awaiting + counts.untested;
  const all: Cell = { text: `${counts.tested} of ${total}`, tone: counts.tested === total ? 'good' : 'bad' };
  const end: Cell =
    state === 'running'
      ? { text: `it still runs, until ${optional(ends_at, (at) => times.both(at))}`, tone: 'unknown' }
      : `${optional(ends_at, (at) => times.both(at))}, by ${commander(ended_by ?? 'gateway')}: ${ended_reason ?? ''}`;
  return [
    { label: 'Tested', value: all },
    { label: 'Scope', value: scope },
    { label: 'Tester', value: optional(tester, (name) => name) },
    {
      label: 'Started',
      value: `${optional(started_at, (at) => times.both(at))}, by ${commander(by ?? 'not recorded')}: ${reason ?? ''}`,
    },
    { label: 'Ended', value: end },
    { label: 'Walk test', value: optional(test.id, (id) => id) },
    { label: 'Gateway', value: gateway },
    { label: 'Times', value: `local, ${times.zoneOn(ends_at ?? started_at ?? '1970-01-01T00:00:00Z')}` },
  ];
}

function optional<T>(value: T | undefined, text: (value: T) => string): string {
  return value === undefined ? 'not recorded' : text(value);
}

function untestedBlocks(items: readonly PlacedItem[], times: LocalTimes): Block[] {
  const left = items.filter(({ item }) => item.state !== 'tested');
  const heading: Block = { kind: 'heading', text: 'Not tested' };
  if (left.length === 0) return [heading, { kind: 'paragraph', text: 'None: everything was tested.', tone: 'good' }];
  const text = `${counted(left.length, 'item')} of ${items.length} ${left.length === 1 ? 'was' : 'were'} not tested.`;
  return [
    heading,
    { kind: 'paragraph', text, tone: 'bad' },
    {
      kind: 'table',
      caption: 'Buttons, doors and outputs without a proof in this walk test',
      columns: [
        { title: 'Room', weight: 26 },
        { title: 'Item', weight: 28 },
        { title: 'What is missing', weight: 24 },
        { title: 'Last proof before', weight: 22 },
      ],
      rows: byFloor(left, ({ item }, room) => [room, item.name, missing(item), lastProof(item.earlier, times)]),
    },
  ];
}

function missing({ of, state, awaited }: WalkTestItem): Cell {
  if (state === 'awaiting') return { text: `started, and missing: ${awaited.join(', ')}`, tone: 'bad' };
  return { text: NEVER[of], tone: 'bad' };
}

const NEVER: Readonly<Record<WalkTestItem['of'], string>> = {
  button: 'never pressed',
  door: 'never opened and closed',
  output: 'never confirmed',
};

const KINDS: Readonly<Record<ProofKind, string>> = {
  walkTest: 'walk test',
  drill: 'drill',
  alert: 'real alert',
  use: 'daily use',
};

function lastProof(proof: ProofDocument | undefined, times: LocalTimes): Cell {
  if (proof === undefined) return { text: 'none recorded', tone: 'bad' };
  const tester = proof.tester === undefined ? '' : `, ${proof.tester}`;
  return `${times.date(proof.at)}\n${KINDS[proof.kind]}${tester}`;
}

function testedBlocks(items: readonly PlacedItem[], times: LocalTimes): Block[] {
  const tested = items.filter(({ item }) => item.proof !== undefined);
  const heading: Block = { kind: 'heading', text: 'Tested' };
  if (tested.length === 0) return [heading, { kind: 'paragraph', text: 'Nothing.', tone: 'bad' }];
  return [
    heading,
    {
      kind: 'table',
      caption: `${counted(tested.length, 'item')}: when and by whom, how well it was heard, and the paths that it proved`,
      columns: [
        { title: 'Room', weight: 18 },
        { title: 'Item', weight: 18 },
        { title: 'Tested', weight: 14 },
        { title: 'Signal', weight: 14 },
        { title: 'Battery', weight: 9 },
        { title: 'Paths proven', weight: 15 },
        { title: 'Before that', weight: 12 },
      ],
      rows: byFloor(tested, ({ item }, room) => [room, item.name, ...proofCells(item, times)]),
    },
  ];
}

function proofCells({ of, proof, earlier }: WalkTestItem, times: LocalTimes): readonly Cell[] {
  if (proof === undefined) return [];
  const before = earlier === undefined ? 'none recorded' : `${times.date(earlier.at)}\n${KINDS[earlier.kind]}`;
  return [
    `${times.date(proof.at)} ${times.time(proof.at)}\n${proof.tester ?? 'tester not recorded'}`,
    of === 'button' ? signalText(proof.signal) : '–',
    of === 'button' ? batteryCell(proof.battery) : '–',
    of === 'button' ? pathsCell(proof.paths) : '–',
    before,
  ];
}

function signalText(signal: ProofSignal | undefined): string {
  const { rssi_dbm, margin_db, repeats, bounces } = signal ?? {};
  const parts = [
    ...(rssi_dbm === undefined ? [] : [`${rssi_dbm} dBm`]),
    ...(margin_db === undefined ? [] : [`margin ${margin_db} dB`]),
    ...(repeats === undefined ? [] : [counted(repeats, 'repeat')]),
    ...(bounces === undefined ? [] : [counted(bounces, 'bounce')]),
  ];
  return parts.length === 0 ? 'not recorded' : parts.join('\n');
}

function batteryCell(battery: ProofBattery | undefined): Cell {
  const { mv, percent, low } = battery ?? {};
  const parts = [
    ...(percent === undefined ? [] : [`${percent} %`]),
    ...(mv === undefined ? [] : [`${(mv / 1000).toFixed(2)} V`]),
    ...(low === undefined ? [] : [low ? 'LOW' : 'good']),
  ];
  if (parts.length === 0) return 'not recorded';
  return low === true ? { text: parts.join('\n'), tone: 'bad' } : parts.join('\n');
}

function pathsCell(paths: ProofDocument['paths']): Cell {
  if (paths.length === 0) return { text: 'none takes tests: the press alone is proven', tone: 'unknown' };
  return paths.map(({ path, ms }) => (ms === undefined ? path : `${path} ${duration(ms)}`)).join('\n');
}
