declare const clock: unique symbol;

/**
 * Empty in the product. Tests state times as plain numbers: `test/rig/plain-times.d.ts` adds a
 * member here, and a plain number passes as either time then. A time of the other clock is refused
 * in both.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be added to
export interface PlainTimes {}

type Brand<Clock> = keyof PlainTimes extends never ? { readonly [clock]: Clock } : { readonly [clock]?: Clock };

/**
 * Milliseconds of a clock that never runs back. Its origin is arbitrary and differs between starts
 * of the machine. A brand: the compiler refuses a plain number, so the sum of a `WallMs` and a
 * duration too. `after` makes a deadline.
 */
export type MonoMs = number & Brand<'mono'>;

/**
 * Milliseconds since 1970-01-01T00:00Z by a clock that may be wrong and may be set at any moment.
 */
export type WallMs = number & Brand<'wall'>;

/** Before and after every time of the monotonic clock. */
export const LONG_AGO_MS = Number.NEGATIVE_INFINITY as MonoMs;
export const NEVER_MS = Number.POSITIVE_INFINITY as MonoMs;

/** The time that is `ms` later, of the same clock; earlier, if `ms` is negative. */
export function after<T extends MonoMs | WallMs>(time: T, ms: number): T {
  return (time + ms) as T;
}

/** The earlier of two times of one clock. */
export function earlier<T extends MonoMs | WallMs>(one: T, other: T): T {
  return one < other ? one : other;
}

/** The later of two times of one clock. */
export function later<T extends MonoMs | WallMs>(one: T, other: T): T {
  return one > other ? one : other;
}
