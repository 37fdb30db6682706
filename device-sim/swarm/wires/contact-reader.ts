import type { FirmataSettings } from '../../../gateway/inputs/firmata/settings.ts';
import { ContactLines } from '../../../gateway/inputs/gpio/contact-lines.ts';
import type { GpioSettings } from '../../../gateway/inputs/gpio/settings.ts';
import type { InputSink } from '../../../gateway/inputs/input-driver.ts';
import type { WiredContact } from '../../../gateway/inputs/wired-contact.ts';
import type { MonoMs } from '../../../protocol/clocks.ts';
import { type LoopState, loopState } from '../../../protocol/supervised-loop.ts';

type Fault = 'cut' | 'short' | undefined;

interface Shown {
  readonly wired: WiredContact;
  readonly isActive: boolean;
  readonly fault: Fault;
}

/** The voltages of a loop with a resistor at each end, as shares of the supply. */
const RATIOS = { normal: 0.5, active: 0.667, cut: 1, short: 0 } as const;

/** What the drivers of gpio and firmata make of levels and voltages. */
export class ContactReader {
  readonly #settings: GpioSettings | FirmataSettings;
  readonly #sink: Pick<InputSink, 'signal'>;
  readonly #lines: ContactLines;
  readonly #lineOf: ReadonlyMap<string, number>;
  readonly #loops = new Map<WiredContact, LoopState>();

  constructor(settings: GpioSettings | FirmataSettings, sink: Pick<InputSink, 'signal'>) {
    this.#settings = settings;
    this.#sink = sink;
    const digital = settings.contacts.filter(({ contact }) => contact !== 'doubleEndOfLine');
    this.#lines = new ContactLines(settings.id, digital, sink as InputSink);
    this.#lineOf = new Map(this.#lines.lines.map(({ name }, line) => [name, line]));
  }

  level(contact: WiredContact, isActive: boolean, fault: Fault, capturedMs: MonoMs): void {
    // A reload may have taken it away.
    const wired = this.#settings.contacts.find(({ pin, device }) => pin === contact.pin && device === contact.device);
    if (wired === undefined) return;
    if (wired.contact === 'doubleEndOfLine')
      this.#loop(wired, fault ?? (isActive ? 'active' : 'normal'), false, capturedMs);
    else {
      const line = this.#lineOf.get(wired.pin);
      const cut = wired.cutPin === undefined ? undefined : this.#lineOf.get(wired.cutPin);
      if (cut !== undefined) this.#lines.edge(cut, fault === 'cut' ? 0 : 1, capturedMs);
      if (line !== undefined) this.#lines.edge(line, levelOf(wired, isActive, fault), capturedMs);
    }
  }

  readAll(all: readonly Shown[], capturedMs: MonoMs): void {
    for (const { wired, isActive, fault } of all) {
      const known = this.#settings.contacts.find(({ pin, device }) => pin === wired.pin && device === wired.device);
      if (known?.contact === 'doubleEndOfLine')
        this.#loop(known, fault ?? (isActive ? 'active' : 'normal'), true, capturedMs);
      else if (known !== undefined) {
        const cut = known.cutPin === undefined ? undefined : this.#lineOf.get(known.cutPin);
        const line = this.#lineOf.get(known.pin);
        if (cut !== undefined) this.#lines.setLevel(cut, fault === 'cut' ? 0 : 1);
        if (line !== undefined) this.#lines.setLevel(line, levelOf(known, isActive, fault));
      }
    }
    this.#lines.tellAll(new Set(this.#lineOf.values()), capturedMs);
  }

  #loop(wired: WiredContact, is: keyof typeof RATIOS, again: boolean, capturedMs: MonoMs): void {
    const before = this.#loops.get(wired);
    const state = loopState('doubleEndOfLine', RATIOS[is], before);
    this.#loops.set(wired, state);
    if (state === before && !again) return;
    const { device, of, number } = wired;
    const body = { type: 'contact', of, number, state } as const;
    this.#sink.signal({ input: this.#settings.id, device, authenticated: false, capturedMs, body });
  }
}

/** A cut cable opens a bare contact, a shorted one closes it. */
function levelOf({ contact, pull }: WiredContact, isActive: boolean, fault: Fault): 0 | 1 {
  const isClosed = fault === undefined ? isActive === (contact !== 'normallyClosed') : fault === 'short';
  return isClosed === (pull === 'down') ? 1 : 0;
}
