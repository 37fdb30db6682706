import type { MonoMs } from '../clocks.ts';

/** What became of one page. */
export type PageVerdict =
  /** The far end took it for transmission. Nothing is known of the pager. */
  | { readonly type: 'accepted' }
  /** `again`: it may be accepted another time. `why`: ends a sentence that names the pager. */
  | { readonly type: 'refused'; readonly again: boolean; readonly why: string };

export type CallEnd =
  /** Every page has its verdict. */
  | { readonly type: 'done' }
  | {
      readonly type: 'failed';
      readonly reason: 'unreachable' | 'refused' | 'closed' | 'protocolError';
      /** Plain words for a person. */
      readonly detail: string;
    };

/**
 * One call that hands pages over, from the open line to its end. Knows no clock: it is told the
 * monotonic time in ms, answers with what is to be written, one write each, and says when it wants
 * to be called. It ends by itself whatever the far end does. Never throws.
 */
export interface PagingDialogue {
  readonly end: CallEnd | undefined;
  /** When `due` is to be called; means nothing after the end. */
  readonly dueMs: MonoMs;
  /** By page; `undefined`: none yet. May turn from accepted to refused until the end. */
  readonly verdicts: readonly (PageVerdict | undefined)[];
  /** Ends the call properly at any point of it. */
  readonly farewell: Uint8Array;
  start(nowMs: MonoMs): readonly Uint8Array[];
  received(chunk: Uint8Array, nowMs: MonoMs): readonly Uint8Array[];
  due(nowMs: MonoMs): readonly Uint8Array[];
  /** The line is gone. */
  hungUp(detail: string): void;
}
