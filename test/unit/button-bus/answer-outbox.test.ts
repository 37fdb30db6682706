import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AnswerOutbox } from '../../../gateway/inputs/button-bus/answer-outbox.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A port that takes so many bytes of each write, and keeps a copy of what it took. */
class Port {
  readonly taken: number[] = [];
  readonly rooms: number[];
  isOpen = true;

  constructor(rooms: readonly number[] = []) {
    this.rooms = [...rooms];
  }

  write(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.rooms.shift() ?? Number.POSITIVE_INFINITY);
    this.taken.push(...bytes.subarray(0, count));
    return count;
  }
}

/** A frame that shows which answer it is, and when it was sealed. */
function sealer() {
  const sealed: number[] = [];
  return {
    sealed,
    seal: ({ id, size }: { id: number; size: number }) => {
      sealed.push(id);
      return new Uint8Array(size).fill(id);
    },
  };
}

const answers = fc.array(fc.record({ id: fc.integer({ min: 1, max: 255 }), size: fc.integer({ min: 1, max: 64 }) }), {
  maxLength: 150,
});

test('every frame reaches the port whole and in the order of sealing, however little the port takes at once', () => {
  fc.assert(
    fc.property(fc.array(answers, { maxLength: 4 }), fc.array(fc.nat(700), { maxLength: 40 }), (bursts, rooms) => {
      const port = new Port(rooms);
      const { sealed, seal } = sealer();
      const sizes = new Map<number, number>();
      const outbox = new AnswerOutbox(
        port,
        (answer: { id: number; size: number }) => {
          sizes.set(sealed.length, answer.size);
          return seal(answer);
        },
        () => undefined,
      );
      for (const [burst, each] of bursts.entries()) {
        for (const [at, answer] of each.entries()) outbox.send(`${burst}.${at}`, answer);
        vi.advanceTimersByTime(7);
      }
      vi.advanceTimersByTime(5_000);
      expect(port.taken).toEqual(sealed.flatMap((id, at) => new Array<number>(sizes.get(at) ?? 0).fill(id)));
      expect(sealed).toEqual(bursts.flat().map(({ id }) => id));
      expect(outbox.dropped).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('an answer that still waits is replaced by the newer one, which goes behind all others', () => {
  const port = new Port();
  const { sealed, seal } = sealer();
  const outbox = new AnswerOutbox(port, seal, () => undefined);
  outbox.send('a', { id: 1, size: 2 });
  outbox.send('b', { id: 2, size: 2 });
  outbox.send('a', { id: 3, size: 2 });
  vi.advanceTimersByTime(20);
  expect(sealed).toEqual([2, 3]);
  outbox.send('a', { id: 4, size: 2 });
  vi.advanceTimersByTime(20);
  expect(sealed).toEqual([2, 3, 4]);
});

test('the port goes while it has taken a part: the rest is dropped, and the next port gets whole frames', () => {
  const port = new Port([3]);
  const { seal } = sealer();
  const outbox = new AnswerOutbox(port, seal, () => undefined);
  outbox.send('a', { id: 1, size: 8 });
  vi.advanceTimersByTime(1);
  outbox.send('b', { id: 2, size: 8 });
  outbox.clear();
  expect(outbox.dropped).toBe(1);
  outbox.send('c', { id: 3, size: 4 });
  vi.advanceTimersByTime(20);
  expect(port.taken).toEqual([1, 1, 1, 3, 3, 3, 3]);
});
