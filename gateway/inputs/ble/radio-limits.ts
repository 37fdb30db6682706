export interface RadioLimits {
  /** Between two looks whether a radio that is away has come back, and two pings. */
  readonly pollMs: number;
  /** A process says something within this, however busy the machine is. */
  readonly beginMs: number;
  /** A process that does not listen this long after it began is given up. */
  readonly startMs: number;
  /** Waits between starts that fail, doubling. */
  readonly retryMs: number;
  readonly retryMsMax: number;
  /** Pings in a row without an answer. */
  readonly unanswered: number;
  /** Grown beyond this, the process is replaced. */
  readonly residentBytesMax: number;
}

export const RADIO_LIMITS: RadioLimits = {
  pollMs: 1_000,
  beginMs: 30_000,
  startMs: 10_000,
  retryMs: 500,
  retryMsMax: 30_000,
  unanswered: 10,
  residentBytesMax: 192 * 1024 * 1024,
};
