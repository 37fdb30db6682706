import { after, earlier, later, type WallMs } from '../../../protocol/clocks.ts';

/** When a device was last known to be alive, by the wall clock. */
export class LastProof {
  #wallMs: WallMs | undefined;

  /** `undefined`: not since the start. */
  get wallMs(): WallMs | undefined {
    return this.#wallMs;
  }

  alive(agoMs: number, nowMs: WallMs): void {
    const aliveMs = after(nowMs, -agoMs);
    // A wall clock that was ahead may have been set back since the last proof.
    this.#wallMs = earlier(later(aliveMs, this.#wallMs ?? aliveMs), nowMs);
  }
}
