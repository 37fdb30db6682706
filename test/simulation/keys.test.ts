import { describe, expect, test } from 'vitest';
import type { JournalEntry, JournalRecord } from '../../gateway/core/journal-record.ts';
import type { Device, Site } from '../../gateway/core/site.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const MINUTE = 60_000;
const PRESS = { type: 'press', button: 0, pattern: 'single' } as const;

function wall(keyFingerprint: string | undefined, changes: Partial<Device> = {}): Site {
  const key = keyFingerprint === undefined ? {} : { keyFingerprint };
  return site([device(101, { ...key, ...changes })], [path('central')]);
}

/** What the node reported, as the present key proves it. */
function press(world: SensorWorld, epoch: number, counter: number): void {
  world.say('wb-101', PRESS, { identity: { epoch, counter }, authenticated: true });
  world.run(1000);
}

function restart(world: SensorWorld, next: Site): void {
  world.run(2 * MINUTE);
  world.crash();
  world.start(next);
  world.run(3000);
}

const ids = (world: SensorWorld) => world.raised.map(({ id }) => id);

describe('a wall button that was replaced: the same id, a new key, epoch 1', () => {
  test('is heard from its first press, with an id that no alert of the old one had', () => {
    const world = new SensorWorld(wall('aa'));
    press(world, 7, 41);
    press(world, 8, 2);
    restart(world, wall('bb'));
    for (const counter of [1, 2, 41]) press(world, 1, counter);
    press(world, 8, 2);
    expect(ids(world)).toEqual([
      'wb-101.7.41',
      'wb-101.8.2',
      'wb-101.k2.1.1',
      'wb-101.k2.1.2',
      'wb-101.k2.1.41',
      'wb-101.k2.8.2',
    ]);
    expect(world.told.join('\n')).not.toContain('old numbers');
  });

  test('keeps its ids, and what it was heard to say, over restarts and retention', () => {
    const world = new SensorWorld(wall('aa'));
    press(world, 1, 1);
    restart(world, wall('bb'));
    press(world, 1, 1);
    for (let day = 0; day < 3; day++) {
      restart(world, wall('bb'));
      press(world, 1, 1);
    }
    press(world, 1, 2);
    expect(ids(world)).toEqual(['wb-101.1.1', 'wb-101.k2.1.1', 'wb-101.k2.1.2']);
  });

  test.each([3, 4, 5, 17, 18])(
    'keeps its ids although it was silent for whole runs, and the old one long forgotten; seed %i',
    (seed) => {
      const world = new SensorWorld(wall('aa'), seed);
      press(world, 1, 1);
      // The alert is over, and none of its records needs to be kept.
      world.run(25 * 60 * MINUTE);
      for (let run = 0; run < 3; run++) restart(world, wall('bb'));
      press(world, 1, 1);
      expect(ids(world)).toEqual(['wb-101.1.1', 'wb-101.k2.1.1']);
      restart(world, wall('aa'));
      press(world, 1, 1);
      expect(ids(world)).toHaveLength(2);
    },
  );

  test('has ids of its own although the journal is read late', () => {
    const world = new SensorWorld(wall('aa'));
    world.receiverAnswers = false;
    world.receive = () => undefined;
    press(world, 1, 5);
    press(world, 1, 7);
    world.run(2 * MINUTE);
    world.crash();
    const records = world.journal.records;
    world.startBlind(wall('bb'));
    press(world, 1, 1);
    world.give({ type: 'lateRecords', records });
    press(world, 1, 5);
    world.receiverAnswers = true;
    world.receive = () => ({ afterMs: 2, outcome: { type: 'receiverAcknowledged' } });
    world.run(5 * MINUTE);
    // Both alarms of the old one reach the receiver, and so do both of the new one.
    expect(
      new Set(
        world.outcomes.flatMap(({ report, type }) =>
          type === 'receiverAcknowledged' && /^wb[^a-z]*(k2[^a-z]*)?$/.test(report ?? '') ? [report] : [],
        ),
      ),
    ).toEqual(new Set(['wb-101.1.5', 'wb-101.1.7', 'wb-101.1.1', 'wb-101.k2.1.5']));
  });

  test('a key that is changed back opens no recording made under it, and its node goes on where it was', () => {
    const world = new SensorWorld(wall('aa'));
    press(world, 3, 9);
    restart(world, wall('bb'));
    press(world, 1, 1);
    restart(world, wall('aa'));
    press(world, 3, 9);
    press(world, 2, 50);
    expect(ids(world)).toEqual(['wb-101.3.9', 'wb-101.k2.1.1']);
    press(world, 4, 1);
    restart(world, wall('bb'));
    press(world, 1, 1);
    restart(world, wall('cc'));
    press(world, 1, 1);
    expect(ids(world)).toEqual(['wb-101.3.9', 'wb-101.k2.1.1', 'wb-101.4.1', 'wb-101.k3.1.1']);
  });

  test('is not told that its own press was accepted because one of the old node with the same numbers was', () => {
    const world = new SensorWorld(wall('aa'));
    world.receiverAnswers = false;
    press(world, 1, 7);
    restart(world, wall('bb'));
    world.walls.length = 0;
    world.journalDelayMs = Number.POSITIVE_INFINITY;
    world.receiverAnswers = true;
    world.receive = ({ report }) =>
      report?.id === 'wb-101.1.7' ? { afterMs: 2, outcome: { type: 'receiverAcknowledged' } } : undefined;
    press(world, 1, 7);
    world.run(2 * MINUTE);
    expect(world.outcomes).toContainEqual(
      expect.objectContaining({ report: 'wb-101.1.7', type: 'receiverAcknowledged' }),
    );
    expect(ids(world)).toContain('wb-101.k2.1.7');
    expect(world.walls).toEqual(['wb-101 1.7 notConfirmed']);
  });

  test.each([0, 1, 20])('so is a tag, whatever its counter was; at counter %i', (counter) => {
    const tag = { counterOnly: true, heartbeatMs: 0 };
    const world = new SensorWorld(wall('aa', tag));
    world.counted('wb-101', 5000);
    restart(world, wall('bb', tag));
    world.counted('wb-101', counter);
    world.run(1000);
    expect(ids(world)).toEqual(['wb-101.0.5000', `wb-101.k2.0.${counter}`]);
  });
});

