import type { ContactPlace, InputHealth } from '../../core/signal.ts';
import { monoMs } from '../../system/clock.ts';
import type { InputSink } from '../input-driver.ts';
import { type GpioTrouble, troublesText } from './gpio-trouble.ts';
import type { GpioSettings } from './settings.ts';

type Troubles = ReadonlyMap<string, GpioTrouble>;

/** What lines that can't be had mean for the devices and outputs on them. */
export class LineFaults {
  readonly #settings: GpioSettings;
  readonly #sink: InputSink;
  /** The fault last told of each device. */
  readonly #told = new Map<string, string>();

  constructor(settings: GpioSettings, sink: InputSink) {
    this.#settings = settings;
    this.#sink = sink;
  }

  /**
   * Tells the faults of devices that have changed.
   * @param troubles by name of the line
   */
  tellDevices(troubles: Troubles): void {
    const { id: input, contacts } = this.#settings;
    for (const device of new Set(contacts.map((contact) => contact.device))) {
      const own = contacts.filter((contact) => contact.device === device);
      const unread = own.filter(({ pin }) => troubles.has(pin)).map(({ of, number }): ContactPlace => ({ of, number }));
      const detail = troublesText(own.flatMap(({ pin, cutPin }) => detailsOf(troubles, pin, cutPin)));
      const fault = JSON.stringify([detail, unread]);
      if (this.#told.get(device) === fault) continue;
      this.#told.set(device, fault);
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
