import { afterEach, describe, expect, it } from 'vitest';
import { openEventPipe } from '../../../device-sim/gpio/event-pipe.ts';
import type { EventQueue } from '../../../device-sim/gpio/gpio-chip.ts';
import { type LineEvent, lineEvent } from '../../../device-sim/gpio/gpio-structs.ts';
import { EdgeLines } from '../../../gateway/inputs/gpio/edge-lines.ts';
import { loadSystemCalls, type SystemCalls } from '../../../gateway/inputs/gpio/system-calls.ts';
import { SystemError } from '../../../gateway/system/libc.ts';
import { Waiting } from '../../integration/support/waiting.ts';

let queue: EventQueue;
let lines: EdgeLines;
let told: string[];
let waiting: Waiting;

afterEach(() => {
  lines.close();
  queue.hangUp();
});

/**
 * Lines 17 and 27 on a descriptor the test writes events into; levels are read if `ioctl` lets
 * them.
 */
async function listen(ioctl: SystemCalls['ioctl'] = () => undefined): Promise<void> {
  told = [];
  waiting = new Waiting();
  queue = openEventPipe(() => undefined);
  const tell = (words: string) => {
    told.push(words);
    waiting.check();
  };
  const { poller } = await loadSystemCalls();
  lines = new EdgeLines({ ioctl, poller }, queue.fd, [17, 27], {
    edge: (line, level) => tell(`${line}=${level}`),
    levels: () => tell('levels'),
    lost: (reason) => tell(`lost: ${reason}`),
  });
  lines.listen();
}

/** Events of line 17, one for each number of the request. */
function push(...seqnos: number[]): void {
  for (const seqno of seqnos) queue.push(lineEvent({ ...EDGE, seqno }));
}

const EDGE: LineEvent = { timestampNs: 1_000_000n, rising: true, offset: 17, seqno: 1, lineSeqno: 1 };

async function untilTold(count: number): Promise<void> {
  await waiting.until(
    `${count} words`,
    () => told.length >= count,
    () => told,
  );
}

describe('the numbers of edges', () => {
  it('without a gap: levels are read once, at the start', async () => {
    await listen();
    push(1, 2, 3);
    queue.push(lineEvent({ ...EDGE, seqno: 4, offset: 27, rising: false }));
    await untilTold(5);
    expect(told).toEqual(['levels', '0=1', '0=1', '0=1', '1=0']);
    expect([lines.heard, lines.lostEdges]).toEqual([4, 0]);
  });

  it('with a gap: levels are read again, after all edges that wait', async () => {
    await listen();
    push(1, 4, 5);
    await untilTold(5);
    expect(told).toEqual(['levels', '0=1', '0=1', '0=1', 'levels']);
    expect([lines.heard, lines.lostEdges]).toEqual([3, 2]);
  });

  it('with a gap at the very start', async () => {
    await listen();
    push(3);
    await untilTold(3);
    expect(lines.lostEdges).toBe(2);
  });

  it('in another order, as interrupt threads of two lines may write them: none is lost', async () => {
    await listen();
    push(2, 1, 3);
    await untilTold(5);
    expect([lines.heard, lines.lostEdges]).toEqual([3, 0]);
  });

  it('more than a read takes are all told before the levels', async () => {
    await listen();
    push(2, ...Array.from({ length: 99 }, (_, index) => index + 3));
    await untilTold(102);
    expect(told.filter((words) => words === 'levels')).toHaveLength(2);
    expect(told.at(-1)).toBe('levels');
  });
});

describe('a chip that goes', () => {
  it('is told once, and closes the descriptor', async () => {
    await listen();
    push(1);
    queue.hangUp();
    await untilTold(3);
    lines.reread();
    lines.close();
    expect(told).toEqual(['levels', '0=1', 'lost: hung up']);
  });

  it('is found when the levels are read, in the words of the system', async () => {
    let isGone = false;
    await listen(() => {
      if (isGone) throw new SystemError('ENODEV', 'no such device');
    });
    isGone = true;
    lines.reread();
    lines.reread();
    expect(told).toEqual(['levels', 'lost: no such device']);
    expect(queue.isReleased()).toBe(true);
  });
});

it('an edge of a line that was not asked for is counted and tells nothing', async () => {
  await listen();
  queue.push(lineEvent({ ...EDGE, offset: 99 }));
  queue.push(lineEvent({ ...EDGE, seqno: 2 }));
  await untilTold(2);
  expect(told).toEqual(['levels', '0=1']);
  expect(lines.heard).toBe(2);
});
