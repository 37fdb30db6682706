import { expect, test } from 'vitest';
import { Context } from '../../../gateway/core/context.ts';
import type { Effect } from '../../../gateway/core/effect.ts';
import { school } from '../../simulation/school.ts';

test('what goes to a receiver comes first, in the order it was decided: a place is given up before it is taken', () => {
  const context = new Context(school(), 1, { monoMs: 0, wallMs: 0 });
  const send = (attempt: number): Effect => ({
    type: 'send',
    attempt: { attempt, path: 'central', sequence: 1, clockOffsetMs: 0, format: 0 },
  });
  context.log('info', 'first', {});
  context.emit({ type: 'abandon', path: 'central', attempt: 1 });
  context.emit(send(2));
  context.journal({ t: 'session', at: 0, session: 1 });
  context.emit(send(3));
  const order = context.takeEffects().map((effect) => (effect.type === 'send' ? effect.attempt.attempt : effect.type));
  expect(order).toEqual(['abandon', 2, 3, 'log', 'journal']);
  expect(context.takeEffects()).toEqual([]);
});
