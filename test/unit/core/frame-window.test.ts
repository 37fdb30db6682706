import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameWindow } from '../../../gateway/core/frame-window.ts';

const identity = fc.record({ epoch: fc.integer({ min: 1, max: 3 }), counter: fc.integer({ min: 1, max: 200 }) });
const history = fc.array(identity, { maxLength: 60 });

test('nothing is new twice, whatever comes in between', () => {
  fc.assert(
    fc.property(history, (frames) => {
      const window = new FrameWindow();
      const accepted = new Set<string>();
      for (const frame of frames) {
        if (window.check(frame) !== 'new') continue;
        const name = `${frame.epoch}.${frame.counter}`;
        expect(accepted.has(name)).toBe(false);
        accepted.add(name);
        window.accept(frame);
      }
    }),
  );
});

test('what either of two windows has heard is not new to the two joined, and what neither could have heard is', () => {
  fc.assert(
    fc.property(history, history, identity, (mine, theirs, other) => {
      const [window, saved] = [new FrameWindow(), new FrameWindow()];
      for (const frame of mine) window.accept(frame);
      for (const frame of theirs) saved.accept(frame);
      const wasNew = window.check(other) === 'new' && saved.check(other) === 'new';
      const kept = saved.save();
      if (kept !== undefined) window.restore(kept);
      for (const frame of [...mine, ...theirs]) expect(window.check(frame)).not.toBe('new');
      if (wasNew) expect(window.check(other)).toBe('new');
    }),
  );
});
