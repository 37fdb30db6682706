import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askGateway, askQuestion } from '../../gateway/control/ask-gateway.ts';
import type { DoorDocument } from '../../protocol/mqtt-documents.ts';
import type { WalkTestDocument, WalkTestItem, WalkTestSummary } from '../../protocol/walk-test-document.ts';
import { WholeGateway } from './support/whole-gateway.ts';

let whole: WholeGateway;

/** What waited for an input is heard by then. */
const SETTLED_MS = 5_500;
const START = { action: 'start', scope: 'room:A/1/101', minutes: 10, tester: 'Maria', reason: 'commissioning' };

function itemOf({ places }: WalkTestDocument, name: string): WalkTestItem | undefined {
  return places.flatMap(({ items }) => items).find(({ item }) => item === name);
}

const asked = () => askQuestion(whole.site.data, 'walkTest');

beforeAll(async () => {
  // The data directory of the journal is that of the command socket.
  const data: { dataDirectory?: string } = {};
  whole = await WholeGateway.start({
    prepare: (site) => {
      data.dataDirectory = site.data;
    },
    gateway: data,
  });
  await whole.ready();
  const command = { command: 'walk-test', ...START, at: new Date().toISOString(), by: 'maria' };
  expect(await askGateway(whole.site.data, command)).toMatchObject({ ok: true });
  await whole.restart();
  await whole.ready();
});

afterAll(() => whole.stop());

test('a press right after a restart is real: it may have waited since before the walk test began', async () => {
  expect(await whole.mqtt.acknowledged(whole.press('wb-101'))).toMatchObject({ mode: 'live' });
  await sleep(SETTLED_MS);
});

test('a press in its scope reaches the desk as a test, lights the wall, and is ticked with its path', async () => {
  const id = whole.press('wb-101');
  await whole.mqtt.until('walk-test', (each: WalkTestSummary) => each.counts.tested === 1);
  await whole.led('wb-101', 'green');
  const shown = whole.receiver.displayed.filter(({ reportId }) => reportId === id);
  expect(shown.map(({ code }) => code)).toEqual(['RX']);
  expect(shown[0]?.text).toContain('TEST: Medical');
  expect(itemOf(await asked(), 'button:wb-101/button-2')).toMatchObject({
    state: 'tested',
    proof: {
      kind: 'walkTest',
      tester: 'Maria',
      alert: id,
      signal: { repeats: expect.any(Number) },
      paths: [{ path: 'central', ms: expect.any(Number) }],
    },
  });
});

test('a press that is held, or from the next room, is real', async () => {
  const held = whole.simulator.press('wb-101', 'button-1', 'long')?.alert ?? '';
  whole.simulator.release('wb-101', 'button-1');
  const next = whole.press('wb-102');
  for (const [id, kind] of [
    [held, 'hold-up'],
    [next, 'medical'],
  ] as const) {
    expect(await whole.mqtt.acknowledged(id)).toMatchObject({ mode: 'live', kind });
  }
});

test('a door that is opened and closed, unlocked and locked, is ticked', async () => {
  const [door] = (await asked()).places.flatMap(({ items }) => items).filter(({ of }) => of === 'door');
  const topic = `door/${door?.of === 'door' ? door.door : ''}/state`;
  await whole.mqtt.until(topic, ({ state }: DoorDocument) => state === 'secured');
  for (const [move, becomes] of [
    ['unlocked', 'closedUnlocked'],
    ['open', 'open'],
    ['closed', 'closedUnlocked'],
    ['locked', 'secured'],
  ] as const) {
    whole.simulator.door('wb-101', move);
    await whole.mqtt.until(topic, ({ state }: DoorDocument) => state === becomes);
  }
  await whole.mqtt.until('walk-test', ({ last }: WalkTestSummary) => last?.of === 'door' && last.state === 'tested');
  const doors = (await asked()).places.flatMap(({ items }) => items).filter(({ of }) => of === 'door');
  expect(doors.map(({ state }) => state)).toEqual(['tested']);
});

test('it can’t be started again by what started it, and ends when it is told to', async () => {
  const at = new Date().toISOString();
  const again = { command: 'walk-test', ...START, at, by: 'maria' };
  expect(await askGateway(whole.site.data, again)).toMatchObject({ ok: true });
  expect(await askGateway(whole.site.data, again)).toMatchObject({ ok: false });
  const stop = { command: 'walk-test', action: 'stop', reason: 'done', by: 'maria' };
  expect(await askGateway(whole.site.data, stop)).toMatchObject({ ok: true });
  expect(await askGateway(whole.site.data, again)).toMatchObject({ ok: false });
  await whole.mqtt.until('walk-test', ({ state }: WalkTestSummary) => state === 'ended');
  const id = whole.press('wb-101');
  expect(await whole.mqtt.acknowledged(id)).toMatchObject({ mode: 'live' });
});
