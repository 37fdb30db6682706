import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Unnumbered } from '../../../gateway/core/devices/unnumbered.ts';

test('what is said again within the time is a repeat, however long it goes on; anything else is new', () => {
  const said = fc.record({ says: fc.constantFrom('press', 'release'), afterMs: fc.integer({ min: 0, max: 2_000 }) });
  fc.assert(
    fc.property(fc.array(said, { maxLength: 60, size: 'max' }), (history) => {
      const unnumbered = new Unnumbered();
      let [before, nowMs] = ['', 0];
      for (const { says, afterMs } of history) {
        nowMs += afterMs;
        const isRepeat = says === before && afterMs < 1_000;
        expect(unnumbered.hear(says, 1_000, nowMs)).toBe(isRepeat ? 'repeat' : 'new');
        before = says;
      }
    }),
  );
});
