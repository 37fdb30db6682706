import type { FailureReason } from '../core/report.ts';

/** Receives the events of one call: never from within `call` itself, and none after `end`. */
export interface CallListener {
  opened(): void;
  /** `chunk` is valid only during the call of this method. */
  bytes(chunk: Uint8Array): void;
  /** The call is over, or could not be made. Nothing comes after it. */
  lost(reason: FailureReason, detail: string): void;
}

export interface Call {
  write(bytes: Uint8Array): void;
  /** Ends the call when everything written has left. */
  end(): void;
}

/** A line on which calls are made, one at a time. */
export interface CallLine {
  start(): void;
  /** Ends every call. Resolves within a second. */
  stop(): Promise<void>;
  call(listener: CallListener): Call;
}
