import { messageOf } from '../../protocol/errors.ts';
import { makeLife } from './make/make-life.ts';
import { type Lived, runLife } from './run-life.ts';

/** Makes and lives the life of a seed; twice, to see that its history is the same. */
export function liveSeed(seed: number, hours: number, twice: boolean): Lived {
  try {
    const life = makeLife(seed, hours);
    const lived = runLife(life);
    if (!twice) return lived;
    const again = runLife(life);
    if (again.hash === lived.hash) return lived;
    const what = `the second time the trace hash is ${again.hash}, not ${lived.hash}`;
    return { ...lived, broken: [...lived.broken, { promise: 'the same seed gives the same history', what, atMs: 0 }] };
  } catch (error) {
    const what = `the life could not be made: ${messageOf(error)}`;
    const broken = [{ promise: 'every seed makes a valid site', what, atMs: 0 }];
    return { seed, hours: 0, hash: '', inputs: 0, broken, presses: 0, states: {} };
  }
}
