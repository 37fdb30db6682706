import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { changeLine, walkTestScreen, walkTestText } from '../../../gateway/cli/walk-test/walk-test-text.ts';
import type { ProofDocument, WalkTestDocument, WalkTestItem } from '../../../protocol/walk-test-document.ts';

const NOW = new Date(2026, 10, 28, 14, 25, 12);
const AT = new Date(2026, 10, 28, 14, 25, 10).toISOString();

const PROOF: ProofDocument = {
  kind: 'walkTest',
  at: AT,
  tester: 'Maria Lopez',
  pattern: 'single',
  authenticated: false,
  signal: { rssi_dbm: -84, margin_db: -4, repeats: 2 },
  battery: { mv: 2310, low: true },
  paths: [{ path: 'central', ms: 38.2 }],
};

function button(name: string, changes: Partial<WalkTestItem> = {}): WalkTestItem {
  const [device = '', id = ''] = name.split('/');
  const about = {
    of: 'button',
    item: `button:${name}`,
    name: `${device} ${id} (Intruder)`,
    device,
    button: id,
  } as const;
  return {
    ...about,
    kind: 'intruder',
    kind_name: 'Intruder',
    silent: false,
    state: 'untested',
    awaited: [],
    ...changes,
  } as WalkTestItem;
}

const TESTED = button('tag-206/panic', { state: 'tested', proof: PROOF });

function walkTest(changes: Partial<WalkTestDocument> = {}): WalkTestDocument {
  const rooms = Array.from({ length: 30 }, (_, at) => ({
    building: 'A',
    floor: '2',
    room: String(210 + at),
    text: `Main building, Second floor, Rm ${210 + at} Classroom`,
    items: [button(`wb-${210 + at}/panic`)],
  }));
  const staff = { building: 'A', floor: '2', room: '206', text: 'Main building, Second floor, Rm 206 Staff room' };
  return {
    state: 'running',
    id: 'walk.1.1',
    scope: 'floor:A/2',
    started_at: new Date(2026, 10, 28, 14, 0, 0).toISOString(),
    ends_at: new Date(2026, 10, 28, 15, 0, 0).toISOString(),
    by: 'cli:root',
    tester: 'Maria Lopez',
    reason: 'commissioning',
    counts: { tested: 1, awaiting: 0, untested: 30 },
    last: TESTED,
    places: [{ ...staff, items: [TESTED] }, ...rooms],
    ...changes,
  };
}

describe.each([40, 80, 120])('at %i columns', (width) => {
  test('no line of the live screen or the list is wider, and both say it without colour', () => {
    for (const lines of [
      walkTestScreen(walkTest(), { width, now: NOW, rows: 30 }),
      walkTestText(walkTest(), { width, now: NOW }),
    ]) {
      const plain = lines.map(stripVTControlCharacters);
      expect(Math.max(...plain.map((line) => line.length))).toBeLessThanOrEqual(width);
      expect(plain.join(' ').replaceAll(/\s+/g, ' ')).toContain('RUNNING until 28 Nov 15:00:00 (35 min left)');
      expect(plain.join(' ')).toContain('1 of 31 tested');
      expect(plain.join(' ')).toContain('[ ]');
    }
  });

  test('the live screen fits its rows: the last press, then what is left, then how much more', () => {
    const lines = walkTestScreen(walkTest(), { width, now: NOW, rows: 30 }).map(stripVTControlCharacters);
    expect(lines.length).toBeLessThanOrEqual(30);
    const text = lines.join('\n');
    expect(text).toContain('TESTED 14:25:10');
    expect(text).toContain('4 dB too weak');
    expect(text).toContain('low battery 2.31 V');
    expect(text).toContain('2 repeats');
    expect(lines.slice(-2).join(' ')).toContain('more places');
  });
});

test('what waits says for what, and a silent button that the wall stays dark', () => {
  const waiting = button('wb-1/panic', { state: 'awaiting', awaited: ['acknowledgement of central'] });
  const silent = button('wb-2/panic', { silent: true } as Partial<WalkTestItem>);
  const places = [{ text: 'Rm 1', items: [waiting, silent] }];
  const lines = walkTestText(walkTest({ places }), { width: 120, now: NOW }).map(stripVTControlCharacters);
  expect(lines).toContain('  [~] wb-1 panic (Intruder), waits for acknowledgement of central');
  expect(lines).toContain('  [ ] wb-2 panic (Intruder), never proven, silent: the wall stays dark');
});

test('without a walk test it says how to start one, and what was proven when', () => {
  const earlier: ProofDocument = { kind: 'alert', at: new Date(2026, 10, 18).toISOString(), paths: [] };
  const document: WalkTestDocument = {
    state: 'none',
    scope: 'site',
    counts: { tested: 0, awaiting: 0, untested: 1 },
    places: [{ text: 'Rm 1', items: [button('wb-1/panic', { earlier })] }],
  };
  const text = walkTestText(document, { width: 80, now: NOW }).map(stripVTControlCharacters).join('\n');
  expect(text).toContain('callpoint walk-test start');
  expect(text).toContain('proven 11 d ago by a real alert');
});

test('a terminal that can’t be cleared gets one line for each change', () => {
  expect(stripVTControlCharacters(changeLine(walkTest(), 'Rm 206 Staff room', { width: 80, now: NOW }))).toBe(
    '14:25:10 [x] Rm 206 Staff room: tag-206 panic (Intruder), central 38 ms, -84 dBm, 4 dB too weak, 2 repeats, low battery 2.31 V (1 of 31 tested)',
  );
});
