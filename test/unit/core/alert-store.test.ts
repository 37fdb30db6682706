import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Alert } from '../../../gateway/core/alerts/alert.ts';
import { AlertStore } from '../../../gateway/core/alerts/alert-store.ts';
import { FinishedDeliveries } from '../../../gateway/core/alerts/finished-deliveries.ts';
import { OpenAlerts } from '../../../gateway/core/alerts/open-alerts.ts';
import { AlertPacker } from '../../../gateway/core/alerts/packed-alert.ts';
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

test('an alert that was packed is the same alert', () => {
  fc.assert(
    fc.property(facts, (each) => {
      const alert = settledAlert(1, each);
      const counts = new OpenAlerts();
      counts.note(alert);
      const packer = new AlertPacker();
      const packed = packer.pack(alert, SITE);
      invariant(packed !== undefined, 'it can be packed');
      const again = packer.unpack(alert.id, packed, SITE, counts);
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
  expect(new AlertPacker().pack(settledAlert(1, change), SITE)).toBeUndefined();
  expect(new AlertPacker().pack(settledAlert(), SITE)).toBeDefined();
});

test('an alert stays as it is: one about which updates were sent', () => {
  const alert = settledAlert();
  alert.noteUpdate({ id: 'u1', occurredMs: 1 });
  expect(new AlertPacker().pack(alert, SITE)).toBeUndefined();
});

function storeOf(fullMax: number, counts = new OpenAlerts()): AlertStore {
  return new AlertStore({ site: SITE }, counts, fullMax);
}

function fullOf(store: AlertStore): readonly string[] {
  return [...store.full()].map(({ id }) => id);
}

test('all but the newest settled alerts are packed, and what is changed of one that was packed stays changed', () => {
  const store = storeOf(2);
  const alerts = Array.from({ length: 10 }, (_, number) => settledAlert(number + 1));
  for (const alert of alerts) store.add(alert);
  for (const alert of alerts) store.retire(alert);
  expect([...store.full()]).toEqual(alerts.slice(8));
  expect(store.size).toBe(10);
  const asked = store.get('wb-101.7.3');
  invariant(asked !== undefined, 'it is in the store');
  expect(asked).toEqual(alerts[2]);
  asked.published = { atMs: 99 };
  expect(fullOf(store)).toContain(asked.id);
  expect(store.get(asked.id)).toBe(asked);
  for (const alert of alerts.slice(8)) store.retire(alert);
  expect(fullOf(store)).toContain(asked.id);
  store.add(settledAlert(11));
  store.retire(settledAlert(11));
  store.retire(settledAlert(12));
  expect(fullOf(store)).not.toContain(asked.id);
  expect(store.get(asked.id)?.published).toEqual({ atMs: 99 });
});

test('who reads all alerts gets those that are packed as copies, and they stay packed', () => {
  const store = storeOf(0);
  const alerts = Array.from({ length: 10 }, (_, number) => settledAlert(number + 1));
  for (const alert of alerts) store.add(alert);
  for (const alert of alerts) store.retire(alert);
  expect([...store.copies()]).toEqual(alerts);
  expect(fullOf(store)).toEqual([]);
});

test('a deleted alert leaves nothing behind', () => {
  const store = storeOf(0);
  const alert = settledAlert();
  store.add(alert);
  store.retire(alert);
  expect([store.size, fullOf(store)]).toEqual([1, []]);
  const asked = store.get(alert.id);
  if (asked !== undefined) store.delete(asked);
  expect([store.size, store.has(alert.id), fullOf(store)]).toEqual([0, false, []]);
});

test('an alert that was packed is counted once, and not at all when it is closed', () => {
  const counts = new OpenAlerts();
  const store = storeOf(0, counts);
  const alert = settledAlert();
  store.add(alert);
  store.retire(alert);
  const asked = store.get(alert.id);
  invariant(asked !== undefined && asked !== alert, 'it was packed');
  counts.note(asked);
  expect(counts.ofButton(alert.device, alert.button)).toBe(true);
  expect(counts.alike(asked)).toBe(1);
  asked.closed = { state: 'cancelled', by: 'desk', reason: 'leant on it' };
  counts.note(asked);
  expect([counts.ofButton(alert.device, alert.button), counts.some(() => true)]).toEqual([false, false]);
  expect(counts.alike(asked)).toBe(0);
});
