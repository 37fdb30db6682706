import type { CanaryTest } from './alerts/canary-test.ts';
import type { Drills } from './alerts/drills.ts';
import type { AlertGroup, OpenAlerts } from './alerts/open-alerts.ts';
import type { Context } from './context.ts';
import type { LocalOutput } from './site.ts';
import type { Troubles } from './troubles/troubles.ts';
import type { OutputTest } from './walk-test/output-test.ts';

/** What an output can show. */
interface LocalOutputsDeps {
  readonly alerts: Pick<OpenAlerts, 'some'>;
  readonly troubles: Pick<Troubles, 'anyStands'>;
  readonly drills: Pick<Drills, 'runs'>;
  readonly canary: Pick<CanaryTest, 'presses'> | undefined;
  readonly outputTest: Pick<OutputTest, 'shows'>;
}

/**
 * Relays and LEDs of the site. Each follows from the present state, and is switched when that
 * changes.
 */
export class LocalOutputs {
  readonly #context: Context;
  readonly #deps: LocalOutputsDeps;
  readonly #said = new Map<string, boolean>();

  constructor(context: Context, deps: LocalOutputsDeps) {
    this.#context = context;
    this.#deps = deps;
  }

  /** Call this after everything else that an input has caused. */
  update(): void {
    for (const output of this.#context.site.outputs) {
      const shows = this.#shows(output) || this.#deps.outputTest.shows(output);
      const on = shows !== output.normallyEnergised;
      if (this.#said.get(output.id) !== on) this.#say(output, on);
    }
  }

  /** A board that comes back has lost its outputs' states: it gets them again. */
  inputUp(input: string): void {
    for (const { id, input: own } of this.#context.site.outputs) if (own === input) this.#said.delete(id);
  }

  /** It shows an alert now. */
  showsAlert(output: LocalOutput): boolean {
    return ['alarm', 'notConfirmed', 'lockdown'].includes(output.shows) && this.#shows(output);
  }

  /** A reload removes these, or changes them. */
  forget(outputs: Iterable<string>): void {
    for (const id of outputs) this.#said.delete(id);
  }

  #shows(output: LocalOutput): boolean {
    const { alerts, troubles, drills, canary } = this.#deps;
    switch (output.shows) {
      case 'trouble':
        return troubles.anyStands();
      case 'alarm':
        return alerts.some((group) => counts(group, output));
      case 'notConfirmed':
        return alerts.some((group) => group.notConfirmed && counts(group, output));
      case 'lockdown':
        return alerts.some((group) => group.locks && counts(group, output));
      case 'drill':
        return drills.runs(output.building);
      case 'canary':
        return canary?.presses ?? false;
    }
  }

  #say({ id, input }: LocalOutput, on: boolean): void {
    this.#said.set(id, on);
    this.#context.emit({ type: 'output', input, output: id, on });
  }
}

function counts(group: AlertGroup, { silentKinds, building, drills }: LocalOutput): boolean {
  if (group.silent && !silentKinds) return false;
  // A walk test tests the outputs one by one: a siren or a lock must not answer each press of it.
  if (group.exercise === 'test') return false;
  if (group.exercise === 'drill' && !drills) return false;
  return building === undefined || group.building === building;
}
