import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startMqtt } from '../../../gateway/mqtt/link.ts';
import type { PostedEntry, ToThread } from '../../../gateway/mqtt/thread-messages.ts';
import { messagesOfWritten } from '../../../gateway/mqtt/written-publication.ts';
import type { Publication } from '../../../protocol/mqtt-documents.ts';
import type { AlertState } from '../../../protocol/states.ts';
import { alert } from './documents.ts';
import { useFakeTimers } from './fake-timers.ts';
import { OpenDocuments } from './open-documents.ts';

const STATES: readonly AlertState[] = ['raised', 'sent', 'acknowledged', 'resolved'];

beforeEach(useFakeTimers);
afterEach(() => void vi.useRealTimers());

/** What the broker retains, by topic. An external one outlives the thread. */
type Retained = Map<string, string>;

/** A thread whose broker takes the documents when the test says so. */
class Thread extends EventEmitter {
  readonly #retained: Retained;
  #open: PostedEntry[] = [];

  constructor(retained: Retained) {
    super();
    this.#retained = retained;
  }

  postMessage(message: ToThread): void {
    if (message.type === 'publish') this.#open.push(...message.entries);
  }

  terminate(): Promise<unknown> {
    return Promise.resolve();
  }

  /** The broker takes the first `count`; the link hears of it, or never. */
  take(count: number, isHeard = true): void {
    const entries = this.#open.splice(0, count);
    for (const { publication } of entries) {
      for (const { topic, payload, retain } of messagesOfWritten('g', publication)) {
        if (retain && payload === '') this.#retained.delete(topic);
        else if (retain) this.#retained.set(topic, payload);
      }
    }
    const done = entries.map(({ ticket }) => ({ ticket, atMs: 1 }));
    if (isHeard && done.length > 0) this.emit('message', { type: 'done', entries: done });
  }
}

/** The core and its runtime: documents wait there before the link gets them. */
class Gateway {
  readonly stateOf = new Map<number, number>();
  readonly #open = new OpenDocuments();
  readonly #waiting: Publication[] = [];

  step(id: number, isEnd: boolean): void {
    const state = this.stateOf.get(id) ?? -1;
    if (state === STATES.length - 1) return;
    const next = isEnd ? STATES.length - 1 : Math.min(state + 1, STATES.length - 2);
    this.stateOf.set(id, next);
    const publication = alert(`a${id}`, STATES[next]);
    this.#open.note(publication);
    this.#waiting.push(publication);
  }

  flush(publish: (publication: Publication) => void): void {
    for (const publication of this.#waiting.splice(0)) publish(publication);
  }

  *openAlerts(): Generator<Publication | undefined> {
    const newest = this.#open.newest();
    while (true) {
      const next = this.#waiting.length > 0 ? undefined : newest.next();
      if (next?.done === true) return;
      yield next?.value;
    }
  }
}

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('step' as const), n: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), n: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('flush' as const), n: fc.constant(0) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('take' as const, 'takeUnheard' as const), n: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), n: fc.nat(150) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('die' as const, 'forget' as const), n: fc.constant(0) }) },
);

test.each(['embedded', 'external'])(
  'whenever the thread dies or the broker forgets, in the end an %s broker retains the open alerts and no other',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const retained: Retained = new Map();
        const gateway = new Gateway();
        let thread = new Thread(retained);
        const startThread = (): Thread => {
          if (kind === 'embedded') retained.clear();
          thread = new Thread(retained);
          return thread;
        };
        const nothing = (): void => undefined;
        const sink = { published: nothing, health: nothing, strain: nothing, command: nothing };
        const settings = { gateway: 'g', broker: { type: 'embedded', listen: [], clients: [] } } as never;
        const options = { startThread, gatherMs: 100, checkMs: 1e9, restartMs: 10, window: 4 };
        const link = startMqtt(settings, 1, { ...sink, openAlerts: () => gateway.openAlerts() }, options);
        await vi.advanceTimersByTimeAsync(0);
        const flush = (): void => gateway.flush((publication) => link.publish(publication));
        const act = {
          step: (n: number) => gateway.step(n, false),
          end: (n: number) => gateway.step(n, true),
          flush,
          take: (n: number) => thread.take(n),
          takeUnheard: (n: number) => {
            thread.take(n, false);
            thread.emit('exit', 1);
          },
          wait: (n: number) => vi.advanceTimersByTimeAsync(n),
          die: () => thread.emit('exit', 1),
          forget: () => {
            retained.clear();
            thread.emit('message', { type: 'resync' });
          },
        };
        for (const { do: what, n } of steps) await act[what](n);
        flush();
        for (let round = 0; round < 12; round += 1) {
          await vi.advanceTimersByTimeAsync(2_000);
          thread.take(Number.POSITIVE_INFINITY);
        }
        const open = [...gateway.stateOf].filter(([, state]) => state < STATES.length - 1);
        const shown = [...retained.values()].map((payload) => JSON.parse(payload) as { id: string; state: string });
        const names = (pairs: readonly (readonly [string, string | undefined])[]) => pairs.map(String).sort();
        expect(names(shown.map(({ id, state }) => [id, state]))).toEqual(
          names(open.map(([id, state]) => [`a${id}`, STATES[state]])),
        );
        void link.stop();
        await vi.advanceTimersByTimeAsync(3000);
      }),
      { numRuns: 60 },
    );
  },
);
