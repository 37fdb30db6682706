import type { MonoMs } from '../clocks.ts';

/** The result for one page. */
export type PageVerdict =
  /** The far end accepted it for transmission. Whether the pager received it is unknown. */
  | { readonly type: 'accepted' }
  /** `again` is true if a later try may be accepted. `why` ends a sentence that names the pager. */
  | { readonly type: 'refused'; readonly again: boolean; readonly why: string };

export type CallEnd =
  /** Every page has its result. */
  | { readonly type: 'done' }
  | {
      readonly type: 'failed';
      readonly reason: 'unreachable' | 'refused' | 'closed' | 'protocolError';
      /** Plain text for a person. */
      readonly detail: string;
    };

/**
 * One call that delivers pages, from the open line to its end. It has no clock: the caller passes
 * the monotonic time in ms. It returns the bytes to write, one write each, and the time of its next
 * call. It ends by itself whatever the far end does. Never throws.
 */
export interface PagingDialogue {
  readonly end: CallEnd | undefined;
  /** Time of the next call to `due`. It means nothing after the end. */
  readonly dueMs: MonoMs;
  /**
   * Results by page; `undefined` for none yet. Until the end, accepted may still turn into refused.
   */
  readonly verdicts: readonly (PageVerdict | undefined)[];
  /** Ends the call properly at any point. */
  readonly farewell: Uint8Array;
  start(nowMs: MonoMs): readonly Uint8Array[];
  received(chunk: Uint8Array, nowMs: MonoMs): readonly Uint8Array[];
  due(nowMs: MonoMs): readonly Uint8Array[];
  /** Takes the loss of the line. */
  hungUp(detail: string): void;
}
