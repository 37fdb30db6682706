import type { BridgeState, InputHealth, Reception, Signal, UnknownSignal } from '../../../gateway/core/signal.ts';
import type { InputSink } from '../../../gateway/inputs/input-driver.ts';

const PATIENCE_MS = 5_000;

/** Records all reports of a driver and lets a test wait for more. */
export class RecordingSink implements InputSink {
  readonly signals: Signal[] = [];
  readonly unknown: UnknownSignal[] = [];
  readonly healths: InputHealth[] = [];
  readonly receptions: Reception[] = [];
  readonly bridges: BridgeState[] = [];
  onSignal: (signal: Signal) => void = () => undefined;
  #waiting: { met: () => boolean; resolve: () => void }[] = [];

  signal(signal: Signal): void {
    this.signals.push(signal);
    this.onSignal(signal);
    this.check();
  }

  unknownSignal(signal: UnknownSignal): void {
    this.unknown.push(signal);
    this.check();
  }

  health(health: InputHealth): void {
    this.healths.push(health);
    this.check();
  }

  bridge(state: BridgeState): void {
    this.bridges.push(state);
    this.check();
  }

  reception(reception: Reception): void {
    this.receptions.push(reception);
    this.check();
  }

  get presses(): Signal[] {
    return this.signals.filter((signal) => signal.body.type === 'press');
  }

  get states(): string[] {
    return this.healths.map((health) => health.state);
  }

  /** Resolves as soon as `met` is true. It is checked at each report. */
  async until(what: string, met: () => boolean): Promise<void> {
    if (met()) return;
    await new Promise<void>((resolve, reject) => {
      const alarm = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), PATIENCE_MS);
      this.#waiting.push({
        met,
        resolve: () => {
          clearTimeout(alarm);
          resolve();
        },
      });
    });
  }

  check(): void {
    const met = this.#waiting.filter((one) => one.met());
    this.#waiting = this.#waiting.filter((one) => !met.includes(one));
    for (const one of met) one.resolve();
  }
}
