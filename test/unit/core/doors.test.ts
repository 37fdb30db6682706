import { describe, expect, test } from 'vitest';
import { possibleTroubles } from '../../../gateway/core/troubles/possible-troubles.ts';
import { device } from '../../simulation/site.ts';
import { BOLT, CONTACT, DoorRig, door, eventsOnly, type Word, without } from './door-rig.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

function rig(changes: Parameters<typeof door>[1] = {}): DoorRig {
  return new DoorRig([door(101, changes)]);
}

describe('what is known of a door', () => {
  test.each<[string, readonly Word[]]>([
    ['unknown', []],
    ['unknown', ['closed']],
    ['unknown', ['locked']],
    ['unknown', ['unlocked']],
    ['secured', ['closed', 'locked']],
    ['closedUnlocked', ['closed', 'unlocked']],
    ['open', ['open']],
    ['open', ['unlocked', 'open']],
    ['open', ['unlocked', 'open', 'locked']],
  ])('with contact and bolt it is %s after %j', (state, words) => {
    const one = rig();
    one.settle(...words);
    expect(one.doors.state('wb-101')).toBe(state);
  });

  test('a contact alone tells open and closed, never secured', () => {
    const one = new DoorRig([without('bolt', door(101))]);
    expect(one.doors.notSecured('A').map(({ state }) => state)).toEqual(['unknown']);
    one.settle('closed');
    expect(one.doors.state('wb-101')).toBe('closed');
    expect(one.doors.notSecured('A').map(({ state }) => state)).toEqual(['closed']);
    one.settle('open');
    expect(one.doors.notSecured('A').map(({ state }) => state)).toEqual(['open']);
  });

  test('a bolt alone tells secured and unlocked', () => {
    const one = new DoorRig([without('contact', door(101))]);
    expect(one.doors.state('wb-101')).toBe('unknown');
    one.settle('locked');
    expect(one.doors.state('wb-101')).toBe('secured');
    one.settle('unlocked');
    expect(one.doors.state('wb-101')).toBe('closedUnlocked');
  });

  test('contact and bolt may be points of two devices', () => {
    const one = rig({ bolt: { device: 'wb-102', point: BOLT } });
    one.settle('closed', 'locked');
    expect(one.doors.state('wb-101')).toBe('unknown');
    one.say('locked', 'wb-102');
    one.run(50);
    expect(one.doors.state('wb-101')).toBe('secured');
  });

  test('what bounces back within the debounce time never was', () => {
    const one = rig();
    one.settle('closed', 'locked');
    one.say('open');
    one.run(40);
    one.settle('closed');
    one.run(5 * SECOND);
    expect(one.documents.map(({ state }) => state)).toEqual(['secured']);
  });
});

