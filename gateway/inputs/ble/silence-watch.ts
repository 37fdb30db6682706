import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';

/** What to do about a radio that hears nothing, mildest first. */
export type SilenceStep = 'rescan' | 'reset' | 'restart' | 'down';

const STEPS: readonly SilenceStep[] = ['rescan', 'reset', 'restart', 'down'];

/**
 * Watches one radio: heard nothing that proves reception for too long, it is restarted in stages,
 * and then given up as deaf.
 */
export class SilenceWatch {
  readonly #silenceMs: number;
  readonly #stageMs: number;
  #step = 0;
  #sinceMs = LONG_AGO_MS;
  #running = false;

  /** @param stageMs what each stage has to bring reception back */
  constructor(silenceMs: number, stageMs: number) {
    this.#silenceMs = silenceMs;
    this.#stageMs = stageMs;
  }

  /** All stages were in vain. */
  get isDeaf(): boolean {
    return this.#step === STEPS.length;
  }

  /**
   * The radio listens, again or for the first time: what it is given to hear begins anew, the stage
   * stays.
   */
  listening(nowMs: MonoMs): void {
    this.#running = true;
    this.#sinceMs = nowMs;
  }

  /** The radio does not listen: its silence means nothing. */
  pause(): void {
    this.#running = false;
  }

  /** Heard what proves reception. True if a stage was under way. */
  proof(nowMs: MonoMs): boolean {
    const restored = this.#step > 0;
    this.#step = 0;
    this.#sinceMs = nowMs;
    return restored;
  }

  /** What is due now, once. A deaf radio is restarted again and again. */
  due(nowMs: MonoMs): SilenceStep | undefined {
    if (!this.#running) return undefined;
    const waitMs = this.#step === 0 || this.isDeaf ? this.#silenceMs : this.#stageMs;
    if (nowMs - this.#sinceMs < waitMs) return undefined;
    this.#sinceMs = nowMs;
    if (this.isDeaf) return 'restart';
    const step = STEPS[this.#step];
    this.#step += 1;
    return step;
  }
}
