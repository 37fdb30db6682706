import type { WallMs } from '../../protocol/clocks.ts';
import type { PressPattern } from '../../protocol/press-pattern.ts';
import type { ProofKind, ProvenPath } from '../../protocol/walk-test-document.ts';

/**
 * Written when a walk test starts and ends, and every minute between, so that no restart lengthens
 * it. The last one outlives retention: its number must never come back.
 */
export interface WalkTestRecord {
  readonly t: 'walkTest';
  readonly at: WallMs;
  readonly id: string;
  readonly scope: string;
  readonly state: 'running' | 'ended';
  readonly startedAt: WallMs;
  readonly endsAt: WallMs;
  /** Remaining time when this was written, ms. */
  readonly leftMs: number;
  readonly by: string;
  readonly tester: string;
  readonly reason: string;
  /** When the command that started it was given: an older command is a replay. */
  readonly commandedAt: WallMs;
  /** Devices that reloads have moved into its place: their presses are real. */
  readonly movedIn?: readonly string[];
  /** Who ended it, and why. Only with `ended`. */
  readonly endedBy?: string;
  readonly endedReason?: string;
}

/**
 * An item was proven: the commissioning record of a button, door or output. Of each item the last
 * one in a walk test outlives retention, and the last one of another kind.
 */
export interface ProvenRecord {
  readonly t: 'proven';
  /** When it was pressed, moved or seen. */
  readonly at: WallMs;
  /** As in `WalkTestItem.item`. */
  readonly item: string;
  readonly proof: SavedProof;
}

/** One proof, as the journal keeps it. Its fields are those of `ProofDocument`. */
export interface SavedProof {
  readonly kind: ProofKind;
  readonly walkTest?: string;
  readonly tester?: string;
  readonly alert?: string;
  readonly pattern?: PressPattern;
  readonly authenticated?: boolean;
  readonly rssiDbm?: number;
  readonly marginDb?: number;
  readonly repeats?: number;
  readonly bounces?: number;
  readonly batteryMv?: number;
  readonly batteryPercent?: number;
  readonly lowBattery?: boolean;
  /** Fingerprint of the device's key: a device that was replaced is not proven. */
  readonly key?: string;
  readonly paths: readonly ProvenPath[];
}

/** Keeps the last record of a walk test. */
export const WALK_TEST_KEY = 'walkTest';

/** Keeps the last proof of an item: that of a walk test, and beside it that of another kind. */
export function provenKey({ item, proof }: ProvenRecord): string {
  return `${proof.kind === 'walkTest' ? 'tested' : 'proven'}:${item}`;
}