describe('unknown is never secured', () => {
  function secured(): DoorRig {
    const one = rig();
    one.device().inputChanged(true);
    one.settle('closed', 'locked');
    expect(one.doors.state('wb-101')).toBe('secured');
    return one;
  }

  test('a cut wire of the contact or the bolt makes the door unknown', () => {
    for (const point of [CONTACT, BOLT]) {
      const one = secured();
      one.device().pointLost(point);
      expect(one.doors.state('wb-101')).toBe('unknown');
      one.settle('closed', 'locked');
      expect(one.doors.state('wb-101')).toBe('secured');
    }
  });

  test('a device that is missing makes it unknown, until it has said again how both are', () => {
    const one = secured();
    one.run(91 * SECOND);
    expect(one.doors.state('wb-101')).toBe('unknown');
    one.device().proven();
    expect(one.doors.state('wb-101')).toBe('unknown');
    one.say('locked');
    expect(one.doors.state('wb-101')).toBe('unknown');
    one.say('closed');
    expect(one.doors.state('wb-101')).toBe('secured');
  });

  test('an input that is down makes it unknown, also of a device nobody supervises', () => {
    const supervised = secured();
    const unsupervised = new DoorRig([door(101)], [eventsOnly(101, ['doorContact', 'bolt'])]);
    unsupervised.settle('closed', 'locked');
    for (const one of [supervised, unsupervised]) {
      one.device().inputChanged(false);
      expect(one.doors.state('wb-101')).toBe('unknown');
      one.device().inputChanged(true);
      expect(one.doors.state('wb-101')).toBe('unknown');
      one.settle('closed', 'locked');
      expect(one.doors.state('wb-101')).toBe('secured');
    }
  });

  test('a door that was moved meanwhile is never shown as it was before', () => {
    const one = secured();
    one.device().inputChanged(false);
    one.device().inputChanged(true);
    one.say('locked');
    one.say('open');
    expect(one.doors.state('wb-101')).toBe('unknown');
    one.run(50);
    expect(one.doors.state('wb-101')).toBe('open');
  });

  test('a change that did not count yet when the input went down is not known either', () => {
    const one = secured();
    one.settle('unlocked');
    one.say('locked');
    one.device().inputChanged(false);
    one.device().inputChanged(true);
    one.say('closed');
    one.run(50);
    expect(one.doors.state('wb-101')).toBe('unknown');
    one.say('locked');
    expect(one.doors.state('wb-101')).toBe('secured');
  });

  test.each<[string, (rig: DoorRig) => void]>([
    ['its input never came up', (one) => one.device().inputChanged(false)],
    ['its device is missing', (one) => one.device().overdue()],
  ])('what a broker had kept is doubtful once it is said again that %s', (_, lost) => {
    const one = rig();
    lost(one);
    one.kept('closed');
    one.kept('locked');
    one.run(50);
    lost(one);
    one.device().proven();
    expect(one.doors.state('wb-101')).toBe('unknown');
    one.settle('closed', 'locked');
    expect(one.doors.state('wb-101')).toBe('secured');
  });

  test('what a broker had kept is no more than the device is proven to be', () => {
    const one = rig();
    one.kept('closed');
    one.kept('locked');
    one.run(50);
    expect(one.doors.state('wb-101')).toBe('unknown');
    one.device().proven();
    expect(one.doors.state('wb-101')).toBe('secured');
    one.device().overdue();
    one.kept('closed');
    one.kept('locked');
    expect(one.doors.state('wb-101')).toBe('unknown');
  });

  test('an open door stays open whatever becomes of its bolt', () => {
    const one = secured();
    one.settle('unlocked', 'open');
    one.device().pointLost(BOLT);
    expect(one.doors.state('wb-101')).toBe('open');
  });
});

