import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ListedAlert, listAlerts } from '../../gateway/cli/alerts.ts';
import type { JournalRecord } from '../../gateway/core/journal-record.ts';
import type { Outcome } from '../../gateway/core/report.ts';
import type { Path, Site } from '../../gateway/core/site.ts';
import type { AlertDocument } from '../../protocol/mqtt-documents.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const QUIET = {
  supervision: { mode: 'off', intervalMs: 20_000, testIntervalMs: 300_000, downAfter: 2, upAfter: 2 },
} as const;
const PATHS: readonly Path[] = ['central', 'pager'].map((id) => path(id, QUIET));
const HANDED_OVER = { type: 'handedOver' } as const;
const ACKNOWLEDGED = { type: 'receiverAcknowledged' } as const;
const FAILED = { type: 'failed', reason: 'refused', detail: 'refused' } as const;

function planned(done: 'handedOver' | 'receiverAcknowledged', afterMs = 1_000): Site {
  const steps = PATHS.map(({ id }, place) => ({ path: id, afterMs: place === 0 ? 0 : afterMs }));
  return { ...site([device(101), device(102)], PATHS), plan: { steps, done } };
}

/**
 * Reads as `readJournal` does: a carried record is news only if the records it replaces are gone.
 */
function listed(world: SensorWorld): ListedAlert[] {
  const seen = new Set<string>();
  const records = world.journal.records.flatMap((record): readonly JournalRecord[] => {
    if (record.t === 'alert') seen.add(record.id);
    if (record.t !== 'kept') return [record];
    return seen.has(record.of.report.id) ? [] : [record.of, ...record.progress];
  });
  return listAlerts(records.map((record) => ({ entry: { record } })));
}

test('an alert whose plan is content with a hand-over is not called NOT CONFIRMED once that has happened', () => {
  const world = new SensorWorld(planned('handedOver'));
  world.receive = () => ({ afterMs: 5, outcome: FAILED });
  const id = world.press('wb-101', 1);
  world.run(12_000);
  expect(listed(world)).toMatchObject([{ id, not_confirmed: true }]);
  world.receive = ({ path: to }) => (to === 'pager' ? { afterMs: 5, outcome: HANDED_OVER } : undefined);
  world.run(30_000);
  expect(world.published.get(`alert/${id}`)).toMatchObject({ not_confirmed: false });
  expect(listed(world)).toMatchObject([{ id, state: 'sent', not_confirmed: false, handed_over_by_path: 'pager' }]);
});

test('a hand-over that does not complete the plan leaves the alert NOT CONFIRMED', () => {
  const world = new SensorWorld(planned('receiverAcknowledged', 0));
  world.receive = ({ path: to }) => (to === 'pager' ? { afterMs: 5, outcome: HANDED_OVER } : undefined);
  const id = world.press('wb-101', 1);
  world.run(12_000);
  expect(listed(world)).toMatchObject([{ id, not_confirmed: true }]);
  expect(listed(world)[0]).not.toHaveProperty('handed_over_by_path');
});

test('a crash between a hand-over and what it means for the alert is made good at the next start', () => {
  const world = new SensorWorld(planned('handedOver', 0));
  world.receive = ({ path: to }) => (to === 'pager' ? { afterMs: 5, outcome: HANDED_OVER } : undefined);
  const id = world.press('wb-101', 1);
  world.run(12_000);
  // The crash cut off the record of that.
  const cut = world.journal.entries.filter(({ record }) => !('completes' in record));
  expect(cut.length).toBe(world.journal.entries.length - 1);
  const again = new SensorWorld(planned('handedOver', 0), 1, cut);
  again.receive = world.receive;
  again.run(12_000);
  expect(again.published.get(`alert/${id}`)).toMatchObject({ not_confirmed: false });
  expect(listed(again)).toMatchObject([{ id, not_confirmed: false, handed_over_by_path: 'pager' }]);
});

test('a plan that asks for more after a restart does not make an alert incomplete that was complete', () => {
  const world = new SensorWorld(planned('handedOver', 0));
  world.receive = ({ path: to }) => (to === 'pager' ? { afterMs: 5, outcome: HANDED_OVER } : undefined);
  const id = world.press('wb-101', 1);
  world.run(2_000);
  world.crash();
  world.start(planned('receiverAcknowledged', 0));
  world.run(60_000);
  expect(world.published.get(`alert/${id}`)).toMatchObject({ state: 'sent', not_confirmed: false });
  expect(listed(world)).toMatchObject([{ id, not_confirmed: false }]);
});

const answer = fc.constantFrom<Outcome | undefined>(ACKNOWLEDGED, HANDED_OVER, FAILED, undefined);
const step = fc.oneof(
  fc.record({ do: fc.constant('press' as const), node: fc.constantFrom('wb-101', 'wb-102') }),
  fc.record({ do: fc.constant('answer' as const), central: answer, pager: answer }),
  fc.record({ do: fc.constant('run' as const), ms: fc.constantFrom(10, 1_500, 12_000, 90_000) }),
  fc.record({ do: fc.constantFrom('cancel' as const, 'resolve' as const), place: fc.nat(9) }),
  fc.record({ do: fc.constant('crash' as const) }),
);

/** A reader finds what is on the disk. */
function runUntilWritten(world: SensorWorld): void {
  for (world.run(10); world.journal.isWaiting; world.run(1));
}

test('callpoint alerts says of every alert what the gateway says, whatever happened', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(step, { maxLength: 25 }), (isContent, steps) => {
      const world = new SensorWorld(planned(isContent ? 'handedOver' : 'receiverAcknowledged'));
      const alerts: string[] = [];
      for (const each of steps) {
        if (each.do === 'press') alerts.push(world.press(each.node, alerts.length + 1));
        else if (each.do === 'answer') {
          world.receive = ({ path: to }) => {
            const outcome = to === 'pager' ? each.pager : each.central;
            return outcome && { afterMs: 20, outcome };
          };
        } else if (each.do === 'run') world.run(each.ms);
        else if (each.do === 'crash') {
          // Records that are not on disk are lost with the gateway. This test is about restarts,
          // not about that.
          runUntilWritten(world);
          world.crash();
          world.start();
        } else {
          const alert = alerts[each.place % Math.max(1, alerts.length)] ?? 'none';
          world.command({ command: each.do, alert, reason: 'because', by: 'kim' });
        }
      }
      runUntilWritten(world);
      const all = listed(world);
      const said = all.map(({ id, state, not_confirmed }) => ({ id, state, not_confirmed }));
      const shown = all.map(({ id, attempts }) => {
        const { state, not_confirmed } = world.published.get(`alert/${id}`) as AlertDocument;
        // These far ends do not report when a first byte leaves. For the journal an attempt is
        // enough.
        return { id, state: state === 'raised' && attempts > 0 ? 'sent' : state, not_confirmed };
      });
      expect(said).toEqual(shown);
      // The journal forgets settled alerts, and nothing else.
      const over = ['resolved', 'cancelled'];
      const isOpen = (id: string) => !over.includes((world.published.get(`alert/${id}`) as AlertDocument).state);
      expect(said.map(({ id }) => id).filter(isOpen)).toEqual(alerts.filter(isOpen));
    }),
    { numRuns: 300 },
  );
});
