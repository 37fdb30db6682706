import type { Core } from '../../gateway/core/core.ts';
import type { Site } from '../../gateway/core/site.ts';
import { GraphHash } from './graph-hash.ts';
import { type Budget, SmallWorld } from './small-world.ts';

/** All is well for so long before a history is judged, ms. */
const SETTLE_MS = 60_000;

interface Searched {
  /** Different states that were reached. */
  readonly states: number;
  /** Steps from one state to another, those to known states included. */
  readonly steps: number;
  /** Choices of the longest history. */
  readonly depth: number;
  /** Whether every state within the budget was reached. */
  readonly isComplete: boolean;
}

interface SearchLimits {
  readonly statesMax?: number;
  /** Of so many arrivals at a known state one is followed, to see whether it is really the same. */
  readonly doubtEach?: number;
  readonly stop?: () => boolean;
  readonly progress?: (searched: Searched & { readonly waiting: number }) => void;
}

/** How a state was reached first. */
interface Reached {
  readonly from: Reached | undefined;
  readonly choice: string;
  readonly depth: number;
}

/**
 * Goes through every history within a budget, breadth first. States that were reached before are
 * not followed again. From each state a settled future is judged as well.
 *
 * @throws Error with the history that breaks a promise: the shortest, by its choices
 */
export function search(site: Site, budget: Budget, CoreClass: typeof Core, limits: SearchLimits = {}): Searched {
  const { statesMax = Number.POSITIVE_INFINITY, doubtEach = 50, stop, progress } = limits;
  const open = (reached: Reached) => replay(reached, site, budget, CoreClass);
  const hash = new GraphHash();
  const known = new Map<string, Reached>();
  let merges = 0;
  const root: Reached = { from: undefined, choice: '', depth: 0 };
  let level = [root];
  let steps = 0;
  let depth = 0;
  known.set(open(root).hash(hash), root);
  const searched = (isComplete: boolean) => ({ states: known.size, steps, depth, isComplete });
  while (level.length > 0) {
    const next: Reached[] = [];
    for (const reached of level) {
      if (known.size >= statesMax || stop?.() === true) return searched(false);
      const settled = open(reached);
      const choices = settled.choices();
      settled.settle(settled.nowMs + SETTLE_MS);
      settled.ledger.checkSettled();
      for (const choice of choices) {
        const world = open(reached);
        world.apply(choice);
        steps += 1;
        const state = world.hash(hash);
        const before = known.get(state);
        if (before === undefined) {
          const found = { from: reached, choice, depth: reached.depth + 1 };
          known.set(state, found);
          next.push(found);
        } else if (++merges % doubtEach === 0) sameFuture(open(before), world, hash);
      }
      progress?.({ ...searched(false), waiting: next.length });
    }
    level = next;
    depth += level.length > 0 ? 1 : 0;
  }
  return searched(true);
}

/** What the hash does not see would show here. */
function sameFuture(one: SmallWorld, other: SmallWorld, hash: GraphHash): void {
  const [choices, others] = [one.choices().join(), other.choices().join()];
  for (const world of [one, other]) world.settle(world.nowMs + SETTLE_MS);
  if (choices === others && one.hash(hash) === other.hash(hash)) return;
  const traces = [one, other].map(({ ledger }) => ledger.trace.join('\n  '));
  throw new Error(`two states look the same, and are not:\n  ${traces.join('\nand\n  ')}`);
}

function replay(reached: Reached, site: Site, budget: Budget, CoreClass: typeof Core): SmallWorld {
  const choices: string[] = [];
  for (let each: Reached | undefined = reached; each?.from !== undefined; each = each.from) choices.push(each.choice);
  const world = new SmallWorld(site, budget, CoreClass);
  for (const choice of choices.reverse()) world.apply(choice);
  return world;
}
