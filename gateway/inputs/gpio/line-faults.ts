import type { ContactPlace, InputHealth } from '../../core/signal.ts';
import { monoMs } from '../../system/clock.ts';
import type { InputSink } from '../input-driver.ts';
import { type GpioTrouble, troublesText } from './gpio-trouble.ts';
import type { GpioSettings } from './settings.ts';

type Troubles = ReadonlyMap<string, GpioTrouble>;

/** Reports the faults of devices and outputs whose lines the driver could not take. */
export class LineFaults {
  readonly #settings: GpioSettings;
  readonly #sink: InputSink;
  /** The fault last reported for each device. */
  readonly #reported = new Map<string, string>();

  constructor(settings: GpioSettings, sink: InputSink) {
    this.#settings = settings;
    this.#sink = sink;
  }

  /**
   * Reports the faults that have changed.
   * @param troubles by name of the line
   */
  reportDevices(troubles: Troubles): void {
    const { id: input, contacts } = this.#settings;
    for (const device of new Set(contacts.map((contact) => contact.device))) {
      const own = contacts.filter((contact) => contact.device === device);
      const unread = own.filter(({ pin }) => troubles.has(pin)).map(({ of, number }): ContactPlace => ({ of, number }));
      const detail = troublesText(own.flatMap(({ pin, cutPin }) => detailsOf(troubles, pin, cutPin)));
      const fault = JSON.stringify([detail, unread]);
      if (this.#reported.get(device) === fault) continue;
      this.#reported.set(device, fault);
      const body = detail === '' ? ({ type: 'fault' } as const) : ({ type: 'fault', detail, unread } as const);
      this.#sink.signal({ input, device, authenticated: false, capturedMs: monoMs(), body });
    }
  }

  ofOutputs(troubles: Troubles): NonNullable<InputHealth['outputFaults']> {
    return this.#settings.outputs.flatMap(({ id, pin }) => {
      const trouble = troubles.get(pin);
      return trouble === undefined ? [] : { output: id, detail: trouble.message };
    });
  }
}

function detailsOf(troubles: Troubles, pin: string, cutPin: string | undefined): string[] {
  const trouble = troubles.get(pin);
  const cut = cutPin === undefined ? undefined : troubles.get(cutPin);
  return [
    ...(trouble === undefined ? [] : [trouble.message]),
    ...(cut === undefined ? [] : [`${cut.message} (meanwhile nobody notices a cut cable)`]),
  ];
}
