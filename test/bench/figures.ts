import { type Quantiles, quantiles } from '../rig/quantiles.ts';
import type { Arrival, RigRecords, WallAnswer } from './records.ts';

export interface PressFigures {
  readonly presses: number;
  /** From the press on the wire to the first byte of its report at the receiver. */
  readonly firstByteMs: Quantiles;
  /** To `accepted`, back at the wall; absent if the contestant answers no wall. */
  readonly acceptedMs?: Quantiles;
  /** Presses whose report never arrived. */
  readonly lost: number;
  /** Of those, presses that the wall was shown as heard. */
  readonly lostAfterHeard: number;
  /** Reports that came again under another sequence number, so that a receiver shows them twice. */
  readonly twice: number;
  /** Reports that more later presses of their line overtook than racing connections explain. */
  readonly reordered: number;
  /** From the last press to the last report. */
  readonly drainMs: number;
  /** How late the rig wrote the last press. */
  readonly lateMs: number;
  readonly badFrames: number;
}

interface JudgedPress {
  readonly id?: string;
  readonly dueMs: number;
  readonly line?: number;
}

/**
 * Judges one load.
 * @param presses what was scheduled, in that order; a link's change has no id
 * @param connections how many reports may be under way side by side
 */
export function figuresOf(presses: readonly JudgedPress[], records: RigRecords, connections: number): PressFigures {
  const pressedMs = new Map<string, number>();
  const order = new Map<string, { readonly press: number; readonly line: number }>();
  const ids = new Set<string>();
  for (const [index, { id, line = 0 }] of presses.entries()) {
    if (id === undefined) continue;
    ids.add(id);
    const atMs = records.pressedMs.get(index);
    // A repeat is the same press: its first writing counts.
    if (atMs === undefined || pressedMs.has(id)) continue;
    pressedMs.set(id, atMs);
    order.set(id, { press: order.size, line });
  }
  const first = firstOfEach(records.arrivals, (id) => ids.has(id));
  const lost = [...ids].filter((id) => !first.has(id));
  const heard = new Set(records.answers.map(({ id }) => id));
  const accepted = firstAccepted(records.answers);
  const since = (times: ReadonlyMap<string, number>) =>
    quantiles([...times].flatMap(([id, atMs]) => (pressedMs.has(id) ? [atMs - (pressedMs.get(id) ?? 0)] : [])));
  const firstByteMs = new Map([...first].map(([id, arrival]) => [id, arrival.firstByteMs]));
  const lastPressMs = maximum(pressedMs.values());
  const arrived = [...first.keys()].flatMap((id) => order.get(id) ?? []);
  return {
    presses: ids.size,
    firstByteMs: since(firstByteMs),
    ...(accepted.size > 0 && { acceptedMs: since(accepted) }),
    lost: lost.length,
    lostAfterHeard: lost.filter((id) => heard.has(id)).length,
    twice: shownTwice(records.arrivals, first),
    reordered: overtakenOnLines(arrived).filter((by) => by >= connections).length,
    drainMs: Math.max(0, maximum(firstByteMs.values()) - lastPressMs),
    lateMs: lateness(presses, records),
    badFrames: records.badFrames,
  };
}

function firstOfEach(arrivals: readonly Arrival[], isOurs: (id: string) => boolean): Map<string, Arrival> {
  const first = new Map<string, Arrival>();
  for (const arrival of arrivals) if (isOurs(arrival.id) && !first.has(arrival.id)) first.set(arrival.id, arrival);
  return first;
}

function firstAccepted(answers: readonly WallAnswer[]): Map<string, number> {
  const accepted = new Map<string, number>();
  for (const { id, status, atMs } of answers) if (status === 'accepted' && !accepted.has(id)) accepted.set(id, atMs);
  return accepted;
}

/** The same sequence number again is a repeat that every receiver knows (DC-09 section 5.5.1.4). */
function shownTwice(arrivals: readonly Arrival[], first: ReadonlyMap<string, Arrival>): number {
  return new Set(
    arrivals.filter(({ id, sequence }) => (first.get(id)?.sequence ?? sequence) !== sequence).map(({ id }) => id),
  ).size;
}

/** Nothing says which of two lines is read first. */
function overtakenOnLines(arrived: readonly { readonly press: number; readonly line: number }[]): number[] {
  const lines = new Set(arrived.map(({ line }) => line));
  return [...lines].flatMap((line) =>
    overtaken(arrived.filter((each) => each.line === line).map(({ press }) => press)),
  );
}

/** Returns for each arrival how many later presses were there before it. */
export function overtaken(order: readonly number[]): number[] {
  const size = order.length === 0 ? 0 : maximum(order) + 1;
  // A binary indexed tree of the presses that have arrived (Fenwick 1994).
  const tree = new Uint32Array(size + 1);
  let arrived = 0;
  return order.map((press) => {
    let earlier = 0;
    for (let at = press + 1; at > 0; at -= at & -at) earlier += tree[at] ?? 0;
    for (let at = press + 1; at <= size; at += at & -at) tree[at] = (tree[at] ?? 0) + 1;
    return arrived++ - earlier;
  });
}

function lateness(presses: readonly { readonly dueMs: number }[], { pressedMs }: RigRecords): number {
  const [first] = presses;
  const firstMs = pressedMs.get(0);
  const last = maximum(pressedMs.keys());
  const lastDueMs = presses[last]?.dueMs;
  if (first === undefined || firstMs === undefined || lastDueMs === undefined) return 0;
  return (pressedMs.get(last) ?? 0) - firstMs - (lastDueMs - first.dueMs);
}

function maximum(values: Iterable<number>): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) most = Math.max(most, value);
  return most;
}
