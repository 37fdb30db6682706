import { describe, expect, test } from 'vitest';
import { randomBelow, seededRandom } from '../../device-sim/random.ts';
import { Core } from '../../gateway/core/core.ts';
import type { Effect } from '../../gateway/core/effect.ts';
import type { JournalEntry, JournalRecord } from '../../gateway/core/journal-record.ts';
import { compacted, recoveredState } from '../../gateway/core/restart/journal-replay.ts';
import { plainState } from '../unit/core/plain-state.ts';
import { MINUTE, runningSchool, SECOND, school } from './school.ts';
import { device, path, site } from './site.ts';
import { NASTY, stormyLife } from './storm.ts';
import { standing } from './troubles.ts';
import type { World } from './world.ts';

const HOUR = 60 * MINUTE;

function restart(world: World, ...[newSite]: Parameters<World['startGateway']>): void {
  world.crash();
  world.startGateway(newSite);
}

function recordsOf(entries: readonly JournalEntry[]): JournalRecord[] {
  return entries.map((entry) => entry.record);
}

/** Returns the entries that remain when everything older than the oldest held record is gone. */
function pruned(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  const held = new Map<string, number>();
  entries.forEach(({ holds, releases }, index) => {
    if (holds !== undefined) held.set(holds, index);
    if (releases !== undefined) held.delete(releases);
  });
  return entries.slice(Math.min(entries.length, ...held.values()));
}

/**
 * Returns, from the records alone, the ids of the open alerts and of the reports that are not
 * settled.
 */
function owedBy(records: readonly JournalRecord[]): string[] {
  const owed = new Set<string>();
  const closed = new Map<string, string>();
  for (const record of records) {
    if (record.t === 'alert') owed.add(record.id);
    if (record.t === 'report') owed.add(record.report.id);
    if (record.t === 'closed')
      closed.set(record.alert, `${record.alert}.${record.state === 'resolved' ? 'restore' : 'cancel'}`);
    if (record.t === 'outcome' && record.outcome === 'receiverAcknowledged') owed.delete(record.report);
    if (record.t === 'settled') owed.delete(record.report);
  }
  const reported = new Set(records.flatMap((record) => (record.t === 'report' ? [record.report.id] : [])));
  for (const end of closed.values()) if (!reported.has(end)) owed.add(end);
  return [...owed].sort();
}

/**
 * Runs a core with receivers that acknowledge everything at once. Returns the ids of the reports
 * sent.
 */
function sentByHeir(records: readonly JournalRecord[]): string[] {
  const now = { monoMs: 5, wallMs: Date.UTC(2027, 0, 1) };
  const core = new Core(school(NASTY.paths), records, now);
  const sent = new Set<string>();
  const waiting: Effect[] = core.start(now);
  for (let effect = waiting.shift(); effect !== undefined; effect = waiting.shift()) {
    if (effect.type !== 'send') continue;
    const { path: over, attempt, report } = effect.attempt;
    if (report !== undefined) sent.add(report.id);
    const outcome = { type: 'receiverAcknowledged' } as const;
    waiting.push(...core.handle({ type: 'outcome', path: over, attempt, outcome }, now));
  }
  return [...sent].sort();
}

describe.each([3, 21])('the journal of a nasty life, seed %i, cut at any point', (seed) => {
  const { entries } = stormyLife(seed, NASTY).journal;
  const random = seededRandom(seed);
  const cuts = [0, entries.length, ...Array.from({ length: 60 }, () => randomBelow(random, entries.length))];

  test('everything owed is sent, and nothing that is settled', () => {
    for (const cut of cuts) {
      const records = recordsOf(entries.slice(0, cut));
      const owed = owedBy(records);
      const sent = sentByHeir(records);
      expect(sent, `cut at ${cut}`).toEqual(expect.arrayContaining(owed));
      const known = new Set(records.flatMap((record) => (record.t === 'alert' ? [record.id] : [])));
      expect(
        sent.filter((id) => known.has(id) && !owed.includes(id)),
        `cut at ${cut}`,
      ).toEqual([]);
    }
  });

  test('what holds no key is not needed', () => {
    for (const cut of cuts) {
      const kept = entries.slice(0, cut);
      const whole = recoveredState(recordsOf(kept));
      const least = recoveredState(recordsOf(pruned(kept)));
      for (const part of ['session', 'alerts', 'reports', 'troubles', 'unreported', 'sequences'] as const) {
        expect(least[part], `${part}, cut at ${cut}`).toEqual(whole[part]);
      }
      for (const heard of recordsOf(kept)) {
        if (heard.t !== 'alert') continue;
        const window = least.windows.get(heard.device)?.of(heard.key);
        expect(window?.check(heard) ?? 'unknown', `${heard.id}, cut at ${cut}`).toMatch(/^(repeat|behind|stale)$/);
      }
    }
  });

  test('what the journal writes once more, so that older records may go, adds up to the same', () => {
    for (const cut of cuts) {
      const records = recordsOf(entries.slice(0, cut));
      const few = compacted(records);
      expect(plainState(few), `cut at ${cut}`).toEqual(plainState(records));
      expect(sentByHeir(few), `cut at ${cut}`).toEqual(sentByHeir(records));
      expect(few.length).toBeLessThanOrEqual(records.length + 2);
    }
  });
});

