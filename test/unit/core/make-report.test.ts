import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  alarmReport,
  canaryReport,
  closingReport,
  doorsReport,
  drillReport,
  periodicTestReport,
  troubleReport,
} from '../../../gateway/core/make-report.ts';
import type { Exercise, UnsecuredDoor } from '../../../gateway/core/report.ts';
import type { Device } from '../../../gateway/core/site.ts';
import { TROUBLE_TYPES, type TroubleTypeName } from '../../../gateway/core/trouble-types.ts';
import { device, KINDS } from '../../simulation/site.ts';

const DEVICE = device(101);
const BUTTON = { id: 'button-0', number: 0, zone: 12, kind: 'medical' };

function alarm(
  exercise?: Exercise,
  kindNumber = 1,
  changes: { authenticated?: boolean; doors?: UnsecuredDoor[]; of?: Partial<Device> } = {},
) {
  const kind = KINDS[kindNumber] ?? fail();
  const { authenticated = true, doors, of = {} } = changes;
  const facts = {
    id: 'wb-101.1.1',
    kind,
    device: { ...DEVICE, ...of },
    button: BUTTON,
    occurredMs: 5,
    exercise,
    authenticated,
    doors,
  };
  return { kind, report: alarmReport(facts) };
}

function fail(): never {
  throw new Error('no such kind');
}

const exercises = fc.constantFrom<Exercise | undefined>(undefined, 'drill', 'test');
const news = { earlier: [{ id: 'wb-101.1.1', occurredMs: 5 }], atMs: 9 };
const closings = fc.constantFrom('resolved' as const, 'cancelled' as const);

describe('the report of an alarm', () => {
  test('says kind and place, and first of all that it is an exercise', () => {
    expect(alarm().report).toMatchObject({
      class: 'alarm',
      sia: 'MA',
      contactId: '100',
      qualifier: 1,
      zone: 12,
      text: 'Medical, Main building, Floor 1, Rm 101',
    });
    expect(alarm('drill').report.text).toBe('DRILL: Medical, Main building, Floor 1, Rm 101');
  });

  test.each([
    ['of a device that has a key', { keyFingerprint: 'aa' }, false, true],
    ['of a device that has a key and proved itself', { keyFingerprint: 'aa' }, true, false],
    ['of a contact, which never can', {}, false, false],
    ['of a contact, where the site wants every mark', { marksUnauthenticated: true }, false, true],
    ['that is proved, where the site wants every mark', { marksUnauthenticated: true }, true, false],
    [
      'of a keyed device, where the site wants none',
      { keyFingerprint: 'aa', marksUnauthenticated: false },
      false,
      false,
    ],
  ])('says in its text that nothing proves who sent it, where that is a doubt: %s', (_, of, authenticated, marked) => {
    const { report } = alarm(undefined, 1, { authenticated, of });
    expect(report.text.endsWith(' (unauthenticated)')).toBe(marked);
    // A field says so in any case.
    expect(report.alert?.authenticated).toBe(authenticated);
  });

  test('an exercise never carries the code of an alarm, in no report about it', () => {
    fc.assert(
      fc.property(exercises, fc.constantFrom(0, 1), closings, (exercise, kindNumber, state) => {
        const { kind, report } = alarm(exercise, kindNumber);
        const closed = closingReport(report, kind, { state, by: 'anna', reason: 'r' }, news);
        const doors = doorsReport(report, 'd', [], news);
        for (const each of [report, closed, doors]) {
          const isAlarmCode = KINDS.some(
            ({ sia, siaRestore, contactId }) =>
              sia === each.sia || siaRestore === each.sia || contactId === each.contactId,
          );
          if (exercise !== undefined) expect(isAlarmCode).toBe(false);
          expect(each.exercise).toBe(exercise);
          expect(each.text.startsWith('DRILL: ')).toBe(exercise === 'drill');
          expect(each.text.startsWith('TEST: ')).toBe(exercise === 'test');
        }
      }),
    );
  });
});

