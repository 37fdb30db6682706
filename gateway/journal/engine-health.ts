import { LONG_AGO_MS, type MonoMs } from '../../protocol/clocks.ts';
import type { JournalState } from './journal-health.ts';

/**
 * The journal is well again when it has had no further error for this long and writes where it
 * should. Milliseconds.
 */
export const CALM_MS = 600_000;

/** Reports how well the engine works. Reports each change once. */
export class EngineHealth {
  #tell: (state: JournalState, detail: string) => void;
  #monoMs: () => MonoMs;
  #state: JournalState = 'ok';
  #detail = '';
  #lastError = '';
  #lastErrorMs = LONG_AGO_MS;
  /**
   * What was lost while the engine could not write. It is reported once the engine can write again.
   */
  #owed: string | undefined;
  /** The details of the changes since `gather` began. */
  #gathered: string[] | undefined;

  constructor(tell: (state: JournalState, detail: string) => void, monoMs: () => MonoMs) {
    this.#tell = tell;
    this.#monoMs = monoMs;
  }

  get state(): JournalState {
    return this.#state;
  }

  /**
   * Runs an action that may meet several errors of one cause, and reports them as one change: the
   * final state with all details. Otherwise the centre would receive two troubles, degraded and
   * failed, within a millisecond.
   */
  gather<T>(action: () => T): T {
    if (this.#gathered !== undefined) return action();
    this.#gathered = [];
    const result = action();
    this.tellGathered();
    this.#gathered = undefined;
    return result;
  }

  /** Reports the gathered changes, if there are any. */
  tellGathered(): void {
    const details = this.#gathered?.splice(0) ?? [];
    if (details.length === 0) return;
    if (this.#state !== 'ok') this.#detail = [...new Set(details)].join('; ');
    this.#tell(this.#state, this.#detail);
  }

  /** Something was lost. The journal goes on, or tries to. */
  degrade(detail: string): void {
    this.#lastErrorMs = this.#monoMs();
    this.#lastError = detail;
    if (this.#state !== 'failed') this.#set('degraded', detail);
  }

  /** Records were lost. This is reported even if the engine can't write now. */
  lose(detail: string): void {
    if (this.#state === 'failed') this.#owed = detail;
    this.degrade(detail);
  }

  /** Nothing can be written. */
  fail(): void {
    if (this.#state !== 'failed') this.#set('failed', this.#lastError);
  }

  /** A segment could be begun: `isHome` if it is in the first directory. */
  writingAgain(path: string, isHome: boolean): void {
    if (this.#state !== 'failed') return;
    const owed = this.#owed;
    this.#owed = undefined;
    this.#set(
      isHome && owed === undefined ? 'ok' : 'degraded',
      [`writing again to ${path}`, owed ?? []].flat().join('; '),
    );
  }

  /** Call this regularly while the engine writes in the first directory. */
  calm(): void {
    if (this.#state === 'degraded' && this.#monoMs() - this.#lastErrorMs >= CALM_MS)
      this.#set('ok', 'no further error');
  }

  #set(state: JournalState, detail: string): void {
    if (state === this.#state && detail === this.#detail) return;
    this.#state = state;
    this.#detail = detail;
    if (this.#gathered === undefined) this.#tell(state, detail);
    else this.#gathered.push(detail);
  }
}
