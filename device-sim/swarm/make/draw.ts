import { type Random, randomBelow } from '../../random.ts';

/** So many random bytes in hex. */
export function hexKey(random: Random, bytes: number): string {
  let text = '';
  for (let byte = 0; byte < bytes; byte++) text += randomBelow(random, 256).toString(16).padStart(2, '0');
  return text;
}

export function shuffled<T>(random: Random, all: readonly T[]): T[] {
  const rest = [...all];
  const result: T[] = [];
  while (rest.length > 0) result.push(...rest.splice(randomBelow(random, rest.length), 1));
  return result;
}

export function chance(random: Random, share: number): boolean {
  return random() < share;
}
