import { expect, test } from 'vitest';
import { OwnHealth } from '../../../gateway/core/troubles/own-health.ts';
import { TestContext } from './test-context.ts';

/** Longer than the time for which a flapping trouble must be gone. */
const CALM_MS = 61_000;

function rig() {
  const test = new TestContext();
  const health = new OwnHealth(test.troubles);
  return { test, health, run: (ms: number) => test.run(ms), texts: () => test.texts };
}

test('the restoral of the log says how many lines were lost', () => {
  const { test, health, texts } = rig();
  health.log('failed', 'a write fails with ENOSPC');
  health.log('ok', '', 12);
  expect(texts().at(-1)).toBe('Restored: Log cannot be written');
  expect(test.details.at(-1)).toBe('a write fails with ENOSPC; lines lost: 12');
});

test('a restoral that flapping delays tells the lines of every failure since the trouble was raised', () => {
  const { test, health, run, texts } = rig();
  const fails = (lost: number) => {
    health.log('failed', 'a write fails with EIO');
    health.log('ok', '', lost);
    run(1_000);
  };
  fails(1);
  expect(texts()).toHaveLength(2);
  fails(20);
  fails(300);
  fails(0);
  expect(texts()).toHaveLength(3);
  run(CALM_MS);
  expect(texts().slice(3)).toEqual(['Restored: Log cannot be written']);
  expect(test.details.at(-1)).toBe('a write fails with EIO; lines lost: 320');
  run(CALM_MS);
  fails(0);
  expect(texts().at(-1)).toBe('Restored: Log cannot be written');
  expect(test.details.at(-1)).toBe('a write fails with EIO');
});

test('a client that was turned away is named by its account, and the broker says the rest to the administrator', () => {
  const { test, health, texts } = rig();
  const detail = 'from 10.0.0.7: it may not leave a will on "homeassistant/status"';
  health.ofBroker({ type: 'clientTurnedAway', account: 'console', standing: true, detail });
  health.ofBroker({ type: 'brokerHealth', state: 'down', detail: "find it with 'ss -ltnp' (port 1883)" });
  expect(texts()).toEqual(['MQTT client turned away: console', 'MQTT broker down']);
  expect(test.details).toEqual([detail, "find it with 'ss -ltnp' (port 1883)"]);
});

test('what only a restart mends stands while the disk fails and is well again', () => {
  const { health, run, texts } = rig();
  health.journalUntilRestart('this start has no new session number');
  health.journal('failed', 'the disk has not answered for 2 s');
  health.journal('ok', 'the disk answers again');
  run(CALM_MS);
  expect(texts()).toEqual(['Journal degraded', 'Journal cannot be written', 'Restored: Journal cannot be written']);
});