describe('a journal that another version wrote', () => {
  test('records that are not understood are counted and passed over; the others are taken up', () => {
    const world = runningSchool(1);
    for (const desk of world.receivers.values()) desk.behave({ refuses: true });
    const id = world.press('wb-101', 0) ?? '';
    world.run(SECOND);
    const strange = [
      { t: 'doorCommand', at: 1, door: 'd-1' },
      { t: 'alert', at: 1, id: 'wb-101.9.9' },
      { t: 'report', at: 1, report: null, sequences: {} },
      { t: 'counters', at: 1, devices: { 'wb-101': { epoch: 9 } }, sequences: { central: 'nine' } },
      {
        t: 'trouble',
        at: 1,
        id: 'doorForced.d-1.1.1',
        type: 'doorForced',
        subject: 'd-1',
        state: 'standing',
        text: 'Door',
      },
      { t: 'constructor', at: 1 },
      {},
    ] as unknown as JournalRecord[];
    const records = strange.flatMap((record) => [record, ...world.journal.records]);
    const now = { monoMs: 1, wallMs: world.clock.now.wallMs };
    const core = new Core(school(), records, now);
    const effects = core.start(now);
    expect(effects).toContainEqual(
      expect.objectContaining({ event: 'core.started', fields: expect.objectContaining({ recordsUnreadable: 5 }) }),
    );
    const sent = effects.flatMap((effect) => (effect.type === 'send' ? [effect.attempt.report?.id] : []));
    expect(sent).toContain(id);
  });
});

describe('the configuration changed while the gateway was stopped', () => {
  test('an alert of a device that is gone goes on with its id and number, is shown as not confirmed, and ends like any other', () => {
    const world = runningSchool(2);
    for (const desk of world.receivers.values()) desk.behave({ refuses: true });
    const alert = world.press('wb-101', 0) ?? '';
    world.run(SECOND);
    restart(world, site([device(102), device(103)], [path('central'), path('backup')]));
    world.run(30 * SECOND);
    expect(world.published.get(alert)).toMatchObject({ not_confirmed: true, text: expect.stringContaining('Hold-up') });
    for (const desk of world.receivers.values()) desk.behaveWell();
    world.run(MINUTE);
    const numbers = world.sends.filter((each) => each.report === alert && each.path === 'central');
    expect(new Set(numbers.map((each) => each.sequence)).size).toBe(1);
    world.give({ type: 'command', command: { command: 'resolve', alert, reason: 'over', by: 'desk' } });
    world.run(SECOND);
    expect(world.receivers.get('central')?.displayed.has(`${alert}.restore`)).toBe(true);
    expect([...world.journal.held().keys()].filter((key) => key.includes(alert))).toEqual([]);
  });

  test('the troubles of what is gone are taken back', () => {
    const world = runningSchool(3);
    world.stepNode('wb-101', { type: 'point', point: 2, active: true });
    world.stepNode('wb-102', { type: 'power', batteryMv: 2000, lowBattery: true });
    world.receivers.get('backup')?.behave({ refuses: true });
    world.run(MINUTE);
    expect(standing(world).map((each) => each.split(':')[0])).toEqual(['lowBattery', 'tamper', 'pathDown']);
    restart(world, site([device(103)], [path('central')]));
    world.run(SECOND);
    expect(standing(world)).toEqual([]);
    const told = [...(world.receivers.get('central')?.displayed.keys() ?? [])].filter((id) => id.endsWith('.restore'));
    expect(told).toHaveLength(3);
  });

  test('a path that was added or removed meanwhile makes no difference to an open alert', () => {
    const world = runningSchool(4);
    for (const desk of world.receivers.values()) desk.behave({ refuses: true });
    const alert = world.press('wb-101', 0) ?? '';
    world.run(SECOND);
    world.addReceiver('radio');
    world.receivers.get('radio')?.behave({ refuses: true });
    restart(world, school([path('radio'), path('backup')]));
    world.run(10 * SECOND);
    world.receivers.get('radio')?.behaveWell();
    world.run(MINUTE);
    expect(world.receivers.get('radio')?.displayed.has(alert)).toBe(true);
    expect(world.published.get(alert)?.state).toBe('acknowledged');
  });
});

