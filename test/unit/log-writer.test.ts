import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openLog } from '../../gateway/system/log.ts';
import { type LogHealth, LogWriter, type WriteSome } from '../../gateway/system/log-writer.ts';

const LINE = 'a line of the log\n';

/** A reader that the test can make slow, full or broken. */
function world() {
  let answer: { code: string } | 'hangs' | 'reads' = 'reads';
  let atMost = Number.POSITIVE_INFINITY;
  let written = '';
  let writes = 0;
  const pending: (() => void)[] = [];
  const write: WriteSome = (bytes, done) => {
    writes += 1;
    const take = () => {
      const some = bytes.subarray(0, atMost);
      written += Buffer.from(some).toString();
      done(null, some.length);
    };
    const current = answer;
    if (current === 'hangs') pending.push(take);
    else if (current === 'reads') setImmediate(take);
    else setImmediate(() => done(Object.assign(new Error(current.code), current), 0));
  };
  const told: LogHealth[] = [];
  const writer = new LogWriter(write, (health) => told.push(health));
  return {
    writer,
    told,
    written: () => written,
    writes: () => writes,
    reads: (mostBytes = Number.POSITIVE_INFINITY) => {
      answer = 'reads';
      atMost = mostBytes;
      for (const take of pending.splice(0)) take();
    },
    hangs: () => {
      answer = 'hangs';
    },
    failsWith: (code: string) => {
      answer = { code };
    },
  };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('lines come out as they went in, gathered, whatever the reader takes at a time', async () => {
  const { writer, written, writes, told, reads } = world();
  reads(7);
  for (let line = 0; line < 10; line++) writer.write(LINE);
  expect(writes()).toBe(0);
  await pass(1000);
  expect(written()).toBe(LINE.repeat(10));
  expect(told).toEqual([{ state: 'ok', detail: '', lost: 0 }]);
});

test.each(['ENOSPC', 'EIO', 'EPIPE', 'EBADF'])(
  '%s: told once, tried again for ever, and no line is lost meanwhile',
  async (code) => {
    const { writer, written, told, failsWith, reads } = world();
    failsWith(code);
    for (let second = 0; second < 60; second++) {
      writer.write(LINE);
      await pass(1000);
    }
    expect(told).toEqual([{ state: 'failed', detail: `a write fails with ${code}`, lost: 0 }]);
    reads();
    await pass(2000);
    expect(written()).toBe(LINE.repeat(60));
    expect(told.at(-1)).toEqual({ state: 'ok', detail: '', lost: 0 });
  },
);

test.each(['EAGAIN', 'hangs'])(
  'a reader that takes nothing (%s) is told after 3 s; a moment of it is nothing',
  async (how) => {
    const { writer, told, hangs, failsWith, reads } = world();
    const stall = () => (how === 'hangs' ? hangs() : failsWith(how));
    stall();
    writer.write(LINE);
    await pass(1500);
    reads();
    await pass(1000);
    expect(told).toEqual([{ state: 'ok', detail: '', lost: 0 }]);
    stall();
    writer.write(LINE);
    await pass(3100);
    expect(told.at(-1)).toEqual({ state: 'failed', detail: 'nothing has been taken for 3 s', lost: 0 });
    expect(told).toHaveLength(2);
  },
);

test('what finds no room is counted, and a line in its place says how many', async () => {
  const { writer, written, told, hangs, reads } = world();
  hangs();
  const long = `${'x'.repeat(99_999)}\n`;
  for (let line = 0; line < 100; line++) writer.write(long);
  await pass(5000);
  expect(told).toHaveLength(1);
  reads();
  await pass(1000);
  writer.write('the next\n');
  await pass(1000);
  const lines = written().trimEnd().split('\n');
  const kept = lines.filter((line) => line.startsWith('x')).length;
  expect(kept).toBeGreaterThanOrEqual(41);
  expect(JSON.parse(lines.at(-2) ?? '')).toMatchObject({ event: 'log.linesLost', lines: 100 - kept });
  expect(lines.at(-1)).toBe('the next');
  expect(told.at(-1)).toEqual({ state: 'ok', detail: '', lost: 100 - kept });
});

test.each(['hangs', 'EAGAIN'])('the last flush takes no longer than it is given (%s)', async (how) => {
  const { writer, hangs, failsWith } = world();
  if (how === 'hangs') hangs();
  else failsWith(how);
  writer.write(LINE);
  let flushed = false;
  void writer.flush(500).then(() => {
    flushed = true;
  });
  await pass(499);
  expect(flushed).toBe(false);
  await pass(1);
  expect(flushed).toBe(true);
});

test('the last flush ends as soon as all is written, or a write fails', async () => {
  const { writer, written, failsWith } = world();
  writer.write(LINE);
  const whole = writer.flush(500);
  await pass(1);
  await whole;
  expect(written()).toBe(LINE);
  failsWith('ENOSPC');
  writer.write(LINE);
  const failing = writer.flush(500);
  await pass(1);
  await failing;
});

test('the log is proved at the start at every level: one line is always written, and tells that it can be', async () => {
  let written = '';
  const log = openLog({ level: 'error', format: 'json', colours: false }, (bytes, done) => {
    written += Buffer.from(bytes).toString();
    setImmediate(() => done(null, bytes.length));
  });
  const told: LogHealth[] = [];
  log.onHealth((health) => told.push(health));
  log.logger.info({}, 'not urgent enough');
  log.announce({ session: 7 }, 'ready');
  log.logger.warn({}, 'not urgent enough');
  await pass(1000);
  expect(JSON.parse(written)).toMatchObject({ event: 'ready', level: 'info', session: 7 });
  expect(told).toEqual([{ state: 'ok', detail: '', lost: 0 }]);
});

test('a log for people has the same lines, in their order, and the number of those that were lost', async () => {
  let written = '';
  let isFull = true;
  const log = openLog({ level: 'info', format: 'pretty', colours: false }, (bytes, done) => {
    if (!isFull) written += Buffer.from(bytes).toString();
    const error = isFull ? Object.assign(new Error('full'), { code: 'ENOSPC' }) : null;
    setImmediate(() => done(error, isFull ? 0 : bytes.length));
  });
  const long = 'x'.repeat(1024 * 1024);
  log.print('site.yaml:3:1: error: a mistake\n');
  for (let number = 0; number < 6; number++) log.logger.warn({ number, long }, 'input.down');
  await pass(1000);
  isFull = false;
  await pass(3000);
  const lines = written.trimEnd().split('\n');
  expect(lines[0]).toBe('site.yaml:3:1: error: a mistake');
  expect(lines.slice(1).map((line) => line.slice(24, 64))).toEqual([
    ...[0, 1, 2].map((number) => `WARN  input.down number=${number} long=xxxxxxxxxxxx`.slice(0, 40)),
    'WARN  log.linesLost lines=3',
  ]);
});
