import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startMqtt } from '../../../gateway/mqtt/link.ts';
import type { PostedEntry, ToThread } from '../../../gateway/mqtt/thread-messages.ts';
import type { WrittenPublication } from '../../../gateway/mqtt/written-publication.ts';
import type { AlertDocument, Publication } from '../../../protocol/mqtt-documents.ts';
import type { AlertState } from '../../../protocol/states.ts';
import { alert } from './documents.ts';
import { useFakeTimers } from './fake-timers.ts';
import { OpenDocuments } from './open-documents.ts';

const GATHER_MS = 100;
const STATES: readonly AlertState[] = ['raised', 'sent', 'acknowledged', 'resolved'];

beforeEach(useFakeTimers);
afterEach(() => void vi.useRealTimers());

/**
 * The far end of the link, played by the test: it takes documents, answers for them, and may die.
 */
class Far extends EventEmitter {
  readonly posts: (readonly PostedEntry[])[] = [];
  #open: PostedEntry[] = [];

  postMessage(message: ToThread): void {
    if (message.type !== 'publish') return;
    this.posts.push(message.entries);
    this.#open.push(...message.entries);
  }

  terminate(): Promise<unknown> {
    return Promise.resolve();
  }

  answer(): void {
    const entries = this.#open.splice(0).map(({ ticket }) => ({ ticket, atMs: 1 }));
    if (entries.length > 0) this.emit('message', { type: 'done', entries });
  }

  get documents(): readonly string[] {
    return this.posts.flat().map(({ publication }) => nameOf(publication));
  }
}

function nameOf(publication: WrittenPublication): string {
  if (publication.kind !== 'alert') return '';
  const { id, state } = JSON.parse(publication.text) as AlertDocument;
  return `${id} ${state}`;
}

async function openLink() {
  const fars: Far[] = [];
  const open = new OpenDocuments();
  const published: number[] = [];
  const startThread = () => {
    const far = new Far();
    fars.push(far);
    return far;
  };
  const settings = { gateway: 'g', broker: { type: 'embedded', listen: [], clients: [] } } as never;
  const sink = {
    published: (number: number) => void published.push(number),
    health: () => undefined,
    strain: () => undefined,
    command: () => undefined,
    openAlerts: () => open.newest(),
  };
  const link = startMqtt(settings, 1, sink, { startThread, gatherMs: GATHER_MS, checkMs: 1e9, restartMs: 10 });
  await vi.advanceTimersByTimeAsync(0);
  const publish = (publication: Publication, number?: number): void => {
    open.note(publication);
    link.publish(publication, number);
  };
  return { link, publish, fars, far: () => fars.at(-1) as Far, published };
}

test('a lone document goes at once; an alert that changes twice soon after is published once more', async () => {
  const { publish, far, published } = await openLink();
  publish(alert('a', 'raised'), 1);
  await vi.advanceTimersByTimeAsync(1);
  expect(far().documents).toEqual(['a raised']);
  far().answer();
  publish(alert('a', 'sent'));
  await vi.advanceTimersByTimeAsync(1);
  far().answer();
  publish(alert('a', 'acknowledged'));
  await vi.advanceTimersByTimeAsync(GATHER_MS);
  expect(far().documents).toEqual(['a raised', 'a acknowledged']);
  expect(published).toEqual([1]);
});

test('more than the thread may have at once goes on as soon as it has answered', async () => {
  const { publish, far } = await openLink();
  for (let number = 0; number < 600; number += 1) publish(alert(`a${number}`), number);
  await vi.advanceTimersByTimeAsync(1);
  expect(far().documents).toHaveLength(256);
  far().answer();
  expect(far().documents).toHaveLength(512);
});

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('publish' as const), id: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('answer' as const), id: fc.constant(0) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('wait' as const), id: fc.nat(150) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('die' as const), id: fc.constant(0) }) },
);

test('whenever the thread answers or dies, the newest document of each alert arrives last, and each alert is published', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { link, publish, fars, far, published } = await openLink();
      const stateOf = new Map<number, number>();
      for (const { do: what, id } of steps) {
        if (what === 'publish') {
          const next = Math.min((stateOf.get(id) ?? -1) + 1, STATES.length - 1);
          stateOf.set(id, next);
          publish(alert(`a${id}`, STATES[next]), next === 0 ? id : undefined);
        } else if (what === 'answer') far().answer();
        else if (what === 'wait') await vi.advanceTimersByTimeAsync(id);
        else far().emit('exit', 1);
      }
      for (let round = 0; round < 4; round += 1) {
        await vi.advanceTimersByTimeAsync(11_000);
        far().answer();
      }
      const all = fars.flatMap(({ documents }) => documents);
      for (const [id, state] of stateOf) {
        expect(all.findLast((name) => name.startsWith(`a${id} `))).toBe(`a${id} ${STATES[state]}`);
        expect(published).toContain(id);
      }
      for (const { documents } of fars) {
        for (const id of stateOf.keys()) {
          const states = documents.filter((name) => name.startsWith(`a${id} `)).map((name) => name.split(' ')[1]);
          const order = states.map((state) => STATES.indexOf(state as AlertState));
          expect(order).toEqual([...order].sort((one, other) => one - other));
        }
      }
      void link.stop();
      await vi.advanceTimersByTimeAsync(3000);
    }),
    { numRuns: 60 },
  );
});

test('a new thread gets a thousand open alerts again, a few at a time, and goes on as soon as it has answered', async () => {
  const { link, publish, fars, far } = await openLink();
  for (let number = 0; number < 1_000; number += 1) publish(alert(`a${number}`));
  for (let turn = 0; turn < 10; turn += 1) {
    await vi.advanceTimersByTimeAsync(GATHER_MS);
    far().answer();
  }
  far().emit('exit', 1);
  await vi.advanceTimersByTimeAsync(10);
  expect(fars).toHaveLength(2);
  for (let turn = 1; far().documents.length < 1_000; turn += 1) {
    expect(far().posts.at(-1)?.length).toBeLessThanOrEqual(32);
    expect(turn).toBeLessThan(50);
    far().answer();
  }
  expect(new Set(far().documents).size).toBe(1_000);
  void link.stop();
});