describe('clocks', () => {
  test.each([
    ['1970', -Date.UTC(2026, 0, 5)],
    ['a year ahead', 365 * 24 * HOUR],
  ])('an acknowledged alert is not resolved because the machine starts in %s', (_, stepMs) => {
    const world = runningSchool(5);
    const deadlines = { nextPathMs: 3000, notConfirmedMs: 10_000, autoResolveMs: HOUR };
    const id = world.press('wb-101', 0) ?? '';
    world.run(MINUTE);
    world.crash();
    world.clock.wallOffsetMs += stepMs;
    world.startGateway({ ...school(), deadlines });
    world.run(30 * MINUTE);
    expect(world.published.get(id)?.state).toBe('acknowledged');
    world.run(31 * MINUTE);
    expect(world.published.get(id)?.state).toBe('resolved');
  });

  test('a session number never leaves its 32 bits, whatever the year', () => {
    const world = runningSchool(6);
    const before = world.core?.session ?? 0;
    world.crash();
    world.clock.wallOffsetMs = Date.UTC(2190, 0, 1);
    world.startGateway();
    expect(world.core?.session).toBe(before + 1);
  });
});

describe('the number of a start', () => {
  test('no wall is told anything before it is durable: the next start could have the same, and two frames one nonce', () => {
    const world = runningSchool(10);
    world.crash();
    world.weather.journalStuck = true;
    world.startGateway();
    const id = world.press('wb-101', 0) ?? '';
    world.run(SECOND);
    expect(world.published.get(id)?.state).toBe('acknowledged');
    expect(world.node('wb-101').led).not.toBe('green');
    world.weather.journalStuck = false;
    world.press('wb-102', 0);
    world.run(5 * SECOND);
    expect(world.node('wb-101').led).toBe('green');
  });

  test('a journal that never answers does not keep the walls dark', () => {
    const world = runningSchool(11);
    world.crash();
    world.weather.journalStuck = true;
    world.startGateway();
    world.press('wb-101', 0);
    world.run(5 * SECOND);
    expect(world.node('wb-101').led).toBe('green');
  });
});

describe('what stood when the gateway stopped', () => {
  test('a trouble of the journal is over once this run’s records are written', () => {
    const world = runningSchool(7);
    world.give({ type: 'journalHealth', state: 'failed', detail: 'no space' });
    world.give({ type: 'journalHealth', state: 'degraded', detail: 'other directory' });
    world.run(SECOND);
    restart(world);
    world.run(SECOND);
    expect(standing(world)).toEqual([]);
  });

  test('a trouble that stands for weeks, and the start of the run, do not make the journal keep everything since', () => {
    const world = runningSchool(8);
    world.stepNode('wb-101', { type: 'point', point: 2, active: true });
    for (let hour = 0; hour < 7; hour++) world.run(HOUR);
    const total = world.journal.records.length;
    expect(Math.min(...world.journal.held().values())).toBeGreaterThan(total / 2);
    restart(world);
    expect(world.journal.records.length).toBeLessThan(total);
    world.run(SECOND);
    expect(standing(world).map((each) => each.split(':')[0])).toEqual(['tamper']);
    world.stepNode('wb-101', { type: 'point', point: 2, active: false });
    world.run(SECOND);
    expect(standing(world)).toEqual([]);
    const reports = [...(world.receivers.get('central')?.displayed ?? [])].filter(([id]) => id.startsWith('tamper'));
    expect(reports).toHaveLength(2);
  });
});

describe('a disk that answers only after the start', () => {
  test('what the last run owed goes out as soon as it is read, and presses of that run are not new', () => {
    const world = runningSchool(9);
    for (const desk of world.receivers.values()) desk.behave({ refuses: true });
    const id = world.press('wb-101', 0) ?? '';
    const open = world.press('wb-102', 0) ?? '';
    world.run(MINUTE);
    const recording = [...world.recorded];
    world.crash();
    const kept = world.journal.records;
    // Otherwise the nodes' own enquiries would bring the presses back.
    world.weather.lineLoss = 1;
    world.startBlind();
    for (const desk of world.receivers.values()) desk.behaveWell();
    world.run(20 * SECOND);
    expect(world.receivers.get('central')?.displayed.has(id)).toBe(false);
    world.give({ type: 'lateRecords', records: kept });
    world.run(SECOND);
    expect(world.receivers.get('central')?.displayed.get(id)).toHaveLength(1);
    expect(world.receivers.get('central')?.displayed.get(open)).toHaveLength(1);
    for (const frame of recording) world.inject(frame);
    world.weather.lineLoss = 0;
    world.run(2 * MINUTE);
    expect([...world.published.keys()].sort()).toEqual([id, open].sort());
    expect(standing(world)).toEqual([]);
  });
});
