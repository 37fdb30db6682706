/**
 * Inputs and paths whose drivers a reload stops and starts, by configuration id. An input has its
 * other health ids beside it.
 */
export interface Reopened {
  readonly inputs: ReadonlySet<string>;
  readonly paths: ReadonlySet<string>;
}

/** Why a site can't be taken up now. */
export interface Obstacle {
  /** For a person. */
  readonly text: string;
  /** It is over within seconds. */
  readonly isBrief: boolean;
}
