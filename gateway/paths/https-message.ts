import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { MonoMs } from '../../protocol/clocks.ts';
import type { Fault } from './connection-fault.ts';

export interface HttpsRequest {
  readonly method: 'POST' | 'HEAD';
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

/** An answer as far as it was read. */
export interface HttpsAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /** False: the body is longer than what was read of it. */
  readonly isWhole: boolean;
}

/**
 * Receives the progress of a request. Nothing is called within `send` or after `drop`, and only one
 * of `answered` and `failed` is.
 */
export interface HttpsListener {
  /** The request was handed to the network; at most once. */
  sent(atMs: MonoMs): void;
  /** The whole answer has arrived, or as much of it as we read. */
  answered(answer: HttpsAnswer): void;
  failed(fault: Fault): void;
}

/** A request under way. */
export interface HttpsSending {
  /** Its listener is not called any more. */
  drop(): void;
}
