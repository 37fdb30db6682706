import type { MonoMs, WallMs } from '../../protocol/clocks.ts';

/**
 * The two clocks, handed to the core with every input. Deadlines are kept in `monoMs` only.
 * `wallMs` is an annotation, because a Raspberry Pi boots in 1970 and its clock may be set at any
 * moment.
 */
export interface Now {
  readonly monoMs: MonoMs;
  readonly wallMs: WallMs;
}
