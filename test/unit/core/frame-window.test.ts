import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameWindow } from '../../../gateway/core/devices/frame-window.ts';

const identity = fc.record({ epoch: fc.integer({ min: 1, max: 3 }), counter: fc.integer({ min: 1, max: 200 }) });
const history = fc.array(identity, { maxLength: 60, size: 'max' });

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
      if (kept !== undefined) window.recover(kept);
      for (const frame of [...mine, ...theirs]) expect(window.check(frame)).not.toBe('new');
      if (wasNew) expect(window.check(other)).toBe('new');
    }),
  );
});

test('without memory nothing is proven at or below the first number heard, also after a restart', () => {
  fc.assert(
    fc.property(
      fc.array(identity, { minLength: 1, maxLength: 60, size: 'max' }),
      identity,
      ([first, ...later], other) => {
        if (first === undefined) return;
        const window = new FrameWindow();
        expect(window.isProven(other)).toBe(false);
        window.accept(first);
        for (const frame of later) window.accept(frame);
        const isBelow = other.epoch === first.epoch && other.counter <= first.counter;
        if (isBelow && window.check(other) === 'new') expect(window.isProven(other)).toBe(false);
        const last = window.last() ?? first;
        expect(window.isProven({ epoch: last.epoch + 1, counter: 1 })).toBe(true);
        const next = { epoch: last.epoch, counter: last.counter + 1 };
        expect(window.isProven(next)).toBe(true);
        const recovered = new FrameWindow();
        const saved = window.save('aa');
        if (saved !== undefined) recovered.recover(saved);
        for (const each of [other, next, first]) expect(recovered.isProven(each)).toBe(window.isProven(each));
      },
    ),
  );
});

test('a window from a backup proves no first message, and then as much as that of a new device', () => {
  fc.assert(
    fc.property(history, fc.array(identity, { minLength: 1, maxLength: 20 }), (before, later) => {
      const [window, recovered, fresh] = [new FrameWindow(), new FrameWindow(), new FrameWindow()];
      for (const frame of before) window.accept(frame);
      window.doubt();
      const saved = window.save('aa');
      if (saved !== undefined) recovered.recover(saved);
      let isFirst = true;
      for (const frame of later) {
        expect(recovered.check(frame)).toBe(window.check(frame));
        if (window.check(frame) !== 'new') continue;
        if (isFirst) expect(window.isProven(frame)).toBe(false);
        else if (window.last()?.epoch === frame.epoch) expect(window.isProven(frame)).toBe(fresh.isProven(frame));
        expect(recovered.isProven(frame)).toBe(window.isProven(frame));
        // A late message of before the backup says nothing about the time since.
        if (saved !== undefined && frame.epoch === saved[0] && frame.counter < saved[1] && isFirst) continue;
        isFirst = false;
        for (const each of [window, recovered, fresh]) each.accept(frame);
      }
    }),
  );
});

test('an operator who enrols a device after the restore vouches for its next message', () => {
  const window = new FrameWindow();
  window.accept({ epoch: 1, counter: 5 });
  window.doubt();
  window.accept({ epoch: 1, counter: 9 }, true);
  expect(window.isProven({ epoch: 1, counter: 10 })).toBe(true);
  expect(window.isDoubted).toBe(false);
});
