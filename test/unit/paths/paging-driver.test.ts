import { expect, test } from 'vitest';
import type { Attempt, Outcome } from '../../../gateway/core/report.ts';
import type { CallLine, CallListener } from '../../../gateway/paths/call-line.ts';
import { PagingDriver } from '../../../gateway/paths/paging-driver.ts';
import { asciiToBytes } from '../../../protocol/bytes.ts';
import { SNPP_TIMES, SnppDialogue } from '../../../protocol/paging/snpp-dialogue.ts';
import { alarm } from '../cap/cap-reports.ts';

/** A line that is lost by the write with this number, within the write. */
class BrittleLine implements CallLine {
  readonly calls: CallListener[] = [];
  readonly #fatal: number;
  #writes = 0;

  constructor(fatal: number) {
    this.#fatal = fatal;
  }

  start(): void {}

  async stop(): Promise<void> {}

  call(listener: CallListener) {
    this.calls.push(listener);
    const write = () => {
      this.#writes += 1;
      if (this.#writes === this.#fatal) listener.lost('unreachable', 'the port is gone');
    };
    return { write, end: () => undefined };
  }
}

const attemptOf = (attempt: number): Attempt => {
  return {
    attempt,
    path: 'pagers',
    sequence: attempt,
    clockOffsetMs: 0,
    format: 0,
    report: { ...alarm, id: `a.1.${attempt}` },
  };
};

test.each([1, 2, 3])('a line lost within write %i ends the attempt once, and the next one goes on', async (fatal) => {
  const told: (number | readonly [number, Outcome['type']])[] = [];
  const line = new BrittleLine(fatal);
  const facts = { id: 'pagers', pagers: ['1'], characters: 80, pagersPerCall: 1 };
  const dialogue = (pagers: readonly string[], text: string) =>
    new SnppDialogue({ pages: pagers.map((pager) => ({ pager, text })) }, SNPP_TIMES);
  const driver = new PagingDriver(facts, line, dialogue, {
    sent: (_, attempt) => void told.push(attempt),
    outcome: (_, attempt, { type }) => void told.push([attempt, type]),
  });
  driver.start();
  driver.send(attemptOf(1));
  driver.send(attemptOf(2));
  line.calls[0]?.opened();
  for (let answer = 0; answer < fatal; answer++) line.calls[0]?.bytes(asciiToBytes('250 ok\r\n'));
  expect(told).toEqual(fatal === 1 ? [[1, 'failed']] : [1, [1, 'failed']]);
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(line.calls).toHaveLength(2);
  line.calls[1]?.opened();
  for (let answer = 0; answer < 5; answer++) line.calls[1]?.bytes(asciiToBytes('250 ok\r\n'));
  line.calls[1]?.bytes(asciiToBytes('221 bye\r\n'));
  expect(told.slice(-2)).toEqual([2, [2, 'handedOver']]);
  await driver.stop();
});
