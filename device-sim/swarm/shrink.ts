import type { Life } from './life/life-shape.ts';
import { type Lived, runLife } from './run-life.ts';

const LIVES_MAX = 400;
const CLEAR_MS = 60_000;

interface Shrunk {
  readonly life: Life;
  readonly lived: Lived;
  /** Lives that were tried. */
  readonly tries: number;
}

/**
 * Makes the life simpler as long as it breaks the same promise: fewer events, a shorter storm,
 * shorter disturbances. `undefined`: it breaks none.
 */
export function shrink(life: Life, run: (life: Life) => Lived = (each) => runLife(each)): Shrunk | undefined {
  const first = run(life);
  const promise = first.broken[0]?.promise;
  if (promise === undefined) return undefined;
  let best: Shrunk = { life, lived: first, tries: 1 };
  const isStillBroken = (candidate: Life): boolean => {
    if (best.tries >= LIVES_MAX) return false;
    const lived = run(candidate);
    const isBroken = lived.broken.some((each) => each.promise === promise);
    best = isBroken ? { life: candidate, lived, tries: best.tries + 1 } : { ...best, tries: best.tries + 1 };
    return isBroken;
  };
  shorten(() => best, isStillBroken);
  removeEvents(() => best.life, isStillBroken);
  shorten(() => best, isStillBroken);
  simplify(() => best.life, isStillBroken);
  return best;
}

type Try = (life: Life) => boolean;

/** Nothing after the first break matters. */
function shorten(now: () => Shrunk, isStillBroken: Try): void {
  const { life, lived } = now();
  const atMs = lived.broken[0]?.atMs ?? life.stormMs;
  const events = life.events.filter((event) => event.atMs <= atMs);
  const lastMs = events.reduce((last, event) => Math.max(last, event.atMs), 0);
  if (isStillBroken({ ...life, events, stormMs: Math.min(life.stormMs, Math.max(atMs, lastMs) + 1) })) {
    for (const clearMs of [CLEAR_MS, life.clearMs / 4, life.clearMs / 2]) {
      if (clearMs < life.clearMs && isStillBroken({ ...now().life, clearMs })) return;
    }
  }
}

/** Takes out halves, then quarters, down to single events (A. Zeller, "Delta debugging", 2002). */
function removeEvents(now: () => Life, isStillBroken: Try): void {
  for (let size = Math.ceil(now().events.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < now().events.length; ) {
      const { events } = now();
      const left = [...events.slice(0, from), ...events.slice(from + size)];
      if (!isStillBroken({ ...now(), events: left })) from += size;
    }
  }
}

/** Shorter disturbances, and a gateway that ends at once and comes back at once. */
function simplify(now: () => Life, isStillBroken: Try): void {
  for (let place = 0; place < now().events.length; place++) {
    const event = now().events[place];
    if (event === undefined) continue;
    const simpler = [
      ...('forMs' in event
        ? [
            { ...event, forMs: 1_000 },
            { ...event, forMs: 15_000 },
          ]
        : []),
      ...('downMs' in event ? [{ ...event, downMs: 10, afterEffects: 0 }] : []),
      ...('heldMs' in event && event.heldMs > 100 ? [{ ...event, heldMs: 100 }] : []),
    ];
    for (const each of simpler) {
      const events = now().events.map((old, at) => (at === place ? each : old));
      if (isStillBroken({ ...now(), events })) break;
    }
  }
}
