import { after, earlier, LONG_AGO_MS, later, type MonoMs, type WallMs } from '../../../protocol/clocks.ts';
import type { Now } from '../time.ts';
import { overdueMs } from './waited-messages.ts';

/**
 * When a device was last known to be alive, by both clocks, and when it came back after a silence.
 */
export class LastProof {
  readonly #overdueMs: number;
  #backMs = LONG_AGO_MS;
  #isLost = false;
  #audibleMs = LONG_AGO_MS;
  #beforeMs = LONG_AGO_MS;
  #wallMs: WallMs | undefined;
  #monoMs = LONG_AGO_MS;

  constructor(heartbeatMs: number) {
    this.#overdueMs = overdueMs(heartbeatMs);
  }

  /** It is known to be away. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** When it was heard again after it was lost or overdue. */
  get backMs(): MonoMs {
    return this.#backMs;
  }

  /** When it could be heard again after it could not: it came back, or the way to it did. */
  get audibleMs(): MonoMs {
    return later(this.#audibleMs, this.#backMs);
  }

  /** Its last sign of life before that. */
  get beforeMs(): MonoMs {
    return this.#beforeMs;
  }

  /** `undefined`: not since the start. */
  get wallMs(): WallMs | undefined {
    return this.#wallMs;
  }

  get monoMs(): MonoMs {
    return this.#monoMs;
  }

  /** Its input or bridge came up: it can be heard from now on. */
  listening(nowMs: MonoMs): void {
    this.#audibleMs = nowMs;
    this.#beforeMs = this.#monoMs;
  }

  /** It is known to be away, or overdue. */
  isAway(nowMs: MonoMs): boolean {
    const sinceMs = later(this.#monoMs, this.#audibleMs);
    return this.#isLost || (sinceMs !== LONG_AGO_MS && nowMs - sinceMs > this.#overdueMs);
  }

  lost(): void {
    this.#isLost = true;
  }

  alive(agoMs: number, { monoMs, wallMs }: Now): void {
    if (this.isAway(monoMs)) {
      this.#backMs = monoMs;
      this.#beforeMs = this.#monoMs;
    }
    this.#isLost = false;
    const aliveMs = after(wallMs, -agoMs);
    // A wall clock that was ahead may have been set back since the last proof.
    this.#wallMs = earlier(later(aliveMs, this.#wallMs ?? aliveMs), wallMs);
    this.#monoMs = later(this.#monoMs, after(monoMs, -agoMs));
  }
}
