import { after, earlier, LONG_AGO_MS, later, type WallMs } from '../../../protocol/clocks.ts';
import type { Now } from '../time.ts';

/** When a device was last known to be alive, by both clocks. */
export class LastProof {
  #wallMs: WallMs | undefined;
  #monoMs = LONG_AGO_MS;

  /** `undefined`: not since the start. */
  get wallMs(): WallMs | undefined {
    return this.#wallMs;
  }

  get monoMs() {
    return this.#monoMs;
  }

  alive(agoMs: number, { monoMs, wallMs }: Now): void {
    const aliveMs = after(wallMs, -agoMs);
    // A wall clock that was ahead may have been set back since the last proof.
    this.#wallMs = earlier(later(aliveMs, this.#wallMs ?? aliveMs), wallMs);
    this.#monoMs = later(this.#monoMs, after(monoMs, -agoMs));
  }
}