describe('the report that an alert is over', () => {
  test('resolved, it is a restoral with the codes of its kind; cancelled, a cancel', () => {
    const { kind, report } = alarm();
    const by = { by: 'anna', reason: 'well' };
    expect(closingReport(report, kind, { state: 'resolved', ...by }, news)).toMatchObject({
      id: 'wb-101.1.1.restore',
      class: 'restore',
      sia: 'MR',
      contactId: '100',
      qualifier: 3,
      follows: report.id,
      occurredMs: 9,
      text: `Resolved: ${report.text}`,
    });
    expect(closingReport(report, kind, { state: 'cancelled', ...by }, news)).toMatchObject({
      id: 'wb-101.1.1.cancel',
      class: 'cancel',
      sia: 'OC',
      contactId: '406',
      qualifier: 1,
      alert: { by: 'anna', reason: 'well', earlier: news.earlier },
    });
  });

  test('tells nothing of doors any more', () => {
    const { kind, report } = alarm(undefined, 1, { doors: [{ id: 'd', name: 'Rm 1', state: 'open' }] });
    const closed = closingReport(report, kind, { state: 'resolved', by: 'a', reason: 'r' }, news);
    expect(closed.alert && 'doors' in closed.alert).toBe(false);
  });
});

test.each<[string, UnsecuredDoor['state'][], string]>([
  ['all are secured', [], 'All doors secured: '],
  ['one is open', ['closed', 'open'], 'Doors: '],
  ['all are closed, one without a bolt', ['closed'], 'All doors closed, 1 lock unknown: '],
  ['all are closed, two without a bolt', ['closed', 'closed'], 'All doors closed, 2 locks unknown: '],
])('an update of doors says no more than is known: %s', (_, states, start) => {
  const doors = states.map((state, place) => ({ id: `d${place}`, name: `Rm ${place}`, state }));
  const { report } = alarm();
  expect(doorsReport(report, 'wb-101.1.1.doors.1.1', doors, news)).toMatchObject({
    class: 'update',
    text: `${start}${report.text}`,
    follows: report.id,
    alert: { doors },
  });
});

describe('the report of a trouble', () => {
  const facts = (type: TroubleTypeName) => ({ id: 't.1.1', type, text: 'x', zone: 1, area: 2, occurredMs: 3 });

  test('and of its restoral have the codes of their type, one id, and follow each other', () => {
    for (const [type, { sia, siaRestore, contactId }] of Object.entries(TROUBLE_TYPES)) {
      const raised = troubleReport(facts(type as TroubleTypeName), 'standing');
      const restored = troubleReport(facts(type as TroubleTypeName), 'restored');
      expect(raised).toMatchObject({ id: 't.1.1', class: 'trouble', sia, contactId, qualifier: 1, text: 'x' });
      expect(restored).toMatchObject({
        id: 't.1.1.restore',
        class: 'troubleRestore',
        sia: siaRestore,
        contactId,
        qualifier: 3,
        follows: 't.1.1',
        text: 'Restored: x',
      });
    }
  });

  test.each(['fromTheFuture', 'toString', '__proto__'])(
    'a type that this version does not know (%s) is told as untyped',
    (type) => {
      expect(troubleReport(facts(type as TroubleTypeName), 'standing')).toMatchObject({ sia: 'YX', contactId: '380' });
    },
  );
});

test('tests say that they are tests, and drills that they are drills', () => {
  expect(periodicTestReport('t', 1)).toMatchObject({ class: 'test', sia: 'RP', contactId: '602', exercise: 'test' });
  expect(canaryReport('t', 4, 'Rm 1', 1)).toMatchObject({ class: 'test', sia: 'RX', contactId: '601', zone: 4 });
  expect(canaryReport('t', 4, 'Rm 1', 1).text).toBe('TEST: canary press, Rm 1');
  expect(drillReport('t', 'running', 'site', 1)).toMatchObject({ sia: 'TS', qualifier: 1, exercise: 'drill' });
  expect(drillReport('t', 'ended', 'site', 1)).toMatchObject({ sia: 'TE', qualifier: 3 });
  expect(drillReport('t', 'ended', 'site', 1).text).toBe('DRILL: drill ended, site');
});
