/** One wire of a channel between two columns, by the heights and sides of its ends. */
interface Track {
  readonly from: number;
  readonly to: number;
  readonly sides: readonly ['left' | 'right', 'left' | 'right'];
}

/**
 * Returns the track of each wire in the channel, from the left. Swapping neighbours minimizes the
 * crossings.
 */
export function orderTracks(wires: readonly Track[]): number[] {
  // A wire that goes down is best left of those that start above it; one that goes up, right of
  // them.
  const order = wires.map((_, i) => i);
  order.sort((a, b) => slope(wires[a]) - slope(wires[b]) || (wires[b]?.from ?? 0) - (wires[a]?.from ?? 0));
  for (let improved = true; improved; ) {
    improved = false;
    for (let i = 0; i < order.length; i++) {
      for (let j = i + 1; j < order.length; j++) {
        const swapped = order.with(i, order[j] ?? 0).with(j, order[i] ?? 0);
        if (crossings(wires, swapped) >= crossings(wires, order)) continue;
        order.splice(0, order.length, ...swapped);
        improved = true;
      }
    }
  }
  return wires.map((_, i) => order.indexOf(i));
}

function slope(wire: Track | undefined): number {
  return wire === undefined ? 0 : Math.sign(wire.to - wire.from);
}

function crossings(wires: readonly Track[], order: readonly number[]): number {
  const at = wires.map((_, i) => order.indexOf(i));
  let count = 0;
  for (const [i, one] of wires.entries()) {
    for (const [j, other] of wires.entries()) {
      if (i === j) continue;
      const [top, bottom] = [Math.min(one.from, one.to), Math.max(one.from, one.to)];
      const ends = [
        { y: other.from, side: other.sides[0] },
        { y: other.to, side: other.sides[1] },
      ];
      for (const { y, side } of ends) {
        // The other wire's level part reaches from its box to its own track.
        const passes = side === 'right' ? (at[i] ?? 0) < (at[j] ?? 0) : (at[i] ?? 0) > (at[j] ?? 0);
        if (passes && y > top && y < bottom) count++;
      }
    }
  }
  return count;
}
