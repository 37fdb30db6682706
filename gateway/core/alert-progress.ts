import type { MonoMs } from '../../protocol/clocks.ts';
import type { AlertState } from '../../protocol/states.ts';
import type { Closing } from './make-report.ts';

/** A step that an alert has taken. */
export interface Step {
  /** Monotonic; `undefined`: it was taken in an earlier run. */
  readonly atMs: MonoMs | undefined;
}

/** A step that a path's far end has taken. */
export interface StepOnPath extends Step {
  readonly path: string;
}

/**
 * How far an alert has come, in the core and in the journal alike. No step is inferred from
 * another.
 */
export interface AlertProgress {
  /** A path has made an attempt. */
  readonly isSent: boolean;
  /** The path whose receiver was the first to acknowledge. */
  readonly acknowledged: { readonly path: string } | undefined;
  /** The path that handed the alert over, where that completes the alert's plan (`Plan.done`). */
  readonly handedOver: { readonly path: string } | undefined;
  /** The deadline has passed, and nothing had completed its plan by then. */
  readonly notConfirmed: boolean;
  readonly closed: Closing | undefined;
}

export function alertState({ closed, acknowledged, isSent }: AlertProgress): AlertState {
  if (closed !== undefined) return closed.state;
  if (acknowledged !== undefined) return 'acknowledged';
  return isSent ? 'sent' : 'raised';
}

/** The deadline has passed, and nothing has completed its plan since. */
export function isNotConfirmed({ notConfirmed, acknowledged, handedOver }: AlertProgress): boolean {
  return notConfirmed && acknowledged === undefined && handedOver === undefined;
}
