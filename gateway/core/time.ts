/**
 * The two clocks, handed to the core with every input. Deadlines are kept in `monoMs` only; `wallMs` is an annotation, because a
 * Pi boots in 1970 and its clock may be set at any moment.
 */
export interface Now {
  /** Milliseconds of a clock that never runs back; its origin is arbitrary and differs between runs. */
  readonly monoMs: number;
  /** Milliseconds since 1970-01-01T00:00Z as this machine believes them. */
  readonly wallMs: number;
}
