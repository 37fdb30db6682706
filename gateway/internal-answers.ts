import type { MonoMs } from '../protocol/clocks.ts';
import type { Effect } from './core/effect.ts';
import type { CoreInput } from './core/input.ts';
import { INTERNAL_PAGER } from './core/internal-site.ts';

/** What pager, receiver, journal and broker answer to an internal press. They exist nowhere. */
export function internalAnswers(effect: Effect, atMs: MonoMs): readonly CoreInput[] {
  switch (effect.type) {
    case 'send': {
      const { path, attempt } = effect.attempt;
      const type = path === INTERNAL_PAGER ? 'handedOver' : 'receiverAcknowledged';
      return [
        { type: 'sent', path, attempt, atMs },
        { type: 'outcome', path, attempt, outcome: { type } },
      ];
    }
    case 'journal':
      return [{ type: 'durable', number: effect.number }];
    case 'publish':
      return effect.number === undefined ? [] : [{ type: 'published', number: effect.number, atMs }];
    default:
      return [];
  }
}
