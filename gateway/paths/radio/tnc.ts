import type { FailureReason } from '../../core/report.ts';

/** Why the TNC can't be used, in words for a person. */
export interface TncTrouble {
  readonly reason: FailureReason;
  readonly detail: string;
}

export interface TncListener {
  /** The TNC can be written to; the byte stream is a new one. */
  opened(): void;
  /** `chunk` is lent for the call only. */
  bytes(chunk: Uint8Array): void;
  /** It is open, but what it was given lately did not go on the air. */
  notSent(trouble: TncTrouble): void;
  /** It was open and is no more. May be called from within `write`. */
  lost(trouble: TncTrouble): void;
}

/** A connection to a TNC that is kept open for ever, and opened again in the background. */
export interface Tnc {
  start(): void;
  /** Nothing is told afterwards. */
  stop(): Promise<void>;
  /** Absent: it is open. */
  readonly trouble: TncTrouble | undefined;
  /** Never waits. False: nothing of it will be sent. */
  write(bytes: Uint8Array): boolean;
}

/** What waits for a TNC that reads nothing; a few dozen frames. */
export const WAITING_BYTES_MAX = 8_192;

export function fullOf(where: string): TncTrouble {
  return { reason: 'unreachable', detail: `the TNC at ${where} takes no more bytes: is it running, and in KISS mode?` };
}
