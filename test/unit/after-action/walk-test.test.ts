import { describe, expect, test } from 'vitest';
import { LocalTimes } from '../../../gateway/after-action/local-times.ts';
import { WalkTestHistory } from '../../../gateway/after-action/walk-test-history.ts';
import { walkTestPrintout } from '../../../gateway/after-action/walk-test-printout.ts';
import type { JournalRecord } from '../../../gateway/core/journal-record.ts';
import type { ProvenRecord, WalkTestRecord } from '../../../gateway/core/proof-record.ts';
import type { Site } from '../../../gateway/core/site.ts';
import { type Block, cellText, isGroup } from '../../../gateway/print/printout.ts';
import { SensorWorld } from '../../simulation/sensor-world.ts';
import { device, output, path, site } from '../../simulation/site.ts';

const NAMES = { building: 'Annex', floor: 'Floor 1', room: 'Rm 201' };
const ANNEX = { building: 'B', floor: '1', room: '201', text: 'Annex, Floor 1, Rm 201', names: NAMES };
const SCHOOL: Site = {
  ...site([device(101), device(201, { location: ANNEX })], [path('central')]),
  doors: [{ id: 'd-101', name: 'Rm 101', building: 'A', zone: 1, area: 0, contact: { device: 'wb-101', point: 0 } }],
  outputs: [output('siren', 'bus-1')],
};
const HOUR = 3_600_000;

function walk(id: string, startedAt: number, changes: Partial<WalkTestRecord> = {}): WalkTestRecord {
  const times = { at: startedAt, startedAt, endsAt: startedAt + HOUR, leftMs: HOUR, commandedAt: startedAt };
  const who = { by: 'cli:root', tester: 'Maria', reason: 'yearly' };
  return { t: 'walkTest', id, scope: 'site', state: 'running', ...times, ...who, ...changes };
}

function proven(item: string, at: number, proof: Partial<ProvenRecord['proof']> = {}): ProvenRecord {
  return { t: 'proven', at, item, proof: { kind: 'walkTest', walkTest: 'w2', tester: 'Maria', paths: [], ...proof } };
}

function document(records: readonly JournalRecord[], known = SCHOOL, id?: string) {
  const history = new WalkTestHistory();
  for (const record of records) history.add(record);
  return history.document(known, id);
}

/** A proof outside of walk tests. */
function used(item: string, at: number, kind: 'use' | 'drill'): ProvenRecord {
  return { t: 'proven', at, item, proof: { kind, paths: [] } };
}

/** State of each item. */
function states(records: readonly JournalRecord[], known = SCHOOL) {
  const items = document(records, known)?.places.flatMap((place) => place.items) ?? [];
  return Object.fromEntries(items.map(({ item, state }) => [item, state]));
}

test('a door that has a room of its own is tested there, and not in that of the device that watches it', () => {
  const [door] = SCHOOL.doors;
  if (door === undefined) throw new Error('the school has a door');
  const moved = { ...SCHOOL, doors: [{ ...door, location: ANNEX }] };
  const roomsOf = (scope: string) => {
    const places = document([walk('w2', HOUR, { scope })], moved)?.places ?? [];
    return places.filter(({ items }) => items.some(({ item }) => item === 'door:d-101')).map(({ text }) => text);
  };
  expect(roomsOf('site')).toEqual(['Annex, Floor 1, Rm 201']);
  expect(roomsOf('building:B')).toEqual(['Annex, Floor 1, Rm 201']);
  expect(roomsOf('room:A/1/101')).toEqual([]);
});

describe('the items of a walk test', () => {
  const itemsOf = (scope: string, known: Site) => Object.keys(states([walk('w2', HOUR, { scope })], known));

  test('come in the order in which people count rooms, whatever the order of site.yaml', () => {
    const known = {
      ...SCHOOL,
      ...site([device(1010), device(201), device(101)], [path('central')]),
      doors: [],
      outputs: [],
    };
    const devices = itemsOf('site', known).map((item) => item.replace(/^button:|\/.*/g, ''));
    expect([...new Set(devices)]).toEqual(['wb-101', 'wb-201', 'wb-1010']);
  });

  test('a siren of the whole site belongs to its only building; of two buildings, to neither', () => {
    const one = { ...SCHOOL, ...site([device(101)], [path('central')]), outputs: SCHOOL.outputs };
    expect(itemsOf('building:A', one)).toContain('output:siren');
    expect(itemsOf('building:A', SCHOOL)).not.toContain('output:siren');
  });
});

