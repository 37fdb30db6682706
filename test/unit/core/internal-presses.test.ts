import { setImmediate as afterTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Core } from '../../../gateway/core/core.ts';
import { Dispatcher } from '../../../gateway/core/delivery/dispatcher.ts';
import { PathQueue } from '../../../gateway/core/delivery/path-queue.ts';
import { SignalHandler } from '../../../gateway/core/devices/signal-handler.ts';
import { Timers } from '../../../gateway/core/timers.ts';
import { DeferredEffects } from '../../../gateway/deferred-effects.ts';
import { type Edges, Runtime } from '../../../gateway/runtime.ts';
import { quietPath, quietSite, WALL_MS } from './parts-rig.ts';

const EVERY_MS = 3_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The real core and runtime on a clock of the test, with edges that note what reaches them. */
function rig() {
  const now = { monoMs: 1_000, wallMs: WALL_MS };
  const core = new Core(quietSite({ paths: [quietPath('central')] }), [], now);
  const runtime = new Runtime(core, () => ({ ...now }));
  const reached: string[] = [];
  const handled: number[] = [];
  const lines: string[] = [];
  const sent: number[] = [];
  const edges: Edges = {
    inputs: new Map([['bus-1', { id: 'bus-1', start: () => {}, stop: async () => {}, counters: () => ({}) as never }]]),
    paths: new Map([
      [
        'central',
        {
          id: 'central',
          start: () => {},
          stop: async () => {},
          abandon: () => void reached.push('abandon'),
          send: ({ attempt, report }) => {
            reached.push(`send ${report?.id}`);
            sent.push(attempt);
          },
        },
      ],
    ]),
    journal: { append: (_, { record }) => void reached.push(`journal ${record.t}`), close: async () => {} },
    mqtt: {
      publish: ({ kind }) => void reached.push(`publish ${kind}`),
      renew: () => {},
      reload: () => {},
      stop: async () => {},
    },
    log: pino(
      { level: 'debug', base: null, timestamp: false, messageKey: 'event' },
      { write: (line: string) => void lines.push(line) },
    ),
    internalPressHandled: (tookMs) => void handled.push(tookMs),
  };
  /** Lets time pass in steps of 5 ms, each with the turn of the event loop that it brings. */
  const pass = async (ms: number, stepMs = 5) => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      now.monoMs += stepMs;
      now.wallMs += stepMs;
      vi.advanceTimersByTime(stepMs);
      await afterTurn();
    }
  };
  const press = (counter: number) =>
    runtime.inputSink.signal({
      input: 'bus-1',
      device: 'wb-101',
      authenticated: true,
      capturedMs: now.monoMs,
      identity: { epoch: 1, counter },
      body: { type: 'press', button: 0, pattern: 'single' },
    });
  const begin = async (withInternalPresses = true) => {
    runtime.start(edges);
    runtime.inputSink.health({ input: 'bus-1', state: 'up', detail: 'open' });
    await afterTurn();
    reached.length = 0;
    lines.length = 0;
    if (withInternalPresses) runtime.take({ type: 'internalPresses', everyMs: EVERY_MS });
  };
  return { now, core, runtime, reached, handled, lines, sent, pass, press, begin };
}

