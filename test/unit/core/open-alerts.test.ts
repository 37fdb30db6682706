import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isNotConfirmed } from '../../../gateway/core/alert-progress.ts';
import { Alert } from '../../../gateway/core/alerts/alert.ts';
import { type AlertGroup, OpenAlerts } from '../../../gateway/core/alerts/open-alerts.ts';
import { invariant } from '../../../gateway/core/invariant.ts';
import type { Report } from '../../../gateway/core/report.ts';
import type { AlertKind } from '../../../gateway/core/site.ts';
import { device, KINDS } from '../../simulation/site.ts';

const kinds: readonly AlertKind[] = KINDS.flatMap((kind) => [kind, { ...kind, action: 'lockdown' as const }]);
const devices = ['A', 'B'].map((building, at) => {
  const made = device(101 + at);
  return { ...made, location: { ...made.location, building } };
});

function alertOf(at: number): Alert {
  const [kind, of] = [kinds[at % kinds.length], devices[at % devices.length]];
  const button = of?.buttons.values().next().value;
  invariant(kind !== undefined && of !== undefined && button !== undefined, 'the site has kinds and buttons');
  const report = { id: `d.1.${at}`, ...(at % 3 === 0 && { exercise: 'drill' }) } as Report;
  const press = { device: of, button, kind, pattern: 'single', identity: { epoch: 1, counter: at } } as const;
  return new Alert({ ...press, authenticated: true, capturedMs: 0 }, report, 0);
}

const step = fc.record({
  alert: fc.nat(11),
  do: fc.constantFrom('raise', 'notConfirmed', 'acknowledge', 'handOver', 'close'),
});

test('the counts say what a walk through all open alerts would say', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const counts = new OpenAlerts();
      const raised = new Map<number, Alert>();
      for (const { alert: at, do: what } of steps) {
        const alert = raised.get(at) ?? alertOf(at);
        raised.set(at, alert);
        if (what === 'notConfirmed') alert.notConfirmed = true;
        if (what === 'acknowledge') alert.acknowledged = { path: 'central', atMs: 1 };
        if (what === 'handOver') alert.handedOver = { path: 'pager', atMs: 1 };
        if (what === 'close') alert.closed = { state: 'resolved', by: 'desk', reason: 'over' };
        counts.note(alert);
        const open = [...raised.values()].filter(({ closed }) => closed === undefined);
        for (const is of QUESTIONS) expect(counts.some(is)).toBe(open.some((each) => is(groupOf(each))));
        for (const each of devices) {
          for (const button of each.buttons.values()) {
            expect(counts.ofButton(each, button)).toBe(open.some((alert) => alert.button === button));
          }
        }
      }
    }),
  );
});

const QUESTIONS: readonly ((group: AlertGroup) => boolean)[] = [
  () => true,
  ({ silent, exercise }) => !silent && !exercise,
  ({ notConfirmed, building }) => notConfirmed && building === 'A',
  ({ locks, exercise }) => locks && !exercise,
  ({ building }) => building === 'B',
];

function groupOf(alert: Alert): AlertGroup {
  return {
    building: alert.device.location.building,
    silent: alert.kind.silent,
    exercise: alert.exercise,
    locks: alert.kind.action !== undefined,
    notConfirmed: isNotConfirmed(alert),
  };
}