describe('an update of the software', () => {
  /** A record as written by a version without keys. */
  function withoutKeys(entries: readonly JournalEntry[]): JournalEntry[] {
    return entries.map((entry) => ({ ...entry, record: withoutKey(entry.record) }));
  }

  function withoutKey(record: JournalRecord): JournalRecord {
    if (record.t === 'counters') {
      const devices = Object.entries(record.devices).map(([id, [epoch, highest, seen]]) => [
        id,
        [epoch, highest, seen],
      ]);
      const { keys: _, ...rest } = record;
      return { ...rest, devices: Object.fromEntries(devices) };
    }
    if (record.t !== 'heard' && record.t !== 'alert') return record;
    const { key: _, ...rest } = record;
    return rest;
  }

  test('forgets nothing: what was heard before keys were written down was heard under the key that is there', () => {
    const before = new SensorWorld(wall(undefined));
    press(before, 5, 10);
    before.run(2 * MINUTE);
    press(before, 5, 11);
    const world = new SensorWorld(wall('aa'), 1, withoutKeys(before.journal.entries));
    for (const counter of [10, 11]) press(world, 5, counter);
    press(world, 4, 99);
    expect(ids(world).filter((id) => id.startsWith('wb-101.4'))).toEqual([]);
    expect(world.sentOver('central').filter((id) => /^wb-101\.5/.test(id))).toEqual([]);
    restart(world, wall('bb'));
    press(world, 1, 1);
    expect(ids(world)).toContain('wb-101.k2.1.1');
    restart(world, wall('aa'));
    for (const counter of [10, 11]) press(world, 5, counter);
    expect(world.sentOver('central').filter((id) => /^wb-101\.5/.test(id))).toEqual([]);
  });
});

describe('a data directory that was lost', () => {
  test('a press that nothing was heard before is forwarded, and marked: it may be a recording', () => {
    const world = new SensorWorld(wall('aa', { counterOnly: true, heartbeatMs: 0 }));
    world.counted('wb-101', 100);
    world.run(1000);
    world.counted('wb-101', 99);
    world.run(1000);
    world.counted('wb-101', 101);
    world.run(1000);
    expect(world.raised.map(({ id, authenticated }) => [id, authenticated])).toEqual([
      ['wb-101.0.100', false],
      ['wb-101.0.101', true],
    ]);
    expect(world.raised[0]?.text).toContain('(unauthenticated)');
    expect(world.told[0]).toContain('Press with old numbers, not accepted');
    expect([...world.troubles]).toEqual([]);
  });

  test('of a node that was heard since, what lies below its first number is marked, and an earlier epoch is refused', () => {
    const world = new SensorWorld(wall('aa'));
    world.say(
      'wb-101',
      { type: 'point', point: 0, active: true },
      { identity: { epoch: 4, counter: 60 }, authenticated: true },
    );
    press(world, 3, 999);
    press(world, 4, 50);
    restart(world, wall('aa'));
    press(world, 4, 51);
    press(world, 4, 61);
    press(world, 5, 1);
    expect(world.raised.map(({ id, authenticated }) => [id, authenticated])).toEqual([
      ['wb-101.4.50', false],
      ['wb-101.4.51', false],
      ['wb-101.4.61', true],
      ['wb-101.5.1', true],
    ]);
  });

  test('an operator who enrols a tag vouches for what it says next', () => {
    const world = new SensorWorld(wall('aa', { counterOnly: true, heartbeatMs: 0 }));
    world.command({ command: 'enrol', device: 'wb-101', minutes: 5, reason: 'new disk', by: 'office' });
    world.counted('wb-101', 100);
    world.run(1000);
    expect(world.raised.map(({ id, authenticated }) => [id, authenticated])).toEqual([['wb-101.0.100', true]]);
  });
});

describe('an enrolment that does not apply', () => {
  const enrol = { command: 'enrol', device: 'wb-101', minutes: 5, reason: 'replaced', by: 'office' } as const;

  test('says of a wall node what is to be done instead', () => {
    const answer = new SensorWorld(wall('aa')).command(enrol);
    expect(answer).toEqual({
      ok: false,
      text: expect.stringMatching(/^wb-101 counts its own starts.*a new key: callpoint devices replace wb-101$/),
    });
  });

  test('says of what has no counter that there is nothing to do', () => {
    const answer = new SensorWorld(wall(undefined)).command(enrol);
    expect(answer).toEqual({ ok: false, text: expect.stringMatching(/^wb-101 sends no counter.*nothing to enrol/) });
  });
});