describe('forced', () => {
  function locked(): DoorRig {
    const one = rig({ zone: 501, area: 2 });
    one.settle('closed', 'locked');
    one.run(MINUTE);
    return one;
  }

  test('a door that opens although it is locked, and stays so, is forced until it is closed', () => {
    const one = locked();
    one.settle('open');
    expect(one.doors.state('wb-101')).toBe('open');
    one.run(2 * SECOND);
    expect(one.doors.state('wb-101')).toBe('forced');
    one.settle('unlocked');
    expect(one.doors.state('wb-101')).toBe('forced');
    expect(one.told).toEqual(['DF 1423 501 Door forced: Rm 101, building A']);
    one.settle('closed');
    expect(one.doors.state('wb-101')).toBe('closedUnlocked');
    expect(one.told.slice(1)).toEqual(['DR 3423 501 Restored: Door forced: Rm 101, building A']);
  });

  test.each<[string, readonly (readonly [Word, number])[]]>([
    [
      'unlocked, then opened',
      [
        ['unlocked', 200],
        ['open', 0],
      ],
    ],
    [
      'both at once, the bolt first',
      [
        ['unlocked', 0],
        ['open', 0],
      ],
    ],
    [
      'both at once, the contact first',
      [
        ['open', 0],
        ['unlocked', 0],
      ],
    ],
    [
      'opened, and the bolt is told later',
      [
        ['open', 900],
        ['unlocked', 0],
      ],
    ],
    [
      'a lock that falls shut again before the contact is told',
      [
        ['unlocked', 300],
        ['locked', 300],
        ['open', 0],
      ],
    ],
    [
      'a lock that falls shut again after it',
      [
        ['open', 100],
        ['unlocked', 100],
        ['locked', 0],
      ],
    ],
    [
      'a bolt thrown while the door stands open',
      [
        ['unlocked', 100],
        ['open', 60_000],
        ['locked', 0],
      ],
    ],
  ])('who has a key forces nothing: %s', (_, said) => {
    const one = locked();
    for (const [word, ms] of said) {
      one.say(word);
      one.run(ms);
    }
    one.run(MINUTE);
    expect(one.doors.state('wb-101')).toBe('open');
    expect(one.reports).toEqual([]);
  });

  test('a gateway that was held up hears first what was said meanwhile', () => {
    const one = locked();
    one.settle('open');
    one.wakeLate(7 * SECOND);
    one.settle('unlocked');
    one.run(5 * SECOND);
    expect(one.doors.state('wb-101')).toBe('open');
    expect(one.reports).toEqual([]);
    const forced = locked();
    forced.settle('open');
    forced.wakeLate(7 * SECOND);
    forced.run(2 * SECOND);
    expect(forced.doors.state('wb-101')).toBe('forced');
  });

  test('a bolt that is slow to be believed excuses the door as long', () => {
    const slow = eventsOnly(101, ['doorContact', 'bolt']);
    const points = new Map(
      [...slow.points].map(([n, point]) => [n, n === BOLT ? { ...point, debounceMs: 3000 } : point]),
    );
    const one = new DoorRig([door(101)], [{ ...slow, points }]);
    one.settle('closed', 'locked');
    one.run(MINUTE);
    one.say('unlocked');
    one.say('open');
    one.run(MINUTE);
    expect(one.doors.state('wb-101')).toBe('open');
  });

  test('a bolt whose wire breaks as the door flies open was locked', () => {
    const before = locked();
    before.device().pointLost(BOLT);
    before.settle('open');
    const after = locked();
    after.settle('open');
    after.device().pointLost(BOLT);
    for (const one of [before, after]) {
      one.run(2 * SECOND);
      expect(one.doors.state('wb-101')).toBe('forced');
    }
  });

  test('it is told also if the device is silenced at once; what stands, stands when it is heard again', () => {
    const one = locked();
    one.settle('open');
    one.device().overdue();
    one.run(2 * SECOND);
    expect(one.told.filter((text) => text.startsWith('DF'))).toHaveLength(1);
    expect(one.doors.state('wb-101')).toBe('unknown');
    one.settle('open');
    expect(one.doors.state('wb-101')).toBe('forced');
  });

  test('a bolt not known for long forces nothing, nor does a door first seen open', () => {
    const lost = locked();
    lost.device().pointLost(BOLT);
    lost.run(10 * SECOND);
    lost.settle('open');
    const first = rig();
    first.settle('locked', 'open');
    for (const one of [lost, first]) {
      one.run(10 * SECOND);
      expect(one.doors.state('wb-101')).toBe('open');
      expect(one.reports).toEqual([]);
    }
  });

  test('a door shaken in its lock is not forced', () => {
    const one = locked();
    one.settle('open');
    one.settle('closed');
    one.run(MINUTE);
    expect(one.doors.state('wb-101')).toBe('secured');
    expect(one.reports).toEqual([]);
  });
});

describe('held open', () => {
  const HELD = { heldOpenMs: 30 * SECOND, zone: 501 };

  test('a door open for longer than it may be is reported, and restored when it is closed', () => {
    const one = rig(HELD);
    one.settle('closed', 'unlocked');
    one.settle('open');
    one.run(30 * SECOND - 1);
    expect(one.doors.state('wb-101')).toBe('open');
    one.run(1);
    expect(one.doors.state('wb-101')).toBe('heldOpen');
    one.settle('closed');
    expect(one.doors.state('wb-101')).toBe('closedUnlocked');
    expect(one.told).toEqual([
      'DM 1426 501 Door held open: Rm 101, building A',
      'DH 3426 501 Restored: Door held open: Rm 101, building A',
    ]);
  });

  test('a door that is closed in time is not, and the time begins anew', () => {
    const one = rig(HELD);
    for (let round = 0; round < 5; round++) {
      one.settle('open');
      one.run(29 * SECOND);
      one.settle('closed');
    }
    one.run(MINUTE);
    expect(one.reports).toEqual([]);
  });

  test('a door that may stand open does', () => {
    const one = rig();
    one.settle('open');
    for (let minute = 0; minute < 600; minute++) {
      one.device().proven();
      one.run(MINUTE);
    }
    expect(one.doors.state('wb-101')).toBe('open');
    expect(one.reports).toEqual([]);
  });

  test('a device that comes and goes does not hide it', () => {
    const one = rig(HELD);
    one.settle('open');
    for (let second = 0; second < 6; second++) {
      one.run(5 * SECOND);
      one.device().inputChanged(false);
      one.device().inputChanged(true);
      one.settle('open');
    }
    expect(one.doors.state('wb-101')).toBe('heldOpen');
  });

  test('forced is said first, and both are reported', () => {
    const one = rig(HELD);
    one.settle('closed', 'locked');
    one.settle('open');
    one.run(MINUTE);
    expect(one.doors.state('wb-101')).toBe('forced');
    expect(one.told.map((text) => text.slice(0, 2))).toEqual(['DF', 'DM']);
  });
});

