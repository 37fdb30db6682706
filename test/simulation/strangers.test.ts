import { expect, test } from 'vitest';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const HOUR = 3_600_000;

function worldOf(): { world: SensorWorld; sealed: (address: string) => void } {
  const world = new SensorWorld(site([device(101)], [path('central')]));
  const sealed = (address: string) => {
    const from = { input: 'bus-1', address, reason: 'notEnrolled', says: 'readings', isSealedEvent: true } as const;
    world.give({ type: 'unknownSignal', signal: { ...from, capturedMs: world.clock.nowMs } });
  };
  return { world, sealed };
}

test('an event of an encrypted device that nobody knows is a line in the log, once an hour, and no message to a receiver', () => {
  const { world, sealed } = worldOf();
  const reports = world.attempts.length;
  for (let at = 0; at < 50; at += 1) sealed('7C:C6:B6:00:00:0B');
  expect(world.logged('stranger.heard')).toEqual([expect.objectContaining({ address: '7C:C6:B6:00:00:0B' })]);
  expect(world.attempts.length).toBe(reports);
  world.run(HOUR);
  sealed('7C:C6:B6:00:00:0B');
  expect(world.logged('stranger.heard')).toHaveLength(2);
});

test('ten thousand such addresses write twenty lines an hour, and how many were not written', () => {
  const { world, sealed } = worldOf();
  for (let at = 0; at < 10_000; at += 1) sealed(`F0:${at}`);
  expect(world.logged('stranger.heard')).toHaveLength(20);
  world.run(HOUR);
  sealed('F0:0');
  expect(world.logged('stranger.notLogged')).toEqual([{ messages: 9_980 }]);
  expect(world.logged('stranger.heard')).toHaveLength(21);
});

test('a press in the clear goes to a receiver, as before', () => {
  const { world } = worldOf();
  const from = { input: 'bus-1', address: 'F0:1', reason: 'notEnrolled', says: 'press' } as const;
  world.give({ type: 'unknownSignal', signal: { ...from, capturedMs: world.clock.nowMs } });
  world.run(1000);
  expect(world.attempts.map(({ report }) => report.text).join()).toContain('Press from unknown device');
});
