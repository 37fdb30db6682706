/** Options that tests replace. Times in ms. */
export interface ControlLimits {
  /** Connections at once. Each may ask once. */
  readonly connections: number;
  /** Time from the connection to its whole line. */
  readonly askMs: number;
  /** Time from the line to the core's answer. */
  readonly answerMs: number;
  /** Time from the request of a reload to its answer. */
  readonly reloadMs: number;
  /** Time for the client to read the answer. */
  readonly hangUpMs: number;
  /** Time between two checks that the socket is still there. */
  readonly lookMs: number;
}

export const LIMITS: ControlLimits = {
  connections: 8,
  askMs: 5000,
  answerMs: 5000,
  reloadMs: 90_000,
  hangUpMs: 1000,
  lookMs: 1000,
};
