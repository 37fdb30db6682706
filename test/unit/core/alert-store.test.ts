import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Alert } from '../../../gateway/core/alerts/alert.ts';
import { AlertStore } from '../../../gateway/core/alerts/alert-store.ts';
import { alertOfText, textOfAlert } from '../../../gateway/core/alerts/alert-text.ts';
import { FinishedDeliveries } from '../../../gateway/core/alerts/finished-deliveries.ts';
import { OpenAlerts } from '../../../gateway/core/alerts/open-alerts.ts';
import { invariant } from '../../../gateway/core/invariant.ts';
import { alarmReport } from '../../../gateway/core/make-report.ts';
import { device, path, site } from '../../simulation/site.ts';

const SITE = site([device(101), device(102)], [path('central')]);
const DEVICE = SITE.devices.get('wb-101');

function settledAlert(counter = 1, change: Partial<Alert> = {}): Alert {
  const [button] = DEVICE?.buttons.values() ?? [];
  const kind = SITE.kinds.get(button?.kind ?? '');
  invariant(DEVICE !== undefined && button !== undefined && kind !== undefined, 'the site has them');
  const press = { device: DEVICE, button, kind, pattern: 'single', authenticated: true, capturedMs: 5.125 } as const;
  const id = `wb-101.7.${counter}`;
  const report = alarmReport({ ...press, id, exercise: undefined, occurredMs: 1_000, doors: undefined });
  const alert = new Alert({ ...press, identity: { epoch: 7, counter } }, report, 1_000);
  alert.deliveries = new FinishedDeliveries(['central', 'acknowledged', 1, 17]);
  alert.durable = { atMs: 7 };
  alert.acknowledged = { path: 'central', atMs: 6.5 };
  Object.assign(alert, change);
  alert.compact();
  return alert;
}

const step = fc.constantFrom(undefined, { atMs: undefined }, { atMs: 12.345_678 });
const stepOnPath = fc.constantFrom(undefined, { path: 'central', atMs: undefined }, { path: 'central', atMs: 9 });
const facts = fc.record({
  sent: step,
  published: step,
  durable: fc.constantFrom({ atMs: undefined }, { atMs: 8 }),
  acknowledged: stepOnPath,
  handedOver: stepOnPath,
  notConfirmed: fc.boolean(),
  undeliverable: fc.boolean(),
  publication: fc.constantFrom(undefined, 4),
  recordNumber: fc.nat(),
  wallStatus: fc.constantFrom(undefined, 'accepted' as const, 'notConfirmed' as const),
  attemptedBefore: fc.constantFrom([], ['central', 'radio']),
  ofEarlierKey: fc.boolean(),
});

test('an alert that was a text is the same alert', () => {
  fc.assert(
    fc.property(facts, fc.nat(3), (each, updates) => {
      const alert = settledAlert(1, each);
      for (let number = 0; number < updates; number += 1) alert.noteUpdate({ id: `u${number}`, occurredMs: number });
      const counts = new OpenAlerts();
      counts.note(alert);
      const text = textOfAlert(alert, SITE);
      invariant(text !== undefined, 'it can be a text');
      const again = alertOfText(alert.id, text, SITE, counts);
      expect({ ...again, deliveries: [...again.deliveries] }).toEqual({ ...alert, deliveries: [...alert.deliveries] });
      expect(again.report).toEqual(alert.report);
      expect(again.earlier).toEqual(alert.earlier);
    }),
  );
});

test.each<[string, Partial<Alert>]>([
  ['of a drill, which ends with the drill', { exercise: 'drill' }],
  ['whose doors are told', { doors: [] }],
  ['that is closed and still owed', { closed: { state: 'resolved', by: 'desk', reason: 'over' } }],
  ['that is not durable', { durable: undefined }],
  ['of a device that the configuration no longer has', { device: { ...device(101) } }],
  ['with a path that has not finished', { deliveries: [['central', { state: 'sending', attempts: 1, sequence: 1 }]] }],
])('an alert stays as it is: one %s', (_, change) => {
  expect(textOfAlert(settledAlert(1, change), SITE)).toBeUndefined();
  expect(textOfAlert(settledAlert(), SITE)).toBeDefined();
});

test('all but the newest settled alerts are texts, and what is changed of one that was a text stays changed', () => {
  const texts = new Map<string, string>();
  const store = new AlertStore({ site: SITE }, { texts, fullMax: 2 }, new OpenAlerts());
  const alerts = Array.from({ length: 10 }, (_, number) => settledAlert(number + 1));
  for (const alert of alerts) store.add(alert);
  for (const alert of alerts) store.retire(alert);
  expect([...texts.keys()]).toEqual(alerts.slice(0, 8).map(({ id }) => id));
  expect([...store.full()]).toEqual(alerts.slice(8));
  const asked = store.get('wb-101.7.3');
  invariant(asked !== undefined, 'it is in the store');
  asked.published = { atMs: 99 };
  expect(texts.has(asked.id)).toBe(false);
  expect(store.get(asked.id)).toBe(asked);
  for (const alert of alerts.slice(8)) store.retire(alert);
  expect(texts.has(asked.id)).toBe(false);
  store.add(settledAlert(11));
  store.retire(settledAlert(11));
  store.retire(settledAlert(12));
  expect(texts.has(asked.id)).toBe(true);
  expect(store.get(asked.id)?.published).toEqual({ atMs: 99 });
});

test('a deleted alert leaves nothing behind', () => {
  const texts = new Map<string, string>();
  const store = new AlertStore({ site: SITE }, { texts, fullMax: 0 }, new OpenAlerts());
  const alert = settledAlert();
  store.add(alert);
  store.retire(alert);
  expect(texts.size).toBe(1);
  const asked = store.get(alert.id);
  if (asked !== undefined) store.delete(asked);
  expect([texts.size, store.has(alert.id), [...store.full()].length]).toEqual([0, false, 0]);
});

test('an alert that was a text is counted once, and not at all when it is closed', () => {
  const counts = new OpenAlerts();
  const store = new AlertStore({ site: SITE }, { texts: new Map(), fullMax: 0 }, counts);
  const alert = settledAlert();
  store.add(alert);
  store.retire(alert);
  const asked = store.get(alert.id);
  invariant(asked !== undefined && asked !== alert, 'it was a text');
  counts.note(asked);
  expect(counts.ofButton(alert.device, alert.button)).toBe(true);
  asked.closed = { state: 'cancelled', by: 'desk', reason: 'leant on it' };
  counts.note(asked);
  expect([counts.ofButton(alert.device, alert.button), counts.some(() => true)]).toEqual([false, false]);
});
