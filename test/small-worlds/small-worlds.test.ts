import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Core } from '../../gateway/core/core.ts';
import { GraphHash } from './graph-hash.ts';
import { readableCore } from './readable-core.ts';
import { search } from './search.ts';
import { smallSite } from './small-site.ts';
import { SmallWorld } from './small-world.ts';
import { described, LARGEST, QUICK } from './worlds.ts';

let ReadableCore: typeof Core;
beforeAll(async () => {
  ReadableCore = await readableCore();
});

describe('every history keeps the promises', () => {
  test.each(QUICK.map((world) => [described(world), world] as const))('%s', (_, { plan, parallel, budget }) => {
    const { isComplete, states } = search(smallSite(plan, parallel), budget, ReadableCore);
    expect(isComplete).toBe(true);
    expect(states).toBeGreaterThan(50);
  });
});

describe('the search itself', () => {
  const site = smallSite(LARGEST.plan, LARGEST.parallel);
  const walk = (CoreClass: typeof Core, dice: readonly number[]) => {
    const world = new SmallWorld(site, LARGEST.budget, CoreClass);
    for (const die of dice) {
      const choices = world.choices();
      if (choices.length > 0) world.apply(choices[die % choices.length] ?? '');
    }
    return world;
  };

  test('sees the same as the core that runs in the gateway', () => {
    const dice = fc.array(fc.nat(1000), { minLength: 5, maxLength: 30 });
    fc.assert(
      fc.property(dice, (rolls) => {
        const [readable, real] = [walk(ReadableCore, rolls), walk(Core, rolls)];
        expect(readable.ledger.trace).toEqual(real.ledger.trace);
        expect(readable.ledger.state()).toEqual(real.ledger.state());
      }),
      { numRuns: 40 },
    );
  });

  test('tells states apart by what only private fields hold', () => {
    const hash = new GraphHash();
    const [one, other] = [walk(ReadableCore, []), walk(ReadableCore, [0])];
    expect(one.hash(hash)).toBe(walk(ReadableCore, []).hash(hash));
    expect(other.hash(hash)).not.toBe(one.hash(hash));
  });
});