describe('an internal press', () => {
  test('goes the whole way, again and again, over a timer that the alert waits for', async () => {
    const { begin, pass, handled } = rig();
    await begin();
    await pass(3 * EVERY_MS + 100);
    expect(handled).toHaveLength(4);
    for (const tookMs of handled) expect(tookMs).toBeGreaterThanOrEqual(20);
    for (const tookMs of handled) expect(tookMs).toBeLessThan(100);
  });

  test('is repeated as by a node, if its first answer was withheld after a start', async () => {
    const { begin, pass, handled, lines } = rig();
    await begin();
    // The acknowledgement comes before the number of this start is durable.
    const add = vi.spyOn(DeferredEffects.prototype, 'add').mockImplementation(() => undefined);
    await pass(1_000);
    add.mockRestore();
    await pass(2 * EVERY_MS);
    expect(handled.length).toBeGreaterThanOrEqual(1);
    expect(lines).toEqual([]);
  });

  test('reaches no path, no broker, no journal and no log: all of them get what they get without it', async () => {
    const without = rig();
    await without.begin(false);
    await without.pass(30 * EVERY_MS);
    const { begin, pass, handled, reached, lines } = rig();
    await begin();
    await pass(30 * EVERY_MS);
    expect(handled.length).toBeGreaterThanOrEqual(30);
    expect(reached).toEqual(without.reached);
    expect(lines).toEqual(without.lines);
  });

  test('leaves nothing in memory', async () => {
    const { begin, pass, handled } = rig();
    await begin();
    const presses = async (count: number) => {
      for (const until = handled.length + count; handled.length < until; ) {
        await pass(30);
        await pass(EVERY_MS - 30, EVERY_MS - 30);
      }
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = await presses(300);
    // A report that stays in a queue takes 2 kB.
    expect((await presses(600)) - before).toBeLessThan(700_000);
  });

  test('uses no sequence number and no attempt of a real press', async () => {
    const without = rig();
    await without.begin();
    const withPresses = rig();
    await withPresses.begin();
    await withPresses.pass(5 * EVERY_MS);
    withPresses.press(1);
    without.press(1);
    expect(withPresses.sent).toEqual(without.sent);
    expect(withPresses.reached).toContain('send wb-101.1.1');
  });
});

/** What must never be proved by an internal press that was not handled. */
const BREAKAGES: readonly (readonly [what: string, breakIt: () => void])[] = [
  ['signals are dropped', () => vi.spyOn(SignalHandler.prototype, 'signal').mockImplementation(() => undefined)],
  ['reports are not submitted', () => vi.spyOn(Dispatcher.prototype, 'submit').mockReturnValue(undefined)],
  ['queues send nothing', () => vi.spyOn(PathQueue.prototype, 'pump').mockImplementation(() => undefined)],
  ['outcomes are lost', () => vi.spyOn(PathQueue.prototype, 'outcome').mockImplementation(() => undefined)],
  ['no timer fires', () => vi.spyOn(Timers.prototype, 'takeDue').mockReturnValue(undefined)],
  ['what is not urgent is never done', () => vi.spyOn(DeferredEffects.prototype, 'add').mockReturnValue(undefined)],
  ['the runtime takes nothing', () => vi.spyOn(Runtime.prototype, 'take').mockReturnValue(undefined)],
];

describe('an internal press is not handled', () => {
  test.each(BREAKAGES)('when %s', async (_, breakIt) => {
    const { begin, pass, handled } = rig();
    await begin();
    await pass(EVERY_MS + 100);
    expect(handled).toHaveLength(2);
    breakIt();
    await pass(5 * EVERY_MS);
    expect(handled).toHaveLength(2);
  });

  test('and the log says how far it came', async () => {
    const { begin, pass, handled, lines } = rig();
    await begin();
    await pass(100);
    vi.spyOn(PathQueue.prototype, 'outcome').mockImplementation(() => undefined);
    await pass(3 * EVERY_MS);
    expect(handled).toHaveLength(1);
    expect(lines.join()).toContain('"step":"the acknowledgement","event":"internalPress.notHandled"');
  });

  test('when the site has an alarm that nothing will send any more', async () => {
    const { begin, pass, press, handled, lines, runtime, sent } = rig();
    await begin();
    const broken = vi.spyOn(PathQueue.prototype, 'retryDue').mockImplementation(() => undefined);
    press(1);
    const [attempt = 0] = sent;
    runtime.pathSink.outcome('central', attempt, { type: 'failed', reason: 'refused', detail: 'no' });
    await pass(4 * EVERY_MS);
    const before = handled.length;
    await pass(3 * EVERY_MS);
    expect(handled).toHaveLength(before);
    expect(lines.filter((line) => line.includes('alarm.stranded'))).toHaveLength(1);
    expect(lines.join()).toContain('"alert":"wb-101.1.1","event":"alarm.stranded"');
    broken.mockRestore();
  });

  test('when the site has an alarm that was never submitted', async () => {
    const { begin, pass, press, handled } = rig();
    await begin();
    const broken = vi.spyOn(PathQueue.prototype, 'submit').mockImplementation(() => undefined);
    press(1);
    broken.mockRestore();
    await pass(5 * EVERY_MS);
    const before = handled.length;
    await pass(3 * EVERY_MS);
    expect(handled).toHaveLength(before);
  });
});

describe('an internal press is handled', () => {
  test('while a path does not report any outcome: that path is a trouble of its own', async () => {
    const { begin, pass, press, handled, reached } = rig();
    await begin();
    press(1);
    await pass(20 * EVERY_MS);
    expect(handled.length).toBeGreaterThanOrEqual(20);
    // The alarm is tried again all the time.
    expect(reached.filter((each) => each === 'send wb-101.1.1').length).toBeGreaterThan(3);
    expect(reached).toContain('publish trouble');
  });
});
