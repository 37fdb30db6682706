import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Ending } from '../../gateway/cli/ending.ts';
import type { Log } from '../../gateway/system/log.ts';

const never = () => new Promise<void>(() => undefined);
const atOnce = async () => undefined;

function world({ flush = atOnce as Log['flush'] } = {}) {
  const exits: number[] = [];
  const lines: string[] = [];
  const logger = pino({ base: null, messageKey: 'event' }, { write: (line: string) => void lines.push(line) });
  const log: Log = { logger, announce: () => undefined, print: () => undefined, onHealth: () => undefined, flush };
  return { ending: new Ending(log, (code) => void exits.push(code)), exits, lines };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] }));
afterEach(() => void vi.useRealTimers());

test('a gateway that stops ends the process with 0', async () => {
  const { ending, exits } = world();
  ending.stop('SIGTERM', atOnce);
  await pass(0);
  expect(exits[0]).toBe(0);
});

test('a gateway that never stops does not keep the process alive: 1 after 8 s, and the log says so', async () => {
  const { ending, exits, lines } = world();
  ending.stop('SIGTERM', never);
  await pass(7_999);
  expect(exits).toEqual([]);
  await pass(1);
  expect(exits[0]).toBe(1);
  expect(lines.at(-1)).toContain('did not stop in time');
});

test('a second signal ends the process at once, but not the copy of the first that npm passes on', async () => {
  const { ending, exits } = world();
  ending.stop('SIGINT', never);
  ending.stop('SIGINT', never);
  expect(exits).toEqual([]);
  await pass(501);
  ending.stop('SIGTERM', never);
  expect(exits).toEqual([1]);
});

test('an update stops the gateway as a signal does; a signal that comes then is the first one', async () => {
  const stopping = world();
  stopping.ending.stopForUpdate('cli:root', never);
  await pass(600);
  stopping.ending.stop('SIGTERM', never);
  expect(stopping.exits).toEqual([]);
  expect(stopping.lines.map((line) => JSON.parse(line))).toMatchObject([{ update: 'cli:root', event: 'stopping' }]);
  const stopped = world();
  stopped.ending.stopForUpdate('cli:root', atOnce);
  await pass(0);
  expect(stopped.exits[0]).toBe(0);
});

test('a defect ends the process with 70 also while it stops, and so does a stop that fails', async () => {
  const stopping = world();
  stopping.ending.stop('SIGTERM', never);
  stopping.ending.defect(new Error('a defect'));
  const failing = world();
  failing.ending.stop('SIGTERM', () => Promise.reject(new Error('a defect')));
  await pass(0);
  expect([stopping.exits[0], failing.exits[0]]).toEqual([70, 70]);
});

test('a log that never ends its flush, or throws at it, keeps no process alive; of many defects one is told', async () => {
  const hanging = world({ flush: never });
  for (let defect = 0; defect < 1000; defect++) hanging.ending.defect(new Error('a defect'));
  const throwing = world({ flush: () => Promise.reject(new Error('no log')) });
  throwing.ending.defect('no error at all');
  await pass(1_000);
  expect([hanging.exits[0], throwing.exits[0]]).toEqual([70, 70]);
  expect(hanging.lines).toHaveLength(1);
});
