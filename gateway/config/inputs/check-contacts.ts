import { Unique } from '../fields/unique.ts';
import { listed } from '../fields/values.ts';
import type { View } from '../read/view.ts';
import { isBare } from './contact-fields.ts';

/** A button or point of a device. */
export interface ContactView {
  readonly view: View;
  /** `button panic of pull-101`. */
  readonly name: string;
}

export function contactsOf(device: View): ContactView[] {
  const id = device.text('id') ?? '?';
  return [
    ...device.list('buttons').map((view) => ({ view, name: `button ${view.text('id') ?? '?'} of ${id}` })),
    ...device.list('points').map((view) => ({ view, name: `point ${view.text('id') ?? '?'} of ${id}` })),
  ];
}

/** The pins of one board or module. Each pin has one use. */
export class Pins {
  readonly #used = new Unique('one pin serves one contact or output; give each its own');
  readonly #named: (pin: string) => string;

  /** @param named the pin's canonical name, however it was written */
  constructor(named: (pin: string) => string) {
    this.#named = named;
  }

  add(view: View, key: string): void {
    const written = view.text(key);
    if (written === undefined) return;
    const pin = this.#named(written);
    this.#used.add(view, key, pin, `pin ${pin}`);
  }
}

/** One warning for each input, however many contacts are bare: they are a choice made once. */
export function warnOfBareContacts(input: View, devices: readonly View[], hint: string): void {
  const bare = devices.filter((device) => contactsOf(device).some(({ view }) => isBare(view.text('contact'))));
  if (bare.length === 0) return;
  const names = listed(bare.map((device) => device.text('id') ?? '?'));
  input.warn('id', `a cut cable to ${names} can't be told from a contact at rest or pressed: not supervised`, hint);
}
