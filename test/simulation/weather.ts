export interface Weather {
  /** Chance that a frame on the button bus is lost, each way. */
  lineLoss: number;
  /** Chance that a frame arrives twice. */
  lineDuplicate: number;
  /** Chance that one bit of a frame flips. */
  lineFlip: number;
  /** Longest time a journal record waits to become durable, ms. */
  journalDelayMs: number;
  /** Nothing becomes durable. */
  journalStuck: boolean;
}

export const FAIR: Weather = { lineLoss: 0, lineDuplicate: 0, lineFlip: 0, journalDelayMs: 5, journalStuck: false };
