import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Effect } from '../../../gateway/core/effect.ts';
import { TestContext } from './test-context.ts';

const attempt = (number: number): Effect => ({
  type: 'send',
  attempt: { attempt: number, path: 'central', sequence: 1, clockOffsetMs: 0, format: 0 },
});
const line = (number: number): Effect => ({ type: 'log', level: 'info', event: `e${number}`, fields: {} });

test('sends go out before everything else of one input, and each kind in its order', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), (areSends) => {
      const { context } = new TestContext();
      const effects = areSends.map((isSend, place) => (isSend ? attempt(place) : line(place)));
      for (const effect of effects) context.emit(effect);
      const sends = effects.filter(({ type }) => type === 'send');
      const others = effects.filter(({ type }) => type !== 'send');
      expect(context.takeEffects()).toEqual([...sends, ...others]);
      expect(context.takeEffects()).toEqual([]);
    }),
  );
});

test('no wall is answered while the start’s own number is not durable', () => {
  const { context } = new TestContext();
  const identity = { epoch: 1, counter: 1 };
  const to = { input: 'bus-1', device: 'wb-101', identity } as const;
  const tell = () => {
    context.emit({ type: 'answer', ...to, status: 'accepted' });
    context.emit({ type: 'silence', ...to, silent: true });
    context.emit(line(1));
    return context.takeEffects().map(({ type }) => type);
  };
  context.withholdsAnswers = true;
  expect(tell()).toEqual(['log']);
  context.withholdsAnswers = false;
  expect(tell()).toEqual(['answer', 'silence', 'log']);
});

test('records, publications and attempts are numbered from one, each on its own', () => {
  const { context } = new TestContext();
  const session = { t: 'session', at: 0, session: 1 } as const;
  expect([context.journal(session), context.journal(session)]).toEqual([1, 2]);
  expect([context.nextAttempt(), context.nextAttempt()]).toEqual([1, 2]);
  const publication = { kind: 'trouble', document: { id: 't' } } as never;
  expect([context.publishTracked(publication), context.publishTracked(publication)]).toEqual([1, 2]);
});