describe('what a walk test proved', () => {
  test('is what has a proof in that walk test: a proof in use or in another one is none', () => {
    const records = [
      proven('button:wb-201/button-0', 1, { walkTest: 'w1' }),
      used('door:d-101', 2, 'use'),
      walk('w2', HOUR),
      proven('button:wb-101/button-0', HOUR + 1, { paths: [{ path: 'central', ms: 40 }] }),
    ];
    expect(states(records)).toEqual({
      'button:wb-101/button-0': 'tested',
      'button:wb-101/button-1': 'untested',
      'button:wb-201/button-0': 'untested',
      'button:wb-201/button-1': 'untested',
      'door:d-101': 'untested',
      'output:siren': 'untested',
    });
    expect(document(records)?.counts).toEqual({ tested: 1, awaiting: 0, untested: 5 });
  });

  test('a press that no receiver acknowledged is told from a button that nobody pressed', () => {
    const world = new SensorWorld({ ...SCHOOL, canary: { device: 'none', button: 0, intervalMs: 1, withinMs: 1 } });
    world.receiverAnswers = false;
    world.press('wb-101', 1);
    world.run(1000);
    const [alert] = world.journal.records.filter((record) => record.t === 'alert');
    if (alert === undefined) throw new Error('the press raised no alert');
    const asTest: JournalRecord = { ...alert, report: { ...alert.report, exercise: 'test' } };
    const started = walk('w2', alert.at - 1000);
    expect(states([started, asTest])['button:wb-101/button-0']).toBe('awaiting');
    // A real press is no test, and one from before the walk test is none of it.
    expect(states([started, alert])['button:wb-101/button-0']).toBe('untested');
    expect(states([asTest, walk('w2', alert.at + 1)])['button:wb-101/button-0']).toBe('untested');
  });

  test('is asked only of the items within its scope', () => {
    const items = Object.keys(states([walk('w2', HOUR, { scope: 'building:A' })]));
    expect(items).toEqual(['button:wb-101/button-0', 'button:wb-101/button-1', 'door:d-101']);
  });

  test('of a device that was replaced since is not its last proof', () => {
    const key = (fingerprint: string): Site => ({
      ...SCHOOL,
      devices: new Map([['wb-101', device(101, { keyFingerprint: fingerprint })]]),
    });
    const records = [proven('button:wb-101/button-0', 1, { walkTest: 'w1', key: 'old' }), walk('w2', HOUR)];
    const earlier = (known: Site) => document(records, known)?.places[0]?.items[0]?.earlier;
    expect(earlier(key('old'))).toMatchObject({ kind: 'walkTest', walk_test: 'w1' });
    expect(earlier(key('new'))).toBeUndefined();
  });

  test('is that of the newest walk test, or of the one that was named', () => {
    const records = [
      walk('w1', 0),
      proven('output:siren', 1, { walkTest: 'w1' }),
      walk('w1', 0, { state: 'ended', at: 10, endedBy: 'gateway', endedReason: 'its time is up' }),
      walk('w2', HOUR),
    ];
    expect(document(records)).toMatchObject({ id: 'w2', state: 'running', counts: { tested: 0 } });
    expect(document(records, SCHOOL, 'w1')).toMatchObject({
      id: 'w1',
      state: 'ended',
      ended_by: 'gateway',
      counts: { tested: 1 },
    });
    expect(document(records, SCHOOL, 'w9')).toBeUndefined();
    expect(document([])).toBeUndefined();
  });
});

describe('the printed report', () => {
  function printed(records: readonly JournalRecord[]): readonly Block[] {
    const walkTest = document(records);
    if (walkTest === undefined) throw new Error('there is no walk test');
    const journal = { from_record: 1, to_record: 9, from_beginning: true, first_at: null, last_at: null, chain: 'a' };
    const made = { made_at: '2026-11-28T12:00:00.000Z', made_by: 'root', version: '1' };
    const head = { document: 'walk_test_report', gateway: 'gw-1', site: 'School' } as const;
    return walkTestPrintout({ ...head, ...made, journal, walk_test: walkTest }, new LocalTimes('UTC')).blocks;
  }
  const tables = (blocks: readonly Block[]) => blocks.filter((block) => block.kind === 'table');
  const rowsOf = (block: Block | undefined) => {
    if (block?.kind !== 'table') return [];
    return block.rows.map((row) => (isGroup(row) ? row.group : row.map(cellText).join(' | ')));
  };

  test('begins with what was not tested, by floor, and its last proof before', () => {
    const blocks = printed([used('button:wb-201/button-0', 1, 'drill'), walk('w2', HOUR)]);
    const headings = blocks.flatMap((block) => (block.kind === 'heading' ? [block.text] : []));
    expect(headings[0]).toBe('Not tested');
    expect(rowsOf(tables(blocks)[0])).toEqual([
      'Main building, Floor 1',
      'Rm 101 | wb-101 button-0 (Hold-up) | never pressed | none recorded',
      'Rm 101 | wb-101 button-1 (Medical) | never pressed | none recorded',
      'Rm 101 | door Rm 101 | never opened and closed | none recorded',
      'Annex, Floor 1',
      'Rm 201 | wb-201 button-0 (Hold-up) | never pressed | 01 Jan 1970\ndrill',
      'Rm 201 | wb-201 button-1 (Medical) | never pressed | none recorded',
      'In no room',
      'Whole site | output siren (alarm) | never confirmed | none recorded',
    ]);
  });

  test('tells of each proof the time, the tester, the signal, the battery and the paths, or that none is recorded', () => {
    const quality = { rssiDbm: -70, marginDb: 15, batteryMv: 2900, lowBattery: true };
    const blocks = printed([
      walk('w2', 0),
      proven('button:wb-101/button-0', HOUR, { ...quality, paths: [{ path: 'central', ms: 40 }, { path: 'radio' }] }),
      proven('button:wb-101/button-1', HOUR),
    ]);
    const [floor, panic, medical, ...others] = rowsOf(tables(blocks)[1]);
    expect([floor, others]).toEqual(['Main building, Floor 1', []]);
    expect(panic).toContain(
      '01 Jan 1970 01:00:00\nMaria | -70 dBm\nmargin 15 dB | 2.90 V\nLOW | central 0.040\u00A0s\nradio',
    );
    expect(medical).toContain('not recorded | not recorded | none takes tests');
  });

  test('has lines to sign at its end', () => {
    expect(printed([walk('w2', 0)]).at(-1)).toEqual({ kind: 'signatures', people: ['Tester', 'For the site'] });
  });
});
