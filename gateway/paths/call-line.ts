import type { FailureReason } from '../core/report.ts';

/** Told of one call, never from within `call` itself, and nothing after `end`. */
export interface CallListener {
  opened(): void;
  /** `chunk` is lent for the call of this method only. */
  bytes(chunk: Uint8Array): void;
  /** The call is over, or never came about; nothing comes after it. */
  lost(reason: FailureReason, detail: string): void;
}

export interface Call {
  write(bytes: Uint8Array): void;
  /** Lets go once all that was written is out. */
  end(): void;
}

/** What calls are made over, one at a time. */
export interface CallLine {
  start(): void;
  /** Ends every call. Resolves within a second. */
  stop(): Promise<void>;
  call(listener: CallListener): Call;
}
