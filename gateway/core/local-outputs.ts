import type { AlertBook } from './alert-book.ts';
import type { Context } from './context.ts';
import type { LocalOutput } from './site.ts';
import type { Troubles } from './troubles.ts';

/** Relays and LEDs of the site: what each is to be follows from what stands, and is said when it changes. */
export class LocalOutputs {
  readonly #context: Context;
  readonly #alerts: AlertBook;
  readonly #troubles: Troubles;
  readonly #said = new Map<string, boolean>();

  constructor(context: Context, alerts: AlertBook, troubles: Troubles) {
    this.#context = context;
    this.#alerts = alerts;
    this.#troubles = troubles;
  }

  /** After everything else an input has caused. */
  update(): void {
    for (const output of this.#context.site.outputs) {
      const on = this.#shows(output) !== output.normallyEnergised;
      if (this.#said.get(output.id) !== on) this.#say(output, on);
    }
  }

  /** A board that comes back has forgotten: it is told again. */
  inputUp(input: string): void {
    for (const { id, input: own } of this.#context.site.outputs) if (own === input) this.#said.delete(id);
  }

  #shows({ shows, silentKinds }: LocalOutput): boolean {
    switch (shows) {
      case 'trouble':
        return this.#troubles.anyStands();
      case 'alarm':
        return this.#alerts.some((alert) => alert.closed === undefined && (silentKinds || !alert.kind.silent));
      // lockdown, drill, canary: with what they show
      case 'lockdown':
      case 'drill':
      case 'canary':
        return false;
      case 'notConfirmed':
        return this.#alerts.some(
          (alert) => alert.notConfirmed && !alert.acknowledged && (silentKinds || !alert.kind.silent),
        );
    }
  }

  #say({ id, input }: LocalOutput, on: boolean): void {
    this.#said.set(id, on);
    this.#context.emit({ type: 'output', input, output: id, on });
  }
}
