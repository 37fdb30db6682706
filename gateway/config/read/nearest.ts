import { withoutKeys } from './mistake.ts';

/** No name is longer, and the time of a comparison grows with the square of the length. */
const WORD_LENGTH_MAX = 64;

/**
 * The candidate a mistyped word most likely meant; `undefined` if none is near (more than a third
 * of the letters differ).
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > WORD_LENGTH_MAX) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * The same of words that mean different things. If two are equally near, a person must choose: the
 * wrong one would be taken for the remedy.
 */
export function onlyNearest(word: string, candidates: readonly string[]): string | undefined {
  const near = nearest(word, candidates);
  return near === nearest(word, candidates.toReversed()) ? near : undefined;
}

/** `did you mean "reception"?`, or else the first few of the names that exist. */
export function suggest(word: string, candidates: readonly string[], none: string): string {
  const near = nearest(word, candidates);
  if (near !== undefined) return withoutKeys(`did you mean "${near}"?`);
  if (candidates.length === 0) return none;
  const more = candidates.length > 8 ? ' …' : '';
  return withoutKeys(`write one of: ${candidates.slice(0, 8).join(', ')}${more}`);
}

/** Letters to insert, delete, replace or swap with a neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replace, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
