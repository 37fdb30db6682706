import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byOrder, type Deadline, TimerHeap } from '../../../gateway/core/timer-heap.ts';

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('add' as const), dueMs: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('move' as const), which: fc.nat(), dueMs: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('remove' as const), which: fc.nat() }) },
);

test('the first of a heap is the earliest of a sorted list, whatever is added, moved and removed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
      const heap = new TimerHeap<Deadline>();
      const all: Deadline[] = [];
      for (const [order, each] of steps.entries()) {
        if (each.type === 'add') {
          const deadline = { dueMs: each.dueMs, order, at: 0 };
          all.push(deadline);
          heap.add(deadline);
        } else if (all.length > 0) {
          const place = each.which % all.length;
          const deadline = all[place];
          if (deadline === undefined) continue;
          if (each.type === 'move') {
            deadline.dueMs = each.dueMs;
            deadline.order = order;
            heap.settle(deadline);
          } else {
            all.splice(place, 1);
            heap.remove(deadline);
          }
        }
        expect(heap.first).toBe(all.toSorted(byOrder)[0]);
      }
      for (const next of all.toSorted(byOrder)) {
        expect(heap.first).toBe(next);
        heap.remove(next);
      }
      expect(heap.first).toBeUndefined();
    }),
  );
});
