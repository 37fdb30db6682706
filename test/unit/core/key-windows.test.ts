import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyWindows } from '../../../gateway/core/devices/key-windows.ts';

const fingerprint = fc.constantFrom('aa', 'bb', 'cc', 'dd');
const frame = fc.record({
  key: fingerprint,
  epoch: fc.integer({ min: 1, max: 2 }),
  counter: fc.integer({ min: 1, max: 40 }),
});

describe('the windows of a device’s keys', () => {
  test('what was heard under a key is never new under it again, through any number of restarts and key changes', () => {
    fc.assert(
      fc.property(fc.array(fc.array(frame, { maxLength: 12, size: 'max' }), { maxLength: 8, size: 'max' }), (runs) => {
        let windows = new KeyWindows();
        const accepted = new Set<string>();
        for (const frames of runs) {
          for (const { key, ...identity } of frames) {
            const name = `${key} ${identity.epoch}.${identity.counter}`;
            const isNew = windows.of(key).check(identity) === 'new';
            if (accepted.has(name)) expect(isNew).toBe(false);
            if (!isNew) continue;
            windows.of(key).accept(identity);
            accepted.add(name);
          }
          const next = new KeyWindows();
          next.recoverAll(windows, frames.at(-1)?.key ?? 'aa');
          windows = next;
        }
      }),
    );
  });

  test('a new key begins with nothing heard: another device’s recording proves nothing, and its own first press is new', () => {
    const windows = new KeyWindows();
    windows.of('aa').accept({ epoch: 9, counter: 90 });
    expect(windows.of('bb').check({ epoch: 1, counter: 1 })).toBe('new');
    expect(windows.of('aa').check({ epoch: 9, counter: 90 })).toBe('repeat');
  });

  test('keys are numbered in the order they came, and a key that comes back keeps its number', () => {
    const restart = (earlier: KeyWindows, key: string) => {
      const windows = new KeyWindows();
      const generation = windows.recoverAll(earlier, key);
      windows.of(key).accept({ epoch: 1, counter: 1 });
      return { windows, generation };
    };
    const first = restart(new KeyWindows(), 'aa');
    const second = restart(first.windows, 'bb');
    const third = restart(second.windows, 'cc');
    const back = restart(third.windows, 'aa');
    expect([first, second, third, back].map(({ generation }) => generation)).toEqual([1, 2, 3, 1]);
  });

  test('no more than eight keys are kept, the last ones, and always the present one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), fc.nat(19), (count, pick) => {
        const windows = new KeyWindows();
        for (let key = 0; key < count; key++) windows.of(`k${key}`).accept({ epoch: 1, counter: key + 1 });
        const present = `k${pick % count}`;
        const kept = (windows.save(present) ?? []).map(([name]) => name);
        expect(kept).toContain(present);
        expect(kept.length).toBeLessThanOrEqual(9);
        const newest = Array.from({ length: Math.min(count, 8) }, (_, place) => `k${count - 1 - place}`);
        expect(kept).toEqual(expect.arrayContaining(newest));
      }),
    );
  });

  test('what a version without keys recorded belongs to the key that is named first', () => {
    const windows = new KeyWindows();
    windows.of(undefined).accept({ epoch: 3, counter: 7 });
    expect(windows.of('aa').check({ epoch: 3, counter: 7 })).toBe('repeat');
    expect(windows.of('bb').check({ epoch: 3, counter: 7 })).toBe('new');
    const unnamed = new KeyWindows();
    unnamed.of(undefined).accept({ epoch: 3, counter: 7 });
    const next = new KeyWindows();
    next.recoverAll(unnamed, 'aa');
    expect(next.of('aa').check({ epoch: 3, counter: 7 })).toBe('repeat');
  });

  test('one key needs no list of keys', () => {
    const windows = new KeyWindows();
    windows.of('aa').accept({ epoch: 1, counter: 1 });
    expect(windows.save('aa')).toBeUndefined();
    expect(windows.saved().heard).toEqual([1, 1, '1', 'aa', 1]);
  });
});
