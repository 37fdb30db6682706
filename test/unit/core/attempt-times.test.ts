import { expect, test } from 'vitest';
import type { JournalRecord } from '../../../gateway/core/journal-record.ts';
import { SensorWorld } from '../../simulation/sensor-world.ts';
import { device, path, site } from '../../simulation/site.ts';

const CENTRAL = path('central', { supervision: { ...path('central').supervision, mode: 'off' } });
const SCHOOL = site([device(101, { heartbeatMs: 0 })], [CENTRAL]);

function outcomes(world: SensorWorld): Extract<JournalRecord, { t: 'outcome' }>[] {
  return world.journal.records.filter((record) => record.t === 'outcome');
}

test('the record of an outcome tells how long the attempt took, and when its first byte left', () => {
  const world = new SensorWorld(SCHOOL);
  world.receive = () => ({ afterMs: 40, outcome: { type: 'receiverAcknowledged' } });
  world.press('wb-101', 1);
  world.run(1000);
  const [record] = outcomes(world);
  expect(record).toMatchObject({ outcome: 'receiverAcknowledged', tookMs: 40 });
  expect(record?.sentMs).toBeGreaterThanOrEqual(0);
  expect(record?.sentMs).toBeLessThanOrEqual(40);
});

test('an attempt that sent no byte has no moment of its first byte', () => {
  const world = new SensorWorld(SCHOOL);
  const outcome = { type: 'failed', reason: 'unreachable', detail: 'connection refused' } as const;
  world.receive = () => ({ afterMs: 12, outcome });
  world.press('wb-101', 1);
  world.run(5000);
  const [record] = outcomes(world);
  expect(record).toMatchObject({ outcome: 'unreachable', tookMs: 12 });
  expect(record).not.toHaveProperty('sentMs');
});
