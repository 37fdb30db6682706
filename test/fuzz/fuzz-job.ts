import type { Failure } from './fuzz-loop.ts';

/** One target, in a thread of its own. */
export interface FuzzJob {
  readonly target: string;
  /** The file that it is in. */
  readonly file: string;
  readonly seconds: number;
  readonly runs: number;
  readonly seed: number;
  readonly corpus: readonly Uint8Array[];
  /** Executions, the length of the input that runs now, and its bytes. */
  readonly shared: SharedArrayBuffer;
}

/** Bytes of the shared memory before the input. */
export const SHARED_HEAD = 16;

export interface Progress {
  readonly executions: number;
  readonly blocks: number;
  readonly corpus: number;
  readonly seconds: number;
}

export type FromWorker =
  | { readonly type: 'found'; readonly input: Uint8Array }
  | ({ readonly type: 'progress' | 'done' } & Progress)
  | ({ readonly type: 'failed'; readonly failure: Failure } & Progress);
