import type { WallMs } from '../../../protocol/clocks.ts';
import type { PointState } from '../../../protocol/states.ts';
import type { Context } from '../context.ts';
import type { Door } from '../site.ts';
import { doorItemId } from '../site-items.ts';
import type { Proofs, WalkTestOfProof } from './proofs.ts';

/** A door in daily use is journalled no more often than this. */
const USE_MS = 86_400_000;

/** What a contact and a bolt have to show, in the order in which a tester does it. */
const CONTACT_STATES = ['open', 'closed'] as const;
const BOLT_STATES = ['unlocked', 'locked'] as const;

type Shown = (typeof CONTACT_STATES)[number] | (typeof BOLT_STATES)[number];

const AWAITED: Readonly<Record<Shown, string>> = {
  open: 'door to open',
  closed: 'door to close',
  unlocked: 'bolt to unlock',
  locked: 'bolt to lock',
};

interface DoorProofsDeps {
  readonly proofs: Pick<Proofs, 'seen' | 'last'>;
  /** The walk test that covers this door now. */
  walkTest(door: Door): WalkTestOfProof | undefined;
  /** A part of the door was seen to move in the walk test. */
  moved(door: Door, walkTest: WalkTestOfProof): void;
}

/** What was seen of one door, since its last proof or since the walk test began. */
interface Seen {
  readonly walkTest: string | undefined;
  readonly states: Set<Shown>;
  last: { readonly contact: PointState; readonly bolt: PointState };
}

/**
 * Proves doors: one is proven when its contact was seen open and closed again, and its bolt
 * unlocked and locked. Only changes count, so a contact that never moves proves nothing. Doors in
 * daily use prove themselves.
 */
export class DoorProofs {
  readonly #context: Context;
  readonly #deps: DoorProofsDeps;
  readonly #seen = new Map<string, Seen>();

  constructor(context: Context, deps: DoorProofsDeps) {
    this.#context = context;
    this.#deps = deps;
  }

  /** What is known of its contact or bolt may have changed. */
  heard(door: Door, contact: PointState, bolt: PointState): void {
    const walkTest = this.#deps.walkTest(door);
    const seen = this.#seenOf(door.id, walkTest?.id, { contact, bolt });
    const { last } = seen;
    seen.last = { contact, bolt };
    let isNew = false;
    for (const [before, now] of [
      [last.contact, contact],
      [last.bolt, bolt],
    ] as const) {
      if (before === now || before === 'unknown' || !isShown(now)) continue;
      isNew ||= !seen.states.has(now);
      seen.states.add(now);
    }
    if (!isNew) return;
    if (statesOf(door).every((state) => seen.states.has(state))) {
      seen.states.clear();
      if (walkTest !== undefined) this.#deps.proofs.seen(doorItemId(door.id), 'walkTest', walkTest);
      else if (this.#isUseDue(door.id)) this.#deps.proofs.seen(doorItemId(door.id), 'use', undefined);
    }
    if (walkTest !== undefined) this.#deps.moved(door, walkTest);
  }

  /** What a walk test has not seen of it yet; empty: it has seen nothing at all. */
  awaited(door: Door): readonly string[] {
    const seen = this.#seen.get(door.id);
    if (seen?.walkTest === undefined || seen.states.size === 0) return [];
    return statesOf(door).flatMap((state) => (seen.states.has(state) ? [] : [AWAITED[state]]));
  }

  #isUseDue(id: string): boolean {
    const at = this.#deps.proofs.last(doorItemId(id))?.at ?? (0 as WallMs);
    const { wallMs } = this.#context.now;
    return wallMs - at >= USE_MS || wallMs < at;
  }

  /** A walk test begins with nothing seen, and so does the time after it. */
  #seenOf(id: string, walkTest: string | undefined, now: Seen['last']): Seen {
    const seen = this.#seen.get(id);
    if (seen?.walkTest === walkTest && seen !== undefined) return seen;
    const fresh: Seen = { walkTest, states: new Set(), last: seen?.last ?? now };
    this.#seen.set(id, fresh);
    return fresh;
  }
}

function statesOf({ contact, bolt }: Door): readonly Shown[] {
  return [...(contact === undefined ? [] : CONTACT_STATES), ...(bolt === undefined ? [] : BOLT_STATES)];
}

function isShown(state: PointState): state is Shown {
  return Object.hasOwn(AWAITED, state);
}
