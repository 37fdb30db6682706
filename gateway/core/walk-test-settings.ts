import type { PressPattern } from '../../protocol/press-pattern.ts';

/** What is a test while a walk test runs, and what must be proven how often. */
export interface WalkTestSettings {
  /** Presses in these patterns are real even while a walk test covers their device. */
  readonly realPatterns: ReadonlySet<PressPattern>;
  /** A button that is held for this long is real; 0: however long it is held, it is a test. */
  readonly realHoldMs: number;
  /** A press that follows another of its button within this time is real; 0: never. */
  readonly realRepeatMs: number;
  /** Radio: weakest reception at which a place is accepted, dBm. */
  readonly weakestDbm: number;
  /** What was not proven for longer than this is a trouble; absent: nobody asks. */
  readonly provenWithinMs?: number;
  /** The local hour at which the unproven are reported, 0…23. */
  readonly reportHour: number;
}

/** For a site that configures nothing else: a single press is a test, and nothing is asked for. */
const WALK_TEST_DEFAULTS: WalkTestSettings = {
  realPatterns: new Set(['hold', 'long', 'longDouble', 'longTriple', 'double', 'triple']),
  realHoldMs: 3_000,
  realRepeatMs: 3_000,
  weakestDbm: -80,
  reportHour: 7,
};

/** Those of a site. */
export function walkTestSettings({ walkTest }: { readonly walkTest?: WalkTestSettings }): WalkTestSettings {
  return walkTest ?? WALK_TEST_DEFAULTS;
}