describe('an earlier run of the gateway', () => {
  function standing(one: DoorRig): void {
    for (const type of ['doorForced', 'doorHeldOpen'] as const) {
      const facts = { t: 'trouble', at: 1, id: `${type}.wb-101.1.1`, type, subject: 'wb-101' } as const;
      one.troubles.recoverStanding({ ...facts, state: 'standing', text: 'Door', zone: 0, area: 0 });
    }
  }

  test('a forced door that is still open is forced; one that was closed meanwhile is restored', () => {
    const open = rig();
    const closed = rig();
    for (const one of [open, closed]) standing(one);
    open.settle('locked', 'open');
    closed.settle('locked', 'closed');
    expect(open.doors.state('wb-101')).toBe('forced');
    expect(open.reports).toEqual([]);
    expect(closed.doors.state('wb-101')).toBe('secured');
    expect(closed.told.map((text) => text.slice(0, 2))).toEqual(['DR', 'DH']);
  });

  test('read late, what stood goes on or is ended', () => {
    const open = rig();
    open.settle('locked', 'open');
    const closed = rig();
    closed.settle('locked', 'closed');
    for (const one of [open, closed]) {
      standing(one);
      one.doors.restoreTroubles();
    }
    expect(open.doors.state('wb-101')).toBe('forced');
    expect(open.changed).toEqual(['A', 'A']);
    expect(closed.told.map((text) => text.slice(0, 2))).toEqual(['DR', 'DH']);
  });

  test('what can no longer stand with this configuration is not among the possible troubles', () => {
    const possible = (one: DoorRig) => [...possibleTroubles(one.context.site)].filter((id) => id.startsWith('door'));
    expect(possible(rig({ heldOpenMs: MINUTE }))).toEqual(['doorForced.wb-101', 'doorHeldOpen.wb-101']);
    expect(possible(new DoorRig([without('bolt', door(101))]))).toEqual([]);
    expect(possible(new DoorRig([without('contact', door(101, { heldOpenMs: MINUTE }))]))).toEqual([]);
  });
});

describe('what is told', () => {
  test('each change is published once, with the time since when', () => {
    const one = rig();
    one.doors.publishAll();
    one.run(SECOND);
    one.settle('closed', 'locked');
    one.settle('closed', 'locked');
    const document = { door: 'wb-101', name: 'Rm 101', building: 'A' };
    expect(one.documents).toEqual([
      { ...document, state: 'unknown', since_at: '2026-11-18T11:06:40.000Z' },
      { ...document, state: 'secured', since_at: '2026-11-18T11:06:41.050Z' },
    ]);
    expect(one.changed).toEqual(['A']);
  });

  test('doors not secured are listed by building, each once, in the order people count', () => {
    const numbers = [10, 9, 101, 2];
    const doors = [
      ...numbers.map((number) => door(number)),
      door(11, { name: 'Annex', contact: { device: 'wb-10', point: CONTACT } }),
      door(12, { building: 'B' }),
    ];
    const one = new DoorRig(
      doors,
      [...numbers, 11, 12].map((number) => device(number)),
    );
    expect(one.doors.notSecured('A').map(({ name }) => name)).toEqual(['Annex', 'Rm 2', 'Rm 9', 'Rm 10', 'Rm 101']);
    expect(one.doors.notSecured('B')).toEqual([{ id: 'wb-12', name: 'Rm 12', state: 'unknown' }]);
    expect(one.doors.notSecured('C')).toEqual([]);
    for (const word of ['closed', 'locked'] as const) one.say(word, 'wb-9');
    one.run(50);
    expect(one.doors.notSecured('A').map(({ name }) => name)).toEqual(['Annex', 'Rm 2', 'Rm 10', 'Rm 101']);
  });
});
