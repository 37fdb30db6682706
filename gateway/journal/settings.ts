export interface JournalSettings {
  /** Tried in order; the first that can be written is used, the next one after it fails. */
  readonly directories: readonly string[];
  /** A segment is closed at this size. Default 8 MiB. */
  readonly segmentBytes: number;
  /** Closed segments older than this may go. Default 400 days. */
  readonly retainMs: number;
  /** Oldest closed segments go while all together are larger. Default 512 MiB. */
  readonly retainBytes: number;
}
