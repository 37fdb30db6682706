import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Effect } from '../../../gateway/core/effect.ts';
import { DeferredEffects } from '../../../gateway/deferred-effects.ts';
import { monoMs } from '../../../gateway/system/clock.ts';

const line = (event: string): Effect => ({ type: 'log', level: 'info', event, fields: {} });

function deferred() {
  const done: string[] = [];
  const effects = new DeferredEffects((effect) => {
    if (effect.type === 'log') done.push(effect.event);
  });
  return { done, effects };
}

test('nothing is done before the turn is over, and then all of it, in order', async () => {
  const { done, effects } = deferred();
  const names = Array.from({ length: 500 }, (_, place) => String(place));
  for (const name of names) effects.add(line(name));
  expect(done).toEqual([]);
  while (done.length < names.length) await new Promise((resolve) => setImmediate(resolve));
  expect(done).toEqual(names);
});

test('work that takes long is done in slices, so that the event loop runs in between', async () => {
  const done: string[] = [];
  const effects = new DeferredEffects((effect) => {
    const endMs = monoMs() + 2;
    while (monoMs() < endMs);
    if (effect.type === 'log') done.push(effect.event);
  });
  const seen: number[] = [];
  for (const name of ['a', 'b', 'c', 'd']) effects.add(line(name));
  while (done.length < 4) {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(done.length);
  }
  expect(seen).toEqual(expect.arrayContaining([1, 2, 3, 4]));
});

test('whatever is added and flushed when, each effect is carried out once, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), (areAdds) => {
      const { done, effects } = deferred();
      const added: string[] = [];
      for (const isAdd of areAdds) {
        if (isAdd) {
          added.push(String(added.length));
          effects.add(line(added.at(-1) ?? ''));
        } else {
          effects.flush();
          expect(done).toEqual(added);
        }
      }
      effects.flush();
      expect(done).toEqual(added);
    }),
  );
});

test('an effect that causes another one has it carried out as well', () => {
  const done: string[] = [];
  const effects: DeferredEffects = new DeferredEffects((effect) => {
    if (effect.type !== 'log') return;
    done.push(effect.event);
    if (effect.event === 'first') effects.add(line('second'));
  });
  effects.add(line('first'));
  effects.flush();
  expect(done).toEqual(['first', 'second']);
});
