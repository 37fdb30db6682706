import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../gateway/core/alerts/alert.ts';
import type { Outcome } from '../../../gateway/core/report.ts';
import type { Site } from '../../../gateway/core/site.ts';
import { PartsRig, quietPath, quietSite } from './parts-rig.ts';

const ACKNOWLEDGED = { type: 'receiverAcknowledged' } as const;
const HANDED_OVER = { type: 'handedOver' } as const;
const FAILED = { type: 'failed', reason: 'closed', detail: 'closed' } as const;
const PATHS = [quietPath('central'), quietPath('pager')];

function planned(done: 'receiverAcknowledged' | 'handedOver'): Site {
  return quietSite({ paths: PATHS, plan: { steps: PATHS.map(({ id }) => ({ path: id, afterMs: 0 })), done } });
}

class Book extends PartsRig {
  #presses = 0;

  raise(exercise?: 'drill'): Alert {
    const device = this.context.site.devices.get('wb-101');
    const button = device?.buttons.get(0);
    const kind = this.context.site.kinds.get('hold-up');
    if (device === undefined || button === undefined || kind === undefined) throw new Error('the site has the button');
    this.#presses += 1;
    const press = { device, button, kind, pattern: 'single', identity: { epoch: 1, counter: this.#presses } } as const;
    const how = { authenticated: true, capturedMs: this.monoMs, ...(exercise && { exercise }) };
    const alert = this.parts.alerts.raise({ ...press, ...how });
    this.take();
    return alert;
  }

  close(id: string, state: 'resolved' | 'cancelled' = 'resolved'): boolean {
    const isClosed = this.parts.alerts.close(id, state, 'kim', 'because');
    this.take();
    return isClosed;
  }

  count(t: string, alert: string): number {
    return this.records().filter((record) => {
      if (record.t !== t) return false;
      if ('alert' in record) return record.alert === alert;
      if (record.t === 'report') return record.report.follows === alert;
      return 'report' in record && record.report === alert;
    }).length;
  }
}

describe('NOT CONFIRMED', () => {
  test.each([
    ['without an answer', 'receiverAcknowledged', undefined, true],
    ['with failures alone', 'receiverAcknowledged', FAILED, true],
    ['with a hand-over, where the plan asks for an acknowledgement', 'receiverAcknowledged', HANDED_OVER, true],
    ['with a hand-over, where the plan is content with it', 'handedOver', HANDED_OVER, false],
    ['with an acknowledgement', 'receiverAcknowledged', ACKNOWLEDGED, false],
    ['with an acknowledgement, where a hand-over would do', 'handedOver', ACKNOWLEDGED, false],
  ] as const)('%s', (_, done, outcome, isNotConfirmed) => {
    const book = new Book(planned(done));
    const { id } = book.raise();
    if (outcome !== undefined) book.answer(outcome);
    book.pass(9_999);
    expect(book.count('notConfirmed', id)).toBe(0);
    book.pass(1);
    expect(book.count('notConfirmed', id)).toBe(isNotConfirmed ? 1 : 0);
    expect(book.published('alert').at(-1)?.not_confirmed).toBe(isNotConfirmed);
  });
});

test('an acknowledged alert is resolved by the gateway after a day, and one that nobody acknowledged never is', () => {
  const book = new Book(planned('receiverAcknowledged'));
  const first = book.raise();
  book.answer(ACKNOWLEDGED);
  const second = book.raise();
  book.pass(86_400_000 - 1);
  expect(first.closed).toBeUndefined();
  book.pass(1);
  expect(first.closed).toMatchObject({ state: 'resolved', by: 'gateway' });
  expect(second.closed).toBeUndefined();
  expect([...book.parts.alerts.open()]).toEqual([second]);
});

test('what comes of one alert changes no other', () => {
  const book = new Book(planned('receiverAcknowledged'));
  const [one, two] = [book.raise(), book.raise()];
  book.parts.alerts.ended(one.report, { how: 'acknowledged', path: 'central' });
  expect([one.acknowledged?.path, two.acknowledged]).toEqual(['central', undefined]);
});

test('a drill that no path takes is settled: nothing is waited for', () => {
  const live = [quietPath('central', { liveOnly: true })];
  const book = new Book(
    quietSite({ paths: live, plan: { steps: [{ path: 'central', afterMs: 0 }], done: 'receiverAcknowledged' } }),
  );
  const alert = book.raise('drill');
  book.pass(60_000);
  expect(book.attempts()).toEqual([]);
  expect(book.count('notConfirmed', alert.id)).toBe(0);
  expect(book.close(alert.id)).toBe(true);
  expect(book.parts.alerts.get(alert.id)).toBeUndefined();
});

test('a step of an alert that nobody raised is a defect, not something to pass over', () => {
  const book = new Book();
  const { report } = book.raise();
  const stranger = { ...report, id: 'wb-999.1.1' };
  expect(() => book.parts.alerts.sent(stranger, 1)).toThrow('unknown');
  expect(() => book.parts.alerts.ended(stranger, { how: 'acknowledged', path: 'central' })).toThrow('unknown');
  expect(() => book.parts.alerts.notConfirmedDue('wb-999.1.1')).toThrow('unknown');
});

const outcome = fc.constantFrom<Outcome>(ACKNOWLEDGED, HANDED_OVER, FAILED);
const step = fc.oneof(
  fc.record({ do: fc.constant('raise' as const) }),
  fc.record({ do: fc.constant('answer' as const), outcome, to: fc.constantFrom('central', 'pager', undefined) }),
  fc.record({ do: fc.constantFrom('resolved' as const, 'cancelled' as const), place: fc.nat(4) }),
  fc.record({ do: fc.constant('durable' as const) }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(5, 900, 11_000) }),
);

test('whatever happens, an alert takes its steps once, is closed once, and is given up only when nothing is owed', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(step, { maxLength: 25 }), (isContent, steps) => {
      const book = new Book(planned(isContent ? 'handedOver' : 'receiverAcknowledged'));
      const raised: Alert[] = [];
      for (const each of steps) {
        if (each.do === 'raise') raised.push(book.raise());
        else if (each.do === 'answer') book.answer(each.outcome, each.to);
        else if (each.do === 'durable') book.makeDurable();
        else if (each.do === 'pass') book.pass(each.ms);
        else book.close(raised[each.place]?.id ?? 'none', each.do);
      }
      for (const alert of raised) {
        const { id, acknowledged, handedOver, closed, undeliverable } = alert;
        const isSettled = acknowledged !== undefined || handedOver !== undefined || undeliverable;
        expect(book.count('closed', id)).toBe(closed === undefined ? 0 : 1);
        expect(book.count('report', id)).toBe(closed === undefined ? 0 : 1);
        expect(book.count('notConfirmed', id)).toBe(alert.notConfirmed ? 1 : 0);
        expect(book.count('settled', id)).toBe(closed !== undefined && isSettled ? 1 : 0);
        expect(book.parts.alerts.get(id)).toBe(closed !== undefined && isSettled ? undefined : alert);
        expect(handedOver !== undefined).toBe(
          book.records().some((record) => 'completes' in record && record.report === id),
        );
        const shown = book.published('alert').filter((document) => document.id === id);
        const order = ['raised', 'sent', 'acknowledged', 'resolved'];
        const places = shown.map(({ state }) => order.indexOf(state === 'cancelled' ? 'resolved' : state));
        expect(places).toEqual([...places].sort());
      }
      expect([...book.parts.alerts.open()]).toEqual(raised.filter(({ closed }) => closed === undefined));
    }),
    { numRuns: 200 },
  );
});
