import type { FailureReason } from '../../core/report.ts';

/** Why the TNC can't be used, as text for a person. */
export interface TncTrouble {
  readonly reason: FailureReason;
  readonly detail: string;
}

export interface TncListener {
  /** The TNC is writable, and a new byte stream begins. */
  opened(): void;
  /** `chunk` is valid only during the call. */
  bytes(chunk: Uint8Array): void;
  /** It is open, but recent frames were not transmitted. */
  notSent(trouble: TncTrouble): void;
  /** It was open and is not any more. May be called from within `write`. */
  lost(trouble: TncTrouble): void;
}

/** A connection to a TNC. It stays open for ever, and is reopened in the background. */
export interface Tnc {
  start(): void;
  /** No event follows. */
  stop(): Promise<void>;
  /** Absent: it is open. */
  readonly trouble: TncTrouble | undefined;
  /** Never waits. False: no part of it will be sent. */
  write(bytes: Uint8Array): boolean;
}

/** Bytes that may wait for a TNC that reads nothing; a few dozen frames. */
export const WAITING_BYTES_MAX = 8_192;

export function fullOf(where: string): TncTrouble {
  return { reason: 'unreachable', detail: `the TNC at ${where} takes no more bytes: is it running, and in KISS mode?` };
}
